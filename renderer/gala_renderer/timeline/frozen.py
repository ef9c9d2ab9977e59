"""Videos that stand still for a while and go on: which frame of the file is seen when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from gala.timeline.compilation.layers import Hold
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.ffmpeg.video_source import rate_text


class FrameHold(NamedTuple):
    """A hold in frames of the layer."""

    first: int
    end: int
    """The frame with which the video goes on, which is the one that was held."""


def frame_holds(holds: Sequence[Hold], rate: Fraction) -> list[FrameHold]:
    """Return holds in frames; what was rounded does not add up."""
    return [FrameHold(round(one.start * rate), round(one.end * rate)) for one in holds]


def played_frame(number: int, holds: Sequence[FrameHold]) -> int:
    """Return which frame of the video, without holds, a frame of its layer shows."""
    held = sum(min(number, one.end) - one.first for one in holds if one.first < number)
    return number - held


def interrupted(
    stream: Stream, holds: Sequence[FrameHold], span: tuple[int, int], rate: Fraction
) -> Stream:
    """Return some frames of a layer, made of those that it plays then."""
    later = list(repeats(holds, *span))
    if not later:
        return stream
    # The frame before a gap in time is repeated in it; the filter `loop` begins one frame early.
    times = "+".join(["N", *(f"{count}*gt(N,{at})" for at, count in later)])
    spread = stream.filter("settb", f"1/{rate}").filter("setpts", times)
    whole = spread.filter("fps", rate_text(rate)).filter("tpad", stop=-1, stop_mode="clone")
    return whole.trim(end_frame=span[1] - span[0])


def repeats(holds: Sequence[FrameHold], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what makes the frames ``first`` to ``end`` of a layer of those that it plays then.

    Each is the number of a frame, from 0, and how often it is repeated.
    """
    begin = played_frame(first, holds)
    for one in holds:
        count = min(one.end, end) - max(one.first, first)
        if count > 0:
            # Without the frame with which it goes on, the last one is no repetition.
            count -= one.end >= end
        if count > 0:
            yield played_frame(one.first, holds) - begin, count
