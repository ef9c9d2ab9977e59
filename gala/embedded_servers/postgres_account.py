"""The system user that PostgreSQL runs as under root, because it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any, Final

from gala.errors import GalaError
from gala.supervisor import Account

NAME: Final = "gala"


def server_account() -> Account | None:
    """Return the account to run servers as; ``None`` if this process is not root.

    Under root it is the system user ``gala``, created when first needed.

    Raises:
        GalaError: the user does not exist and cannot be created.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = _create()
    return Account(name=NAME, uid=entry.pw_uid, gid=entry.pw_gid)


def as_user(account: Account | None) -> dict[str, Any]:
    """Return the arguments that make :mod:`subprocess` run a command as this user."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def can_run(account: Account | None, program: Path) -> bool:
    """Return True if the user can reach and run the program."""
    return _succeeds(account, str(program), "--version")


def can_enter(account: Account | None, folder: Path) -> bool:
    """Return True if the user can enter the folder and all folders above it."""
    return _succeeds(account, "test", "-x", str(folder))


def _succeeds(account: Account | None, *command: str) -> bool:
    try:
        subprocess.run(command, check=True, capture_output=True, cwd="/", **as_user(account))
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _create() -> pwd.struct_passwd:
    home = ("--home-dir", "/nonexistent", "--no-create-home")
    command = ["useradd", "--system", *home, "--shell", "/usr/sbin/nologin", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "") or error
        raise GalaError(
            f"PostgreSQL does not run as root, and the user {NAME!r} cannot be created: {reason}",
            hint="run GALA as an ordinary user, or set DATABASE_URL to a server of your own",
        ) from error
    return pwd.getpwnam(NAME)
