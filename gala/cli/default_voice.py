"""Installation of the default voice, before a GALA on this machine is started."""

from __future__ import annotations

from typing import Final

from gala.cli.progress import progress_bar
from gala.cli.settings import MachineSettings
from gala.cli.weights.install import Say, pull
from gala.cli.weights.manifest import state
from gala.cli.weights.registry import ModelWeights, find
from gala.default_voice import DefaultVoice
from gala.errors import EngineMissing, GalaError, Unavailable
from gala.installation import install_hint, missing_requirements
from gala.settings import weights_folder

_EXTRA: Final = "voice"
_WEIGHTS: Final = "kokoro"
_REMEDY: Final = f"run `gala weights pull {_WEIGHTS}`"


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
        _install(settings, say)
    except (GalaError, OSError) as error:
        if settings.gala_voice is DefaultVoice.KOKORO:
            raise
        reason, remedy = _explained(error)
        say(f"no neural voice, espeak-ng speaks instead: {reason}; to have it, {remedy}")


def _has_own_weights(settings: MachineSettings) -> bool:
    return settings.kokoro_weights is not None or settings.kokoro_backend == "torch"


def _install(settings: MachineSettings, say: Say) -> None:
    if missing := missing_requirements(_EXTRA):
        raise EngineMissing(f"{', '.join(missing)} missing", hint=install_hint(_EXTRA))
    weights = find(_WEIGHTS)
    root = weights_folder(settings.gala_weights_dir, settings.gala_home).absolute()
    # By their sizes: reading 120 MB at every start would take as long as the start itself.
    if state(weights, root / weights.folder) == "here":
        return
    size = sum(file.size for file in weights.files) / 1e6
    say(f"installing the voice Kokoro in {root}, {size:.0f} MB, only this time …")
    with progress_bar() as show:
        manifest = pull(weights, root, show=show, say=say, say_failed=lambda _: None)
    say(f"the voice Kokoro is installed, from {_kind(weights, manifest.source)}")


def _kind(weights: ModelWeights, source: str) -> str:
    """Return the source without the names of its parts."""
    known = {str(one) for one in weights.sources}
    return source.partition(" (")[0] if source in known else source


def _explained(error: GalaError | OSError) -> tuple[str, str]:
    """Return what went wrong, in short, and what to do."""
    if isinstance(error, Unavailable):
        return "no source of Kokoro's weights answers", _REMEDY
    if isinstance(error, EngineMissing):
        return error.message, str(error.hint)
    return error.message if isinstance(error, GalaError) else str(error), _REMEDY
