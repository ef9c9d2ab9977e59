"""The rules that pydantic checks, and their remedies, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gala.render_types.params.colors import meant_color
from gala.timeline.document.elements import ELEMENTS
from gala.timeline.near_misses import FIELDS, meant_choice, meant_type
from gala.validation import ended

_QUOTED: Final = re.compile(r"'([^']*)'")
MAX_SHOWN: Final = 40
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "int_type": ("A whole number is required.", "Write it without quotes, such as 2."),
    "int_from_float": ("A whole number is required.", "Write it without a fraction."),
    "bool_type": ("true or false is required.", "Write it without quotes."),
    "too_short": ("This is empty.", "Write at least one, or leave the field out."),
    "string_too_short": ("This is empty.", "Write something, or leave the field out."),
}
_OBJECTS: Final[Mapping[str, str]] = {
    "ClipTrack": 'Write {"clips": […]}.',
    "CharacterParams": 'Write {"name": "maya"}.',
    "Scene": 'Write {"elements": […], "voice": "…"}.',
    "SpriteSources": 'Write {"pictures": {"base": "base.png", "mouth_x": "mouth_x.png"}}.',
    "MaskParams": 'Write a shape, such as "circle", or {"src": "mask.png"}.',
    "ColorFilters": 'Write {"brightness": 1.2}.',
    "ChromaKey": 'Write {"color": "#00ff00"}, or {} for green.',
    "ChartValue": 'Write a number, or {"label": "2025", "value": 12}.',
    "TextRun": 'Write {"text": "…", "bold": true}.',
    "Keyframe": 'Write {"time": 0, "opacity": 0}.',
    "Freeze": 'Write {"time": 2, "duration": 1.5}, or a time alone for a single frame.',
    "Trim": 'Write {"start": 2, "end": 5}, seconds of the file.',
    "CaptionLook": 'Write true or false, or the look: {"style": "karaoke"}.',
    "NarrationParams": 'Write the text, or {"text": "…", "voice": "…"}.',
    "VoiceParams": 'Write {"voice": "ef_dora"}, for example.',
    "CameraMotion": 'Write its name, or {"type": "zoom-in", "amount": "20%"}.',
    "ClipTransition": 'Write its name, or {"type": "fade", "duration": 0.5}.',
}
"""What to write for an object, by its model."""
_PERCENT: Final = re.compile(r"\s*\d+(?:\.\d+)?\s*%\s*")
REQUIRED: Final[Mapping[str, str]] = {
    "src": 'Add "src": an asset\'s id (ast_…), a URL, or a path for `gala timeline`.',
    "text": 'Add "text": the words to show.',
    "elements": 'Add "elements": a list with at least one element.',
    "clips": 'Add "clips": a list with at least one element.',
    "time": 'Add "time": seconds from the element\'s start, or "0%" to "100%".',
    "until": 'Write {"until": "the name of an element"}.',
}
_WITH_UNIT: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?)\s*")
_SECONDS_RULE: Final = "must be seconds"
_COLOR_REMEDY: Final = 'Write "#rrggbb", "#rgb" or a name such as "white".'
_PICTURE_REMEDY: Final = (
    'Write {"type": "image", "src": "…"} as the first of the elements; a background is a color.'
)
_FILE: Final = re.compile(r"://|\.\w{2,5}$|^ast_")
_TIMES: Final = frozenset({"duration", "fade_in", "fade_out", "start", "stagger", "grow"})
_SECONDS_REMEDY: Final = (
    'Write seconds (2.5) or a timecode ("0:02.5", with frames "00:00:02:15"), at most 12 hours.'
)


@dataclass(frozen=True, slots=True)
class Violation:
    """A value that breaks a rule of pydantic's."""

    kind: str
    """Pydantic's type of the error."""
    message: str
    context: Mapping[str, Any]
    value: Any
    field: str = ""


def rule_and_remedy(wrong: Violation) -> tuple[str, str]:
    """Return the rule that a value breaks, and what to write instead."""
    explain = _EXPLANATIONS.get(wrong.kind)
    if explain is not None:
        return explain(wrong)
    return _KINDS.get(wrong.kind) or _by_message(wrong)


def _by_message(wrong: Violation) -> tuple[str, str]:
    """Return rule and remedy of the validators that other parts of GALA share."""
    message = _sentence(wrong.message.removeprefix("Value error, "))
    if _SECONDS_RULE in message.lower() or message.startswith("Must be between 0"):
        return f"{shown(wrong.value)} is not a time.", _time_remedy(wrong.value)
    if "#rrggbb" in message:
        return f"{shown(wrong.value)} is not a color.", _color_remedy(wrong.value, wrong.field)
    if "to speak" in message:
        return message, "Write words to speak."
    return message, "Change this value."


def _color_remedy(value: Any, field: str) -> str:
    if field == "background" and isinstance(value, str) and _FILE.search(value):
        return _PICTURE_REMEDY
    meant = meant_color(value) if isinstance(value, str) else None
    return f'Write "{meant}", or a color as "#rrggbb".' if meant else _COLOR_REMEDY


def _time_remedy(value: Any) -> str:
    """Return what to write for a time with a unit, such as ``3s`` and ``200ms``."""
    found = _WITH_UNIT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return _SECONDS_REMEDY
    seconds = float(found[1]) / (1000 if found[2].startswith("m") else 1)
    return f"Write {seconds:.12g}: seconds, as a number."


def _object(wrong: Violation) -> tuple[str, str]:
    if wrong.kind == "dict_type":  # a member of a union: an element
        return "An element is an object.", 'Write {"type": "image", "src": "…"}.'
    model = str(wrong.context.get("class_name"))
    return "An object is required.", _OBJECTS.get(model, "Put it in braces: {…}.")


def _list(wrong: Violation) -> tuple[str, str]:
    rule, value = "A list is required.", wrong.value
    if (
        isinstance(value, dict)
        and value
        and all(isinstance(one, int | float) for one in value.values())
    ):
        label, number = next(iter(value.items()))
        first = json.dumps({"label": str(label)[:MAX_SHOWN], "value": number}, ensure_ascii=False)
        return rule, f"Write [{first}, …]."
    return rule, "Put it in brackets: […]."


def _text(wrong: Violation) -> tuple[str, str]:
    if isinstance(wrong.value, list):
        return (
            "A text is required, not a list.",
            "Write one of them, and the others each elsewhere.",
        )
    if isinstance(wrong.value, dict) and wrong.field == "font":
        return "A font is a name.", 'Write "font": "Montserrat", and "font_size" beside it.'
    if isinstance(wrong.value, dict):
        return "A text is required, not an object.", "Write a text; fields are written beside it."
    return "A text is required.", "Write it in quotes."


def _number(wrong: Violation) -> tuple[str, str]:
    if isinstance(wrong.value, str) and _PERCENT.fullmatch(wrong.value):
        return "A number is required.", f"Write {float(wrong.value.strip()[:-1]) / 100:g}."
    return "A number is required.", "Write a number without quotes, such as 1.5."


def _pattern(wrong: Violation) -> tuple[str, str]:
    if "mdl_" in str(wrong.context.get("pattern")):
        return f"{shown(wrong.value)} is not a model's id.", "Write an id such as mdl_01JD3Z…"
    return "The text has no characters that can be seen, or control characters.", (
        "Write visible characters only."
    )


def _too_small(wrong: Violation) -> tuple[str, str]:
    rule = f"{shown(wrong.value)} is too small."
    if "gt" in wrong.context:
        return rule, f"Write more than {_limit(wrong, 'gt')}."
    return rule, f"Write {_limit(wrong, 'ge')} or more."


def _too_large(wrong: Violation) -> tuple[str, str]:
    rule, value = f"{shown(wrong.value)} is too large.", wrong.value
    if value != value:  # noqa: PLR0124 - only NaN differs from itself; what it is, is not known
        return f"{shown(value)} is not a number.", "Write a number such as 1.5."
    if wrong.context.get("le") == 1 and isinstance(value, int | float) and 5 <= value <= 100:
        return rule, f"Write {value / 100:g}: 1 is all of it."
    if wrong.field == "volume" and isinstance(value, int | float) and 5 <= value <= 100:
        return rule, f"Write {value / 100:g}: 1 is the volume of the file."
    if wrong.field in _TIMES and isinstance(value, int | float) and 50 <= value <= 60_000:
        return rule, f"Write {value / 1000:g}: it is in seconds, {_limit(wrong, 'le')} at most."
    return rule, f"Write {_limit(wrong, 'le')} or less."


def _limit(wrong: Violation, name: str) -> str:
    limit = wrong.context[name]
    is_percent = isinstance(wrong.value, str) and wrong.value.strip().endswith("%")
    return f'"{limit * 100:g}%"' if is_percent else f"{limit:g}"


def _too_many(wrong: Violation) -> tuple[str, str]:
    return "There are too many.", f"At most {wrong.context['max_length']} are allowed here."


def _too_long(wrong: Violation) -> tuple[str, str]:
    if wrong.field == "background" or wrong.field.endswith("color"):
        return f"{shown(wrong.value)} is not a color.", _color_remedy(wrong.value, wrong.field)
    return "The text is too long.", f"Write at most {wrong.context['max_length']} characters."


def _wrong_type(wrong: Violation) -> tuple[str, str]:
    """Return rule and remedy for an element without a valid type."""
    listed, value = ", ".join(ELEMENTS), wrong.value
    if not isinstance(value, Mapping):
        return "An element is an object.", 'Write {"type": "text", "text": "Hello"}, for example.'
    if "type" not in value:
        guess = _guessed_type(value)
        remedy = f'Add "type": "{guess}".' if guess else f'Add "type"; there are: {listed}.'
        return "An element needs its type.", remedy
    word = str(value["type"])
    place = FIELDS.get(word.lower())
    if place is not None:
        return f"There is no element of type {shown(word)}.", f"Write {place}."
    meant = meant_type(word, ELEMENTS)
    instead = f"Did you mean {meant!r}? " if meant else ""
    return f"There is no element of type {shown(word)}.", f"{instead}There are: {listed}."


_SUFFIXES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("mp4", "mov", "webm", "mkv"), "video"),
    **dict.fromkeys(("jpg", "jpeg", "png", "webp", "gif", "avif"), "image"),
    **dict.fromkeys(("mp3", "wav", "m4a", "flac", "ogg", "aac"), "audio"),
    "svg": "svg",
    "srt": "caption",
    "vtt": "caption",
}


def _guessed_type(value: Mapping[str, Any]) -> str | None:
    if "elements" in value:
        return "group"
    if "html" in value:
        return "html"
    if "text" in value:
        return "text"
    suffix = str(value.get("src", "")).rpartition(".")[2].lower()
    return _SUFFIXES.get(suffix)


def _wrong_choice(wrong: Violation) -> tuple[str, str]:
    names, value = _QUOTED.findall(str(wrong.context.get("expected", ""))), wrong.value
    listed = f"There are: {', '.join(names)}."
    if isinstance(value, Mapping) and "type" not in value:
        within = [name for name in ("x", "y") if name in value]
        inside = " and ".join(f'"{name}"' for name in within)
        instead = f"Write {inside} in the element itself, or a word. " if within else ""
        return "A word is required, not an object.", f"{instead}{listed}"
    if isinstance(value, Mapping):
        value = value["type"]
    if not isinstance(value, str):
        return "A word is required.", listed
    meant = meant_choice(value, names)
    return (
        f"{shown(value)} is not one of the choices.",
        f"Did you mean {meant!r}? {listed}" if meant else listed,
    )


def _sentence(message: str) -> str:
    return ended(message[:1].upper() + message[1:])


def shown(value: Any) -> str:
    """Return a value as messages quote it, shortened."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


_EXPLANATIONS: Final[Mapping[str, Callable[[Violation], tuple[str, str]]]] = {
    "string_type": _text,
    "union_tag_invalid": _wrong_type,
    "union_tag_not_found": _wrong_type,
    "enum": _wrong_choice,
    "literal_error": _wrong_choice,
    "model_type": _object,
    "tuple_type": _list,
    "dict_type": _object,
    "float_type": _number,
    "string_pattern_mismatch": _pattern,
    "greater_than": _too_small,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
    "too_long": _too_many,
    "string_too_long": _too_long,
}
