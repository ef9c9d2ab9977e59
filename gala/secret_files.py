"""Generates the secrets of an installation in containers, once, as files.

``python -m gala.secret_files FOLDER``: the key that signs links, API keys and webhooks, the address
of Redis with its password, and the configuration of that Redis. Services read the first two as the
settings ``GALA_SECRET_KEY`` and ``REDIS_URL`` (:class:`gala.settings.ServiceSettings`).
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Final

REDIS_CONFIG: Final = "valkey.conf"
_ADDRESS: Final = "redis:6379/0"
"""The service ``redis`` of the compose file."""


def generate(folder: Path) -> list[str]:
    """Write the files that do not exist yet; return their names.

    The address of Redis is written last: a start that ended between the two is repeated whole.
    """
    made = []
    if not (folder / "gala_secret_key").exists():
        _write(folder / "gala_secret_key", secrets.token_urlsafe(32), mode=0o600)
        made.append("gala_secret_key")
    if not (folder / "redis_url").exists():
        password = secrets.token_urlsafe(32)
        # Redis reads it as a user of its own image; no other service mounts this folder.
        _write(folder / REDIS_CONFIG, f"requirepass {password}\n", mode=0o644)
        _write(folder / "redis_url", f"redis://:{password}@{_ADDRESS}", mode=0o600)
        made += [REDIS_CONFIG, "redis_url"]
    return made


def _write(path: Path, text: str, *, mode: int) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def main(arguments: list[str]) -> int:
    """Generate what is missing in the folder that is named; return the exit status."""
    made = generate(Path(*arguments))
    print(f"generated: {', '.join(made) or 'nothing, all secrets exist'}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
