"""A film with what editing programs know, and what they do not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.exchange.edit import Edit
from gala.timeline.exchange.editing import FileFacts, edit_of
from gala.timeline.exchange.rates import EditRate
from gala.timeline.measurements import KnownMeasurements, Media, Size
from gala.timeline.reader import read_timeline

FRAME = Format(width=640, height=360, fps=30)
WIDE = Size(640, 360)
FILM: dict[str, Any] = {
    "background": "#102030",
    "tracks": [
        {
            "clips": [
                {"type": "video", "src": "a b.mp4", "duration": 70.02, "loop": True, "name": "A"},
                {"type": "video", "src": "b.mp4", "trim": {"start": 0.5}, "duration": 3},
                {
                    "type": "video",
                    "src": "a b.mp4",
                    "trim": {"start": 1},
                    "duration": 2,
                    "transition": {"type": "fade", "duration": 0.5},
                },
                {"type": "image", "src": "c.png", "duration": 1.5, "fade_in": 0.3},
            ]
        },
        {"clips": [{"type": "text", "text": 'Hi <&> "x"/y', "start": 1, "duration": 2}]},
        {"clips": [{"type": "audio", "src": "s.mp3", "volume": 0.5, "duration": "end"}]},
    ],
}
KNOWN = KnownMeasurements(
    {
        "a b.mp4": Media(Fraction(10), WIDE),
        "b.mp4": Media(Fraction(8), WIDE),
        "c.png": Media(None, WIDE),
        "s.mp3": Media(Fraction(100)),
    }
)
FACTS = {
    "a b.mp4": FileFacts(".mp4", Fraction(10), has_sound=True),
    "b.mp4": FileFacts(".mp4", Fraction(8)),
    "c.png": FileFacts(".png", None),
    "s.mp3": FileFacts(".mp3", Fraction(100), has_picture=False, has_sound=True),
}


def edit(rate: str = "30", film: dict[str, Any] = FILM, *, keeps_speed: bool = True) -> Edit:
    timeline = read_timeline(film)
    compiled = compile_timeline(timeline, FRAME, KNOWN)
    return edit_of(
        compiled, timeline, FACTS, EditRate.of(rate), name="film", keeps_speed=keeps_speed
    )
