"""Read a composition: JSON data to the document, or the list of all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from gala.media import USUAL_FPS
from gala.render_types.base import reading_context
from gala.timeline.data_path import Place, locate
from gala.timeline.document.charts import ChartElement
from gala.timeline.document.elements import ELEMENTS, CaptionElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.near_misses import meant_field, synonym
from gala.timeline.problems import MAX_PROBLEMS, RULE_ERROR, InvalidTimeline, Problem, pointer
from gala.timeline.rules import MAX_SHOWN, REQUIRED, Violation, rule_and_remedy, shown
from gala.validation import causes

T = TypeVar("T", bound=TimelineParams)

_MAX_DESCRIBED: Final = 10 * MAX_PROBLEMS


def read_timeline(data: Mapping[str, Any], fps: int = USUAL_FPS) -> TimelineParams:
    """Return the composition of JSON data; ``fps`` is the rate at which timecodes count frames.

    Raise InvalidTimeline with all problems found.
    """
    return read_as(TimelineParams, data, fps)


def read_as(model: type[T], data: Mapping[str, Any], fps: int = USUAL_FPS) -> T:
    """Return a composition as :func:`read_timeline` does, of a subclass of ``TimelineParams``."""
    try:
        return model.model_validate_json(to_json(data), context=reading_context(fps))
    except ValidationError as error:
        raise InvalidTimeline(list(problems_of(error, data))) from error


def problems_of(error: ValidationError, data: Any) -> Iterator[Problem]:
    """Yield what is wrong; a field that was misspelt is not reported as missing, too.

    Of very many mistakes, only the first are described.
    """
    first = causes(error.errors(include_url=False))[:_MAX_DESCRIBED]
    found = [_describe(one, data) for one in first]
    misspelt = {
        problem.instead for problem in found if problem.instead is not None and not problem.missing
    }
    for one in found:
        if not (one.missing and one.instead in misspelt):
            yield one.problem


@dataclass(frozen=True, slots=True)
class _Described:
    problem: Problem
    instead: str | None = None
    """Pointer of the field that is meant, or that is missing."""
    missing: bool = False


def _describe(error: Mapping[str, Any], data: Any) -> _Described:
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_field(str(error["loc"][-1]), locate(error["loc"][:-1], data))
    place = locate(error["loc"], data)
    has_type = isinstance(place.value, Mapping) and "type" in place.value
    path = (*place.path, "type") if kind == "union_tag_invalid" and has_type else place.path
    if kind == "missing":
        name = str(error["loc"][-1])
        rule = f"{_article(place.model)} needs its {name}."
        remedy = REQUIRED.get(name, f'Add "{name}".')
        there = pointer((*place.path, name))
        return _Described(Problem(there, rule, remedy), instead=there, missing=True)
    if kind == RULE_ERROR:
        field = [part for part in str(context["field"]).split(".") if part]
        there = pointer((*place.path, *field))
        return _Described(Problem(there, str(context["rule"]), str(context["remedy"])))
    is_key = error["loc"][-1:] == ("[key]",)
    value = error["input"] if is_key else place.value
    wrong = Violation(kind, str(error["msg"]), context, value, field=_last(place.path))
    return _Described(Problem(pointer(path), *rule_and_remedy(wrong)))


def _last(path: Sequence[str | int]) -> str:
    return str(path[-1]) if path else ""


def _unknown_field(word: str, place: Place) -> _Described:
    known = [info.alias or name for name, info in place.model.model_fields.items()]
    elsewhere = _elsewhere(word, place.value) if place.model is TimelineParams else None
    if elsewhere is not None:
        rule = f"The composition has no field {shown(word)}."
        return _Described(Problem(pointer((*place.path, word)), rule, elsewhere))
    rule = f"{_article(place.model)} has no field {shown(word)}."
    there = pointer((*place.path, word[:MAX_SHOWN]))
    if place.model is ChartElement and word in _OF_EACH_VALUE:
        return _Described(Problem(there, rule, _VALUE_REMEDY))
    free = [name for name in known if name not in (place.value or {})]
    inner = _fields_within((place.value or {}).get(word), known)
    if inner and not synonym(word, free):
        fields = ", ".join(f'"{name}"' for name in inner)
        return _Described(Problem(there, rule, f"Write {fields} in the element itself."))
    if word in _ENDS and "duration" in known and not synonym(word, free):
        return _Described(Problem(there, rule, _end_remedy(word, place.value or {})))
    if place.model is CaptionElement and word == "transition":
        return _Described(Problem(there, rule, _CAPTIONS_FOLLOW))
    # What other elements have is no slip of the pen.
    meant = synonym(word, free) if word in _of_elements() else meant_field(word, free)
    remedy = f'Write "{meant}".' if meant else f"It has: {', '.join(known)}."
    instead = pointer((*place.path, meant)) if meant else None
    return _Described(Problem(there, rule, remedy), instead=instead)


@cache
def _of_elements() -> frozenset[str]:
    """Return the fields of all elements."""
    return frozenset(name for model in ELEMENTS.values() for name in model.model_fields)


def _end_remedy(word: str, element: Mapping[str, Any]) -> str:
    """Return what to write instead of the time at which an element ends."""
    if "duration" in element:
        return "Leave it out: duration says when it ends."
    start, end = element.get("start", 0), element[word]
    if isinstance(start, int | float) and isinstance(end, int | float) and end > start:
        return f'Write "duration": {end - start:g}.'
    return 'Write "duration": the seconds from its start.'


def _fields_within(value: object, known: Sequence[str]) -> list[str]:
    """Return the fields, among those known, that an object has which is none itself."""
    names = map(str, value) if isinstance(value, dict) else ()
    return [meant for name in names if (meant := synonym(name, known))][:3]


def _elsewhere(word: str, document: object) -> str | None:
    """Return what to do about a word that other programs write at the top of their documents."""
    value = document.get(word) if isinstance(document, Mapping) else None
    if word == "OTIO_SCHEMA" or (word == "timeline" and isinstance(value, Mapping)):
        return _IMPORTED
    return _ELSEWHERE.get(word)


_IMPORTED: Final = (
    "A timeline of OTIO or an edit of Shotstack becomes a composition by `gala timeline import`,"
    " or by POST /timeline/import."
)
_CAPTIONS_FOLLOW: Final = (
    "Leave it out: captions come and go with their words. A transition is one of what is seen below"
    " them: a picture, a video or a scene."
)
_ENDS: Final = frozenset({"end", "end_time", "endTime", "out", "stop", "until"})
_OF_EACH_VALUE: Final = frozenset({"labels", "colors", "categories"})
_VALUE_REMEDY: Final = 'Write them in "values": [{"label": "2025", "value": 12, "color": "gold"}].'
_ELSEWHERE: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "width", "height", "fps", "format", "size", "resolution", "aspect_ratio", "output",
            "canvas",
        ),
        "The size belongs to the job, so that one composition serves all sizes: "
        '"output": {"aspect_ratio": "9:16"} beside "params"; `--aspect-ratio` for `gala timeline`.',
    ),
    **dict.fromkeys(
        ("elements", "clips", "layers"),
        'Write "scenes": [{"elements": […]}], or "tracks": [{"clips": […]}].',
    ),
    **dict.fromkeys(
        ("music", "audio", "soundtrack", "background_music", "backgroundMusic"),
        'Write "tracks": [{"clips": [{"type": "audio", "src": "…", "loop": true, "volume": 0.3, '
        '"fade_out": 1.5}]}].',
    ),
}  # fmt: skip


def _article(model: type[BaseModel]) -> str:
    """Return what a model is called in messages: ``A text element``."""
    for name, element in ELEMENTS.items():
        if model is element:
            return f"An element of type {name}"
    name = _NAMES.get(model.__name__, model.__name__.lower())
    return f"{'An' if name[0] in 'aeiou' else 'A'} {name}"


_NAMES: Final[Mapping[str, str]] = {
    "TimelineParams": "composition",
    "TimelineJobParams": "composition",
    "ClipTrack": "track",
    "CameraMotion": "motion",
    "ClipTransition": "transition",
    "NarrationParams": "voice",
    "VoiceParams": "voice",
    "CaptionLook": "look of captions",
    "TextRun": "run of text",
    "TextAnimation": "text animation",
    "MaskParams": "mask",
    "SpriteSources": "set of sprites",
    "ColorFilters": "object of filters",
    "ChromaKey": "chroma key",
    "ChartValue": "value of a chart",
    "Follow": "start that follows",
    "Until": "length that follows",
    "Freeze": "freeze",
}
