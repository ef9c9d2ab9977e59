"""Installation of the default voice, before a GALA on this machine is started."""

from __future__ import annotations

from typing import Final

from gala.cli.settings import MachineSettings
from gala.cli.weights.first_start import explained, install_missing
from gala.cli.weights.install import Say
from gala.default_voice import DefaultVoice
from gala.errors import GalaError

_WEIGHTS: Final = "kokoro"


def install_voice(settings: MachineSettings, *, say: Say) -> None:
    """Download Kokoro's weights to the usual folder, if they are missing; show the progress.

    Nothing is downloaded if ``GALA_VOICE`` is ``espeak-ng``, or Kokoro is set up in another way. If
    the download fails, ``say`` gets one line about it: espeak-ng speaks then.

    Raises:
        GalaError: ``GALA_VOICE`` is ``kokoro``, which cannot be installed.
    """
    if settings.gala_voice is DefaultVoice.ESPEAK_NG or _has_own_weights(settings):
        return
    try:
        install_missing(_WEIGHTS, "the voice Kokoro", settings, say=say)
    except (GalaError, OSError) as error:
        if settings.gala_voice is DefaultVoice.KOKORO:
            raise
        reason, remedy = explained(error, _WEIGHTS, "Kokoro's")
        say(f"no neural voice, espeak-ng speaks instead: {reason}; to have it, {remedy}")


def _has_own_weights(settings: MachineSettings) -> bool:
    return settings.kokoro_weights is not None or settings.kokoro_backend == "torch"
