"""What a renderer has for compositions, and what of a composition it would refuse."""

from __future__ import annotations

from collections.abc import Iterator

from gala.errors import InvalidRequest
from gala.font_names import font_key
from gala.name_suggestions import suggestion
from gala.render_types.params.voice import VoiceChoice
from gala.render_types.params.voice_names import Catalogue, check_voice
from gala.renderer_features import RendererFeatures
from gala.timeline.compilation.layers import PlanWarning
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import pointer
from gala.timeline.sources import named_fonts, pages, spoken_elements

NOT_RENDERED = "not_rendered"
"""The code of warnings about what a job would be refused for."""


def needs_features(timeline: TimelineParams) -> bool:
    """Return True if it depends on the renderer whether a composition can be drawn."""
    return any(True for _ in named_fonts(timeline)) or any(True for _ in pages(timeline))


def feature_warnings(timeline: TimelineParams, features: RendererFeatures) -> Iterator[PlanWarning]:
    """Yield the fonts and pages of a composition that the renderer cannot draw."""
    known = {font_key(name) for name in features.fonts}
    for at, name in named_fonts(timeline):
        if font_key(name) not in known:
            rule = f"There is no font {name[:80]!r} here."
            yield PlanWarning(NOT_RENDERED, at, f"{rule} {suggestion(name, features.fonts)}")
    if features.html_problem is not None:
        for at in pages(timeline):
            yield PlanWarning(NOT_RENDERED, at, features.html_problem)


def voice_warnings(
    timeline: TimelineParams, catalogue: Catalogue | None = None
) -> Iterator[PlanWarning]:
    """Yield the voices that no engine has; without a catalogue, as far as that is known."""
    spoken = [(timeline.voice, ()), *spoken_elements(timeline)]
    for voice, path in spoken:
        if voice.voice is None:
            continue
        at = pointer((*path, "voice") if path else ("voice", "voice"))
        try:
            check_voice(VoiceChoice(voice.engine, voice.voice, at), catalogue)
        except InvalidRequest as error:
            yield PlanWarning(NOT_RENDERED, at, error.message.removeprefix(f"{at}: "))
