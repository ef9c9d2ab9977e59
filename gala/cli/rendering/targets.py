"""``--target``: where a film is shown decides its size, its loudness and what is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from gala.cli.rendering.options import frame
from gala.errors import InvalidRequest
from gala.media import AspectRatio, Format
from gala.render_types import find_type
from gala.targets import TARGETS, TargetName
from gala.templates.target_captions import with_captions_for
from gala.templates.target_fit import target_warnings
from gala.timeline.compilation.layers import CompiledTimeline, PlanWarning
from gala.timeline.document.timeline import TimelineParams

TargetOption = Annotated[
    TargetName | None,
    typer.Option(
        "--target",
        help="Where the film is shown: it decides size, loudness, bit rate and safe areas"
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


def for_target(
    params: Mapping[str, Any], target: TargetName | None, wanted: Format | None, type_name: str
) -> dict[str, Any]:
    """Return params with the target's loudness, bit rate and margins, unless set.

    Types that have no such params are as given.
    """
    spec = find_type(type_name)
    if target is None or spec is None:
        return dict(params)
    place = TARGETS[target]
    added = place.params(wanted or place.format)
    taken = {name: value for name, value in added.items() if name in spec.params.model_fields}
    if issubclass(spec.params, TimelineParams):
        params = with_captions_for(place, params)
    return {**taken, **params}


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
