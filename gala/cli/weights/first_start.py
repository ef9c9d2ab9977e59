"""Weights that are installed before a GALA on this machine is started for the first time."""

from __future__ import annotations

from typing import Final

from gala.cli.progress import progress_bar
from gala.cli.settings import MachineSettings
from gala.cli.weights.install import Say, pull
from gala.cli.weights.manifest import state
from gala.cli.weights.registry import ModelWeights, find
from gala.errors import EngineMissing, GalaError, Unavailable
from gala.installation import install_hint, missing_requirements
from gala.settings import weights_folder

_EXTRA: Final = "voice"
"""The extra that has the clients of all sources."""


def install_missing(name: str, title: str, settings: MachineSettings, *, say: Say) -> None:
    """Download weights to the usual folder, if they are missing; show the progress.

    ``title`` is what the user reads, such as ``the voice Kokoro``.

    Raises:
        EngineMissing: packages that the download or the engine needs are missing.
        Unavailable: no source answered.
        OSError: the folder cannot be written.
    """
    if missing := missing_requirements(_EXTRA):
        raise EngineMissing(f"{', '.join(missing)} missing", hint=install_hint(_EXTRA))
    weights = find(name)
    root = weights_folder(settings.gala_weights_dir, settings.gala_home).absolute()
    # By their sizes: reading 120 MB at every start would take as long as the start itself.
    if state(weights, root / weights.folder) == "here":
        return
    say(f"installing {title} in {root}, {_megabytes(weights):.0f} MB, only this time …")
    with progress_bar() as show:
        manifest = pull(weights, root, show=show, say=say, say_failed=lambda _: None)
    say(f"installed: {title}, from {_kind(weights, manifest.source)}")


def explained(error: GalaError | OSError, name: str, owner: str) -> tuple[str, str]:
    """Return what went wrong, in short, and what to do; ``owner`` is whose weights these are."""
    remedy = f"run `gala weights pull {name}`"
    if isinstance(error, Unavailable):
        return f"no source of {owner} weights answers", remedy
    if isinstance(error, EngineMissing):
        return error.message, str(error.hint)
    return error.message if isinstance(error, GalaError) else str(error), remedy


def _megabytes(weights: ModelWeights) -> float:
    return sum(file.size for file in weights.files) / 1e6


def _kind(weights: ModelWeights, source: str) -> str:
    """Return the source without the names of its parts."""
    known = {str(one) for one in weights.sources}
    return source.partition(" (")[0] if source in known else source
