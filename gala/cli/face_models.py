"""Installation of the models that find faces, before a GALA on this machine is started."""

from __future__ import annotations

from typing import Final

from gala.cli.settings import MachineSettings
from gala.cli.weights.first_start import explained, install_missing
from gala.cli.weights.install import Say
from gala.errors import GalaError

_WEIGHTS: Final = "faces"


def install_face_models(settings: MachineSettings, *, say: Say) -> bool:
    """Download the models that find faces, if they are missing; return True if they are there.

    If ``GALA_FACES`` is false, nothing is downloaded. If the download fails, ``say`` gets one line
    about it: drawn characters speak, portraits do not.
    """
    if not settings.gala_faces:
        return False
    try:
        install_missing(_WEIGHTS, "the models that find faces", settings, say=say)
    except (GalaError, OSError) as error:
        reason, remedy = explained(error, _WEIGHTS, "their")
        say(f"portraits cannot speak, only drawn characters: {reason}; to let them, {remedy}")
        return False
    return True
