"""Which weights a folder has, as files or as package archives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gala.cli.weights.manifest import selected
from gala.cli.weights.package_archives import has_any_archive
from gala.cli.weights.registry import ModelWeights, Packages, find, known_weights
from gala.errors import NotFound

_OTHER_FORMS: Final = {"kokoro": "kokoro:torch"}


def importable_as(weights: ModelWeights, folder: Path) -> ModelWeights:
    """Return the weights, or the other form of the same model if more of that is in the folder."""
    other = _OTHER_FORMS.get(weights.name)
    if other is None or _has_archives(weights, folder):
        return weights
    return max((weights, find(other)), key=lambda form: _found_patterns(form, folder))


def importable(folder: Path) -> Iterator[tuple[ModelWeights, Path]]:
    """Yield weights that a folder has, and where: in it, or in the subfolder of their name."""
    for weights in known_weights().values():
        subfolder = folder / weights.folder
        if _has_files(weights, subfolder):
            yield weights, subfolder
        elif _has_archives(weights, folder) or _is_folder_of(weights, folder):
            yield weights, folder


def _is_folder_of(weights: ModelWeights, folder: Path) -> bool:
    """Return True if the files lie in the folder itself.

    All sizes of Whisper have files of the same names, so their folder must have the right name.
    """
    named = folder.name == weights.folder or not weights.name.startswith("whisper")
    return named and _has_files(weights, folder)


def _found_patterns(weights: ModelWeights, folder: Path) -> int:
    return sum(any(folder.glob(pattern)) for pattern in weights.patterns)


def _has_files(weights: ModelWeights, folder: Path) -> bool:
    names = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    try:
        selected(weights, names, weights.patterns)
    except NotFound:
        return False
    return True


def _has_archives(weights: ModelWeights, folder: Path) -> bool:
    return any(
        has_any_archive(source, folder)
        for source in weights.sources
        if isinstance(source, Packages)
    )
