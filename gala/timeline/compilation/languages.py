"""The language of a film, in which its charts write numbers."""

from __future__ import annotations

import re
from typing import Final

from gala.render_types.params.voice import VoiceParams
from gala.timeline.compilation.tree import Slot, voice_of
from gala.timeline.document.charts import ChartElement
from gala.timeline.document.elements import AnyElement
from gala.timeline.document.timeline import TimelineParams

_TAG_OF_A_VOICE: Final = re.compile(r"([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)(?:\+.*)?")
"""Names such as ``de`` and ``es-419+f3``."""


def localized(slot: Slot, timeline: TimelineParams) -> AnyElement:
    """Return an element; a chart without a language has that of what is said around it."""
    element = slot.element
    if not isinstance(element, ChartElement) or element.language is not None:
        return element
    scene = None if slot.scene is None else slot.scene.scene
    own = None if scene is None else scene.voice
    language = _language_of(timeline.voice if own is None else voice_of(timeline, own))
    return element if language is None else element.model_copy(update={"language": language})


def _language_of(voice: VoiceParams) -> str | None:
    if voice.language is not None:
        return voice.language
    named = _TAG_OF_A_VOICE.fullmatch(voice.voice or "")
    return None if named is None else named[1]
