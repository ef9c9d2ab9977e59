"""Limits and confines its own process, then replaces it with the given program.

Run as a script by :mod:`gala_renderer.sandbox.runner`, because ``preexec_fn`` is unsafe in a
process with threads, and ``bwrap``, ``prlimit`` and ``setpriv`` are not on every machine. Every
program start waits for it, so :mod:`gala_renderer.sandbox.apply` needs only a small part of the
standard library. Its arguments are those of a ``SandboxSpec``.
"""

from __future__ import annotations

import os
import sys


def _import_only_sandbox() -> None:
    """Make ``gala_renderer.sandbox`` importable without ``gala_renderer``, which loads slowly."""
    package = type(sys)("gala_renderer")
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    package.__path__ = [os.path.dirname(here)]  # noqa: PTH120
    sys.modules["gala_renderer"] = package


if __name__ == "__main__":
    _import_only_sandbox()
    from gala_renderer.sandbox.apply import main

    main(sys.argv[1:])
