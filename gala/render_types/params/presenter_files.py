"""Several presenters with files of their own, as the list and the inputs of one job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

_PORTRAIT: Final = "portrait"
_SPRITE: Final = "sprite"


class PresenterWithFiles(NamedTuple):
    """An item of ``presenters``, and the files of its inputs ``portrait`` and ``sprite``.

    Its pictures are numbered from 1 within its own files.
    """

    presenter: Mapping[str, Any]
    files: Mapping[str, Sequence[Path]]


def joined(
    presenters: Iterable[PresenterWithFiles],
) -> tuple[list[dict[str, Any]], dict[str, list[Path]]]:
    """Return the presenters of one job, whose pictures are numbered in the files of all of them."""
    cast: list[dict[str, Any]] = []
    files: dict[str, list[Path]] = {}
    for one in presenters:
        before = {name: len(found) for name, found in files.items()}
        cast.append(_renumbered(one.presenter, before))
        for name, added in one.files.items():
            files.setdefault(name, []).extend(added)
    return cast, files


def _renumbered(presenter: Mapping[str, Any], before: Mapping[str, int]) -> dict[str, Any]:
    """Return the presenter, whose pictures come after so many others of each input."""
    found = dict(presenter)
    if found.get(_PORTRAIT) is not None:
        found[_PORTRAIT] += before.get(_PORTRAIT, 0)
    elif found.get("sprites") is not None:
        pictures = found["sprites"]["pictures"].items()
        numbers = {name: number + before.get(_SPRITE, 0) for name, number in pictures}
        found["sprites"] = {**found["sprites"], "pictures": numbers}
    elif found.get("character") is None:
        # One that says nothing would have the next picture.
        found["character"] = {}
    return found
