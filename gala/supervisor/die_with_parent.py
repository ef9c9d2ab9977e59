"""Become a program that ends when its parent does: ``tether.py PARENT SIGNAL UID:GID ARGV…``.

Run as a script by an isolated interpreter (standard library only), it becomes the program by
``exec``, so nothing stays in between. Two things have to happen in the child and in this order,
because a change of user takes the tie to the parent away again: become ``UID:GID`` (``-`` keeps
the user), then ask Linux for ``SIGNAL`` when the parent dies. Elsewhere the second step is left
out: there a killed supervisor leaves its services running.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(owner: str) -> None:
    """Drop to ``uid:gid``, without any other group."""
    uid, gid = (int(part) for part in owner.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, signum: int) -> None:
    """Get ``signum`` when ``parent`` ends; leave at once if it ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:
            sys.exit(f"the parent {parent} is gone")


def main(parent: str, signum: str, owner: str, *argv: str) -> None:
    """See the module."""
    if owner != "-":
        become(owner)
    die_with(int(parent), int(signum))
    os.execvp(argv[0], argv)  # noqa: S606 - an argument list, never a shell


if __name__ == "__main__":
    main(*sys.argv[1:])
