r"""Write captions as ASS (Advanced SubStation Alpha), from plain text.

No character of a text can become syntax: braces and backslashes are replaced by look-alikes and
line ends by spaces, because ASS has no escapes that every reader supports.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.captions.writing_systems import apart
from gala_renderer.speech.words import Word

_HEADER: Final = """\
[Script Info]
ScriptType: v4.00+
PlayResX: 1080
PlayResY: 1920
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Noto Sans,83,&H0000D6FF,&H00FFFFFF,&H00000000,&H66000000,-1,0,0,0,100,100,0,0,1,\
6,2,2,54,54,480,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_LOOK_ALIKES: Final = str.maketrans({"{": "｛", "}": "｝", "\\": "＼"})  # noqa: RUF001 - intended
_CENTISECONDS: Final = 100


def ass(captions: Sequence[TimedCaption]) -> str:
    """Return the captions as ASS; words are highlighted as they are spoken (``\\k``)."""
    return _HEADER + "".join(_events(captions))


def plain(text: str) -> str:
    """Return the text with all ASS syntax replaced."""
    return " ".join(text.translate(_LOOK_ALIKES).split())


def _events(captions: Sequence[TimedCaption]) -> Iterator[str]:
    for caption in captions:
        start, end = _ticks(caption.start), _ticks(caption.end)
        text = "".join(_karaoke(caption, start))
        yield (
            f"Dialogue: 0,{_clock(start)},{_clock(max(end, start + 1))},Default,,0,0,0,,{text}\n"
        )


def _karaoke(caption: TimedCaption, start: int) -> Iterator[str]:
    """Yield each word with the time until the next one starts; rounding never accumulates."""
    starts = [_ticks(word.start) for word in caption.words] + [_ticks(caption.end)]
    number = 0
    if starts[0] > start:
        yield f"{{\\k{starts[0] - start}}}"
    for at, line in enumerate(caption.lines):
        if at:
            yield "\\N"
        for place, word in enumerate(line):
            duration = max(0, starts[number + 1] - starts[number])
            yield f"{{\\k{duration}}}{_spaced(line, place)}{plain(word.text)}"
            number += 1


def _spaced(line: Sequence[Word], place: int) -> str:
    return " " if place and apart(line[place - 1].text, line[place].text) else ""


def _ticks(seconds: float) -> int:
    return round(seconds * _CENTISECONDS)


def _clock(ticks: int) -> str:
    whole, hundredths = divmod(ticks, _CENTISECONDS)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}.{hundredths:02}"
