"""What is allowed in a composition and is hardly meant: each is a warning of its plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gala.render_types.params.spoken_languages import unknown_language
from gala.timeline.compilation.layers import PlanWarning
from gala.timeline.document.elements import CaptionElement, VoiceElement
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import pointer
from gala.timeline.sources import drawn_texts, elements_of, spoken_elements

_VARIABLE: Final = re.compile(r"\{\{[^{}]{1,200}\}\}")


def oversights(timeline: TimelineParams) -> Iterator[PlanWarning]:
    """Yield variables that have no value, captions that show nothing, and unknown languages."""
    yield from _unfilled(timeline)
    yield from _missing_captions(timeline)
    for at, problem in unknown_languages(timeline):
        yield PlanWarning("not_rendered", at, problem)


def _unfilled(timeline: TimelineParams) -> Iterator[PlanWarning]:
    """Yield the texts with variables, which only templates and brand kits fill."""
    texts = list(drawn_texts(timeline))
    for voice, path in spoken_elements(timeline):
        texts.append((pointer(path), str(getattr(voice, "text", None) or "")))
    for at, text in texts:
        found = _VARIABLE.search(text)
        if found is not None:
            message = (
                f"The text has {found[0][:60]!r} as it is written: variables are those of a"
                " template, or of a brand. Write what it stands for, or make a template of it."
            )
            yield PlanWarning("not_filled", at, message)


def _missing_captions(timeline: TimelineParams) -> Iterator[PlanWarning]:
    """Yield a warning if captions are wanted and only elements speak, which have none by it."""
    wanted = [scene.captions for scene in timeline.scenes if scene.captions]
    if not (timeline.captions or wanted) or any(scene.voice for scene in timeline.scenes):
        return
    found = list(elements_of(timeline))
    if any(isinstance(element, CaptionElement) for element, _ in found):
        return
    for element, path in found:
        if isinstance(element, VoiceElement | PresenterElement):
            message = (
                "No captions are seen: captions show the voice of a scene, and here an element"
                ' speaks. Add {"type": "caption", "of": "its name"}, or write "voice" in the scene.'
            )
            yield PlanWarning("no_captions", pointer(path), message)
            return


def unknown_languages(timeline: TimelineParams) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer of each language that does not exist, and what is wrong with it."""
    for voice, path in [(timeline.voice, ("voice",)), *spoken_elements(timeline)]:
        problem = unknown_language(voice)
        if problem is not None:
            yield pointer((*path, "language")), problem
