"""Run a program that ends with its parent: ``die_with_parent.py PARENT SIGNAL UID:GID ARGV…``.

This script runs in an isolated interpreter (standard library only) and replaces itself with the
program by ``exec``, so no process remains in between. It first changes to ``UID:GID`` (``-`` keeps
the user) and then requests ``SIGNAL`` on the parent's death; the order matters, because changing
the user cancels that request. The request exists on Linux only: elsewhere the services of a killed
supervisor keep running.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(owner: str) -> None:
    """Change to the user and group ``uid:gid``, without supplementary groups."""
    uid, gid = (int(part) for part in owner.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, signum: int) -> None:
    """Request ``signum`` when ``parent`` ends; exit at once if it has ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:
            sys.exit(f"the parent process {parent} has ended")


def main(parent: str, signum: str, owner: str, *argv: str) -> None:
    """Change user, tie to the parent and execute ``argv``."""
    if owner != "-":
        become(owner)
    die_with(int(parent), int(signum))
    os.execvp(argv[0], argv)  # noqa: S606 - an argument list, never a shell


if __name__ == "__main__":
    main(*sys.argv[1:])
