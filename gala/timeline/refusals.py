"""What a renderer has for compositions, and what of a composition it would refuse."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from gala.errors import InvalidRequest
from gala.font_names import font_key
from gala.name_suggestions import suggestion
from gala.render_types.params.voice import VoiceChoice, VoiceParams
from gala.render_types.params.voice_names import Catalogue, check_voice
from gala.renderer_features import RendererFeatures
from gala.timeline.compilation.layers import PlanWarning
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import pointer
from gala.timeline.sources import drawn_texts, named_fonts, pages, spoken_elements

NOT_RENDERED = "not_rendered"
"""The code of warnings about what a job would be refused for."""
MISSING_CHARACTERS = "missing_characters"
"""The code of warnings about texts with characters that no font has."""
_MAX_LISTED = 20
_NOT_DRAWN = frozenset({"Mn", "Cf", "Cc", "Zs", "Zl", "Zp"})
"""Categories of characters that are not seen by themselves."""
_LAST_USUAL = "\u024f"
"""All fonts together have the Latin letters up to this one, so that most plans need not ask."""


def needs_features(timeline: TimelineParams) -> bool:
    """Return True if it depends on the renderer whether a composition can be drawn."""
    return (
        any(True for _ in named_fonts(timeline))
        or any(True for _ in pages(timeline))
        or any(unusual_characters(text) for _, text in drawn_texts(timeline))
    )


def feature_warnings(timeline: TimelineParams, features: RendererFeatures) -> Iterator[PlanWarning]:
    """Yield the fonts and pages of a composition that the renderer cannot draw."""
    for at, problem in unknown_fonts(named_fonts(timeline), features, timeline.fonts):
        yield PlanWarning(NOT_RENDERED, at, problem)
    # What its own fonts have is only known when they are opened.
    for at, text in () if timeline.fonts else drawn_texts(timeline):
        missing = [one for one in unusual_characters(text) if not features.has_character(one)]
        if missing:
            listed = " ".join(missing[:_MAX_LISTED])
            message = f"No font here has {listed}. Write other characters."
            yield PlanWarning(MISSING_CHARACTERS, at, message)
    if features.html_problem is not None:
        for at in pages(timeline):
            yield PlanWarning(NOT_RENDERED, at, features.html_problem)


def unknown_fonts(
    named: Iterable[tuple[str, str]], features: RendererFeatures, own: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the places of fonts that are neither here nor ``own``, with the nearest names."""
    fonts = [*own, *features.fonts]
    known = {font_key(name) for name in fonts}
    for at, name in named:
        if font_key(name) not in known:
            rule = f"There is no font {name[:80]!r} here."
            yield at, f"{rule} {suggestion(name, fonts)}"


def voices_of(timeline: TimelineParams) -> Iterator[VoiceParams]:
    """Yield the voice of the film, and all voices that speak in it."""
    yield timeline.voice
    for voice, _ in spoken_elements(timeline):
        yield voice


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


def unusual_characters(text: str) -> list[str]:
    """Return the characters of a text, each once, that perhaps no font has."""
    if not text or max(text) <= _LAST_USUAL:
        return []
    return [
        one
        for one in dict.fromkeys(text)
        if one > _LAST_USUAL and unicodedata.category(one) not in _NOT_DRAWN
    ]
