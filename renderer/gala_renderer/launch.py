"""Limits and confines itself, then becomes the given program.

Run as a script by :mod:`gala_renderer.process`, because ``preexec_fn`` is unsafe in a process with
threads, and ``bwrap``, ``prlimit`` and ``setpriv`` are not on every machine. It stands between
every render and its start: the standard library, and of it as little as possible, is all that
:mod:`gala_renderer.sandbox.confine` needs. Its arguments are those of an ``Order``.
"""

# pathlib costs more than all the rest of a start.
# ruff: noqa: PTH100, PTH120

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # Started without any path of ours; behind the standard library, so that nothing shadows it.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from gala_renderer.sandbox.confine import main

    main(sys.argv[1:])
