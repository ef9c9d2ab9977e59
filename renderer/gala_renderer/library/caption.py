"""Captions: words gathered into segments, and segments written as ASS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pysubs2

from gala.errors import InvalidRequest
from gala.render_types.params.captions import PLACES, CaptionPlace
from gala_renderer.captions.ass import plain
from gala_renderer.captions.segmentation import Caption as Shown
from gala_renderer.captions.segmentation import Rules, captions
from gala_renderer.library.engine_call import PathLike
from gala_renderer.speech.words import Word

_HEX: Final = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_MIDDLE: Final = 5
"""ASS counts alignments as a numeric keypad does."""


class Caption:
    """Words with times become segments: lines that are shown together, from when to when."""

    def create_subtitle_segments_english(
        self, words: Sequence[Mapping[str, Any]], max_length: int = 80, lines: int = 2
    ) -> list[dict[str, Any]]:
        """Segments of at most ``lines`` lines of ``max_length`` characters.

        ``words`` are ``[{"text", "start_ts", "end_ts"}]``; punctuation that stands alone joins the
        word before. A segment is ``{"text": [line, …], "start_ts", "end_ts"}``.
        """
        return _segments(list(_with_marks(_words(words))), max_length, lines)

    def create_subtitle_segments_international(
        self, words: Sequence[Mapping[str, Any]], max_length: int = 80, lines: int = 2
    ) -> list[dict[str, Any]]:
        """The same for every script: wide characters count two, and lines of scripts without
        spaces are cut between phrases."""
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
        """Write segments as ASS for a frame of ``dimensions`` pixels; gives the path.

        Measures are in pixels, ``shadow_transparency`` is 0 to 1, ``subtitle_position`` is ``top``,
        ``center`` or ``bottom``. Text never becomes syntax. Raises ``InvalidRequest`` naming the
        argument.
        """
        file = pysubs2.SSAFile()
        file.info |= {"PlayResX": str(dimensions[0]), "PlayResY": str(dimensions[1])}
        file.info |= {"WrapStyle": "2", "ScaledBorderAndShadow": "yes"}
        file.styles["Default"] = pysubs2.SSAStyle(
            fontname=plain(font_name).replace(",", " "),
            fontsize=font_size,
            primarycolor=_colour("font_color", font_color),
            outlinecolor=_colour("stroke_color", stroke_color),
            backcolor=_colour("shadow_color", shadow_color, shadow_transparency),
            bold=font_bold,
            italic=font_italic,
            outline=stroke_size,
            shadow=shadow_blur,
            alignment=pysubs2.Alignment(_MIDDLE),
        )
        place = _at(dimensions, subtitle_position)
        file.events.extend(_event(segment, place) for segment in segments)
        path = Path(output_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.to_string("ass"), encoding="utf-8", newline="\n")
        return path

    def hex_to_ass(self, hex_color: str, alpha: float = 0.0) -> str:
        """``#ff8800`` as ASS writes it, ``&H000088FF``; ``alpha`` is 0 (solid) to 1 (unseen)."""
        colour = _colour("hex_color", hex_color, alpha)
        return f"&H{colour.a:02X}{colour.b:02X}{colour.g:02X}{colour.r:02X}"

    def format_time(self, seconds: float) -> str:
        """A time as ASS writes it: ``1:01:01.50``."""
        if seconds < 0:
            raise InvalidRequest("seconds: must not be negative.", field="seconds")
        whole, hundredths = divmod(round(seconds * 100), 100)
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}.{hundredths:02}"


def _words(words: Iterable[Mapping[str, Any]]) -> list[Word]:
    try:
        return [
            Word(str(one["text"]), float(one["start_ts"]), float(one["end_ts"])) for one in words
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest(
            f"words: each needs text, start_ts and end_ts in seconds ({error!r}).", field="words"
        ) from error


def _with_marks(words: Iterable[Word]) -> Iterable[Word]:
    """The words, with punctuation that stands alone added to the one before."""
    held: Word | None = None
    for word in words:
        if held is not None and not any(character.isalnum() for character in word.text):
            held = Word(held.text + word.text.strip(), held.start, word.end)
            continue
        if held is not None:
            yield held
        held = word
    if held is not None:
        yield held


def _segments(words: Sequence[Word], max_length: int, lines: int) -> list[dict[str, Any]]:
    for name, value in (("max_length", max_length), ("lines", lines)):
        if value < 1:
            raise InvalidRequest(f"{name}: must be at least 1.", field=name)
    rules = Rules(max_chars=max_length, max_lines=lines, min_seconds=0.0)
    return [_segment(shown) for shown in captions(words, rules)]


def _segment(shown: Shown) -> dict[str, Any]:
    return {"text": list(shown.texts), "start_ts": shown.start, "end_ts": shown.end}


def _colour(field: str, text: str, alpha: float = 0.0) -> pysubs2.Color:
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise InvalidRequest(f"{field}: must be like #rgb or #rrggbb, not {text!r}.", field=field)
    if not 0 <= alpha <= 1:
        raise InvalidRequest(f"{field}: its transparency must be 0 to 1.", field=field)
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    red, green, blue = bytes.fromhex(digits)
    return pysubs2.Color(red, green, blue, round(alpha * 255))


def _at(dimensions: tuple[int, int], position: str) -> str:
    try:
        part = PLACES[CaptionPlace(position)]
    except ValueError as error:
        raise InvalidRequest(
            "subtitle_position: must be top, center or bottom.", field="subtitle_position"
        ) from error
    return f"{{\\an{_MIDDLE}\\pos({dimensions[0] // 2},{round(dimensions[1] * part)})}}"


def _event(segment: Mapping[str, Any], place: str) -> pysubs2.SSAEvent:
    text = segment["text"]
    lines = text.splitlines() if isinstance(text, str) else text
    return pysubs2.SSAEvent(
        start=pysubs2.make_time(s=segment["start_ts"]),
        end=pysubs2.make_time(s=segment["end_ts"]),
        text=place + "\\N".join(plain(line) for line in lines),
    )
