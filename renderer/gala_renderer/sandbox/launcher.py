"""Limits and confines itself, then becomes the given program.

Run as a script by :mod:`gala_renderer.sandbox.runner`, because ``preexec_fn`` is unsafe in a process with
threads, and ``bwrap``, ``prlimit`` and ``setpriv`` are not on every machine. It stands between
every render and its start: the standard library, and of it as little as possible, is all that
:mod:`gala_renderer.sandbox.apply` needs. Its arguments are those of an ``Order``.
"""

from __future__ import annotations

import os
import sys


def _nothing_but_the_sandbox() -> None:
    """Let ``gala_renderer.sandbox`` be imported without ``gala_renderer``, which takes long."""
    package = type(sys)("gala_renderer")
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    package.__path__ = [os.path.dirname(here)]  # noqa: PTH120
    sys.modules["gala_renderer"] = package


if __name__ == "__main__":
    _nothing_but_the_sandbox()
    from gala_renderer.sandbox.apply import main

    main(sys.argv[1:])
