"""Captions: grouping words into segments, and writing segments as an ASS file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pysubs2

from gala.errors import InvalidRequest
from gala.render_types.params.captions import PLACES, CaptionPlace
from gala_renderer.captions.ass import plain
from gala_renderer.captions.segmentation import SegmentationRules, TimedCaption, captions
from gala_renderer.library.engine_call import PathLike
from gala_renderer.speech.words import Word

_HEX: Final = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_MIDDLE: Final = 5
"""The middle key of the numeric keypad, whose keys are the alignments of ASS."""


class Caption:
    """Groups timed words into segments: lines that are shown together, with start and end."""

    def create_subtitle_segments_english(
        self, words: Sequence[Mapping[str, Any]], max_length: int = 80, lines: int = 2
    ) -> list[dict[str, Any]]:
        """Return segments of at most ``lines`` lines of ``max_length`` characters.

        ``words`` are ``[{"text", "start_ts", "end_ts"}]``; a punctuation mark of its own is joined
        to the previous word. A segment is ``{"text": [line, …], "start_ts", "end_ts"}``.
        """
        return _segments(list(_join_punctuation(_words(words))), max_length, lines)

    def create_subtitle_segments_international(
        self, words: Sequence[Mapping[str, Any]], max_length: int = 80, lines: int = 2
    ) -> list[dict[str, Any]]:
        """Return segments for any script: wide characters count as two, and scripts without
        spaces are broken between phrases."""
        return _segments(_words(words), max_length, lines)

    def create_subtitle(
        self,
        segments: Sequence[Mapping[str, Any]],
        dimensions: tuple[int, int],
        output_path: PathLike,
        font_size: float = 24,
        font_color: str = "#fff",
        shadow_color: str = "#000",
        shadow_transparency: float = 0.1,
        shadow_blur: float = 0,
        stroke_color: str = "#000",
        stroke_size: float = 0,
        font_name: str = "Arial",
        font_bold: bool = True,
        font_italic: bool = False,
        subtitle_position: str = "bottom",
    ) -> Path:
        """Write segments to an ASS file for a frame of ``dimensions`` pixels, and return its path.

        Sizes are in pixels, ``shadow_transparency`` is 0 to 1, ``subtitle_position`` is ``top``,
        ``center`` or ``bottom``. ASS syntax in the text is shown as text. Raise ``InvalidRequest``
        naming the argument.
        """
        file = pysubs2.SSAFile()
        file.info |= {"PlayResX": str(dimensions[0]), "PlayResY": str(dimensions[1])}
        file.info |= {"WrapStyle": "2", "ScaledBorderAndShadow": "yes"}
        file.styles["Default"] = pysubs2.SSAStyle(
            fontname=plain(font_name).replace(",", " "),
            fontsize=font_size,
            primarycolor=_color("font_color", font_color),
            outlinecolor=_color("stroke_color", stroke_color),
            backcolor=_color("shadow_color", shadow_color, shadow_transparency),
            bold=font_bold,
            italic=font_italic,
            outline=stroke_size,
            shadow=shadow_blur,
            alignment=pysubs2.Alignment(_MIDDLE),
        )
        position_tag = _position_tag(dimensions, subtitle_position)
        file.events.extend(_event(segment, position_tag) for segment in segments)
        path = Path(output_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.to_string("ass"), encoding="utf-8", newline="\n")
        return path

    def hex_to_ass(self, hex_color: str, alpha: float = 0.0) -> str:
        """Return ``#ff8800`` as ``&H000088FF``; ``alpha`` is 0 (opaque) to 1 (transparent)."""
        color = _color("hex_color", hex_color, alpha)
        return f"&H{color.a:02X}{color.b:02X}{color.g:02X}{color.r:02X}"

    def format_time(self, seconds: float) -> str:
        """Return a time in the format of ASS: ``1:01:01.50``."""
        if seconds < 0:
            raise InvalidRequest("seconds: Must not be negative.", field="seconds")
        whole, hundredths = divmod(round(seconds * 100), 100)
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}.{hundredths:02}"


def _words(words: Iterable[Mapping[str, Any]]) -> list[Word]:
    try:
        return [
            Word(str(one["text"]), float(one["start_ts"]), float(one["end_ts"])) for one in words
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest(
            f"words: Each word needs text, start_ts and end_ts in seconds ({error!r}).",
            field="words",
        ) from error


def _join_punctuation(words: Iterable[Word]) -> Iterable[Word]:
    """Yield the words; a punctuation mark of its own is appended to the previous word."""
    previous: Word | None = None
    for word in words:
        if previous is not None and not any(character.isalnum() for character in word.text):
            previous = Word(previous.text + word.text.strip(), previous.start, word.end)
            continue
        if previous is not None:
            yield previous
        previous = word
    if previous is not None:
        yield previous


def _segments(words: Sequence[Word], max_length: int, lines: int) -> list[dict[str, Any]]:
    for name, value in (("max_length", max_length), ("lines", lines)):
        if value < 1:
            raise InvalidRequest(f"{name}: Must be at least 1.", field=name)
    rules = SegmentationRules(max_chars=max_length, max_lines=lines, min_seconds=0.0)
    return [_segment(shown) for shown in captions(words, rules)]


def _segment(shown: TimedCaption) -> dict[str, Any]:
    return {"text": list(shown.texts), "start_ts": shown.start, "end_ts": shown.end}


def _color(field: str, text: str, alpha: float = 0.0) -> pysubs2.Color:
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise InvalidRequest(f"{field}: Must be #rgb or #rrggbb, not {text!r}.", field=field)
    if not 0 <= alpha <= 1:
        raise InvalidRequest(f"{field}: The transparency must be 0 to 1.", field=field)
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    red, green, blue = bytes.fromhex(digits)
    return pysubs2.Color(red, green, blue, round(alpha * 255))


def _position_tag(dimensions: tuple[int, int], position: str) -> str:
    try:
        fraction = PLACES[CaptionPlace(position)]
    except ValueError as error:
        raise InvalidRequest(
            "subtitle_position: Must be top, center or bottom.", field="subtitle_position"
        ) from error
    return f"{{\\an{_MIDDLE}\\pos({dimensions[0] // 2},{round(dimensions[1] * fraction)})}}"


def _event(segment: Mapping[str, Any], position_tag: str) -> pysubs2.SSAEvent:
    text = segment["text"]
    lines = text.splitlines() if isinstance(text, str) else text
    return pysubs2.SSAEvent(
        start=pysubs2.make_time(s=segment["start_ts"]),
        end=pysubs2.make_time(s=segment["end_ts"]),
        text=position_tag + "\\N".join(plain(line) for line in lines),
    )
