"""What a finished film should be, and the plan that looks at it."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.document.output import ANIMATIONS, CONTAINERS, SOUNDS, STILLS, OutputParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.media_facts import facts_of
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import Plan
from gala_renderer.timeline.inspection import Wanted, surprises

_ROLE: Final = "video"


def wanted_film(
    params: OutputParams, compiled: CompiledTimeline, *, has_sound: bool, lufs: float | None
) -> Wanted:
    """Return what a film should be; ``lufs`` is None if it may be as loud as it is."""
    kind, frame = params.file_format, compiled.frame
    empty = not any(layer.is_visible for layer in compiled.layers)
    return Wanted(
        size=None if kind in SOUNDS else (frame.width, frame.height),
        seconds=None if kind in STILLS else float(compiled.frames / Fraction(frame.fps)),
        rate=Fraction(frame.fps) if kind in CONTAINERS else None,
        has_sound=has_sound and kind in CONTAINERS | SOUNDS,
        lufs=lufs,
        may_be_black=empty or params.transparent or kind in ANIMATIONS,
    )


async def looked_at(context: RenderContext, order: RenderOrder, name: str, wanted: Wanted) -> Plan:
    """Return the plan that says what is probably not wanted in the finished film.

    It also has what the file contains, so that it need not be inspected again.
    """
    path = context.part(name)
    mime = next(one for one in order.type.outputs if one.role == _ROLE).mime_of(name)
    file = InputFile(path, mime, _ROLE)
    media = (await context.inspect_outputs([file])).get(path)
    found = await surprises(context, path, media, wanted)
    facts = {} if media is None else {_ROLE: facts_of(media, mime)}
    return Plan((), warnings=tuple(found), media=facts)
