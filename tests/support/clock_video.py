"""Films that show their own time: a number on every frame, a flash and a beep every second.

Each frame shows its number in ten squares, a patch of one colour, and a flash in the first tenth of
each second after 0.5, while a beep sounds. So a render can be checked against the film's clock.
"""

from __future__ import annotations

import subprocess
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

WIDTH: Final = 160
HEIGHT: Final = 96
RATE: Final = 30
SECONDS: Final = 6
COLOUR: Final = (200, 60, 40)
"""The red, green and blue of the patch."""
_BITS: Final = 10
_SQUARE: Final = 16
_PATCH: Final = (slice(8, 40), slice(104, 136))
_FLASH: Final = (slice(8, 56), slice(8, 72))
_SAMPLES: Final = 48_000
_LOUD: Final = 0.1

Picture = npt.NDArray[np.uint8]


def picture(number: int) -> Picture:
    """Return frame ``number``, as red, green and blue."""
    drawn = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    drawn[_PATCH] = COLOUR
    drawn[_FLASH] = 235 if is_flash(number / RATE) else 20
    for bit in range(_BITS):
        left = bit * _SQUARE
        drawn[72:88, left : left + _SQUARE] = 230 if number >> bit & 1 else 20
    return drawn


def is_flash(seconds: float) -> bool:
    """Return True if a flash is shown at a time."""
    return (seconds + 0.5 + 1e-6) % 1 < 0.1


def number_of(drawn: Picture) -> int:
    """Return the number on a frame of any size."""
    grey = drawn.astype(np.int32).sum(axis=2) / 3
    row = grey[round(80 / HEIGHT * len(grey))]
    middles = ((np.arange(_BITS) + 0.5) * _SQUARE / WIDTH * len(row)).astype(int)
    return sum(1 << bit for bit, at in enumerate(middles) if row[at] > 125)


def patch_of(drawn: Picture) -> tuple[float, ...]:
    """Return the mean colour inside the patch of a frame of the film's size."""
    return tuple(drawn[16:32, 112:128].reshape(-1, 3).mean(axis=0))


def make_clock_video(path: Path) -> Path:
    """Write the film: H.264 with B-frames and a key frame each second, and AAC."""
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"),
        *("-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{WIDTH}x{HEIGHT}"),
        *("-framerate", str(RATE), "-i", "pipe:0", "-f", "lavfi", "-i"),
        f"aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t+0.5,1),0.1)':s={_SAMPLES}:d={SECONDS}",
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,format=yuv420p"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-color_range", "tv", "-c:v", "libx264", "-preset", "veryfast", "-crf", "10"),
        *("-g", str(RATE), "-bf", "2", "-c:a", "aac", "-b:a", "96k", str(path)),
    ]
    frames = b"".join(picture(number).tobytes() for number in range(RATE * SECONDS))
    subprocess.run(command, input=frames, check=True, capture_output=True, timeout=60)
    return path


@dataclass(frozen=True)
class Seen:
    """What a film shows and sounds like; times in seconds from the file's start."""

    times: list[float]
    numbers: list[int]
    patches: list[tuple[float, ...]]
    flashes: list[float]
    beeps: list[float]
    picture_end: float
    sound_end: float

    def number_at(self, seconds: float) -> int:
        """Return the number on the frame that is shown at a time."""
        return self.numbers[max(0, bisect_right(self.times, seconds + 1e-4) - 1)]

    def numbers_near(self, seconds: float, slack: float) -> set[int]:
        """Return the numbers that are shown within ``slack`` of a time."""
        first = max(0, bisect_right(self.times, seconds - slack) - 1)
        last = max(first, bisect_right(self.times, seconds + slack) - 1)
        return set(self.numbers[first : last + 1])


def watch(path: Path, *, video: int = 0, audio: int = 0) -> Seen:
    """Decode all of a film."""
    with av.open(str(path)) as container:
        start = (container.start_time or 0) / av.time_base
        shown = sorted(_frames(container, video, start), key=lambda one: one[0])
    times = [time for time, _, _ in shown]
    pictures = [drawn for _, drawn, _ in shown]
    bright = [float(drawn[round(0.3 * len(drawn)), round(0.25 * drawn.shape[1])].mean()) > 128
              for drawn in pictures]  # fmt: skip
    flashes = [
        time for at, time in enumerate(times) if bright[at] and (at == 0 or not bright[at - 1])
    ]
    sounds, sound_end = _sound(path, audio, start)
    end = times[-1] + (shown[-1][2] or (times[-1] - times[0]) / max(1, len(times) - 1))
    patches = [patch_of(drawn) for drawn in pictures if drawn.shape[:2] == (HEIGHT, WIDTH)]
    numbers = [number_of(drawn) for drawn in pictures]
    return Seen(times, numbers, patches, flashes, sounds, end, sound_end)


def _frames(container: Any, video: int, start: float) -> Iterator[tuple[float, Picture, float]]:
    stream = container.streams.video[video]
    for frame in container.decode(stream):
        matrix = "ITU709" if int(frame.colorspace) == 1 else "ITU601"
        drawn = frame.reformat(format="rgb24", src_colorspace=matrix, interpolation="BICUBIC")
        lasts = float(frame.duration * frame.time_base) if frame.duration else 0.0
        yield frame.time - start, drawn.to_ndarray(), lasts


def _sound(path: Path, audio: int, start: float) -> tuple[list[float], float]:
    """Return when each beep starts, and when the sound ends."""
    with av.open(str(path)) as container:
        if len(container.streams.audio) <= audio:
            return [], 0.0
        stream = container.streams.audio[audio]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=_SAMPLES)
        placed: list[tuple[float, npt.NDArray[np.float32]]] = []
        for frame in container.decode(stream):
            parts = resampler.resample(frame)
            placed += [((part.time or 0.0) - start, part.to_ndarray()[0]) for part in parts]
    end = max(time + len(part) / _SAMPLES for time, part in placed)
    track = np.zeros(round(end * _SAMPLES) + 1, np.float32)
    for time, part in placed:
        at = round(time * _SAMPLES)
        whole = part[max(0, -at) :]
        at = max(0, at)
        track[at : at + len(whole)] = whole[: len(track) - at]
    loud = np.flatnonzero(np.abs(track) > _LOUD) / _SAMPLES
    starts = [
        float(at) for at, before in zip(loud, [-1.0, *loud], strict=False) if at - before > 0.3
    ]
    return starts, end
