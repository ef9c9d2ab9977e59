"""``--target``: where a film is shown decides its size, its loudness and what is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from gala.cli.rendering.options import frame
from gala.errors import InvalidRequest
from gala.media import AspectRatio, Format
from gala.targets import TARGETS, TargetName
from gala.templates.target_fit import target_warnings
from gala.timeline.compilation.layers import CompiledTimeline, PlanWarning

TargetOption = Annotated[
    TargetName | None,
    typer.Option(
        "--target",
        help="Where the film is shown: it decides size, loudness and safe areas"
        " (`gala templates targets`).",
    ),
]


def target_frame(
    target: TargetName | None, ratio: AspectRatio | None, size: str | None, fps: int | None
) -> Format | None:
    """Return the size and frame rate, if given by the target or by options.

    Raise InvalidRequest if an option contradicts the target.
    """
    if target is None:
        return frame(ratio, size, fps)
    place = TARGETS[target]
    if ratio not in {None, place.ratio}:
        raise InvalidRequest(
            f"--aspect-ratio: {place.title} is {place.ratio}; leave --aspect-ratio out",
            field="--aspect-ratio",
        )
    if size is None:
        return frame(place.ratio, None, fps)
    wanted = frame(ratio, size, fps)
    if wanted is not None and not place.has_shape_of(wanted):
        raise InvalidRequest(
            f"--size: {size} is not {place.ratio}, the aspect ratio of {place.title}",
            field="--size",
            hint="leave --size out",
        )
    return wanted


def with_loudness(data: Mapping[str, Any], target: TargetName | None) -> dict[str, Any]:
    """Return the composition with the loudness of the target, unless it sets its own."""
    if target is None:
        return dict(data)
    return {"loudness_lufs": TARGETS[target].loudness_lufs, **data}


def misfits(film: CompiledTimeline, target: TargetName | None) -> Iterator[PlanWarning]:
    """Yield what does not fit the target."""
    if target is not None:
        yield from target_warnings(film, TARGETS[target])


def check_target(film: CompiledTimeline, target: TargetName | None) -> list[PlanWarning]:
    """Return what perhaps does not fit the target.

    Raise InvalidRequest if the film is too long or too short for certain.
    """
    if target is None:
        return []
    problem = TARGETS[target].length_problem(float(film.length))
    if problem is not None and not film.is_estimate:
        raise InvalidRequest(f"--target: {problem}", field="--target")
    return list(misfits(film, target))
