"""Frame rates of editing programs, and their timecodes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

from gala.errors import InvalidRequest
from gala.media import MAX_FPS

_NTSC: Final = 1001
_HALF: Final = Fraction(1, 2)
RATE_WORDS: Final = "23.976, 24, 25, 29.97, 30, 50, 59.94, 60 or another whole number"


@dataclass(frozen=True, slots=True)
class EditRate:
    """Frames per second, and how frames are counted in timecodes."""

    fps: Fraction
    drop_frame: bool = False
    """Whether timecodes leave numbers out, so that they keep up with the clock."""

    @classmethod
    def of(cls, rate: float | str, *, drop_frame: bool | None = None) -> Self:
        """Return the rate that a number means: 29.97 is 30000/1001.

        ``drop_frame`` is by default True where it exists, at 29.97 and 59.94. Raise InvalidRequest
        for a rate that is not in 1 to 120 and for drop-frame timecode at another rate.
        """
        fps = exact_rate(rate)
        can_drop = fps.denominator == _NTSC and round(fps) % 30 == 0
        if drop_frame and not can_drop:
            raise InvalidRequest(
                f"drop_frame: there is no drop-frame timecode at {rate} frames per second, only at"
                " 29.97 and 59.94.",
                field="params.drop_frame",
            )
        return cls(fps, can_drop if drop_frame is None else drop_frame)

    @property
    def nominal(self) -> int:
        """Frames per second as timecodes count them: 30 for 29.97."""
        return round(self.fps)

    @property
    def is_ntsc(self) -> bool:
        """Return True for 23.976, 29.97, 59.94 and so on."""
        return self.fps.denominator == _NTSC

    def frame_of(self, seconds: Fraction) -> int:
        """Return the frame that is nearest to a time."""
        return (seconds * self.fps + _HALF).__floor__()

    def timecode(self, frame: int) -> str:
        """Return the timecode of a frame: ``01:00:00:00``; with drop frames ``01:00:00;00``."""
        nominal = self.nominal
        if self.drop_frame:
            frame = self._counted(frame)
        seconds, frames = divmod(frame, nominal)
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        separator = ";" if self.drop_frame else ":"
        return f"{hours % 24:02d}:{minute:02d}:{second:02d}{separator}{frames:02d}"

    def _counted(self, frame: int) -> int:
        """Return the number of a frame if those that drop-frame timecode leaves out count, too.

        It leaves out the first two (at 59.94 four) of each minute, but not of each tenth minute.
        """
        dropped = self.nominal // 15
        minute = self.nominal * 60 - dropped
        tens, rest = divmod(frame, minute * 10 + dropped)
        left_out = 9 * tens
        if rest >= dropped:
            left_out += (rest - dropped) // minute
        return frame + dropped * left_out


def exact_rate(rate: float | str) -> Fraction:
    """Return the frame rate that a number means. Raise InvalidRequest if it is not in 1 to 120."""
    try:
        number = float(rate)
    except ValueError:
        number = math.nan
    if not 1 <= number <= MAX_FPS:
        raise InvalidRequest(
            f"{str(rate)[:40]!r} is not a frame rate; it is {RATE_WORDS}.", field="params.rate"
        )
    for nominal in (round(number), round(number) + 1):
        exact = Fraction(nominal * 1000, _NTSC)
        if abs(number - exact) < 0.0055 and abs(number - exact) < abs(number - nominal):
            return exact
    return Fraction(number).limit_denominator(1000)
