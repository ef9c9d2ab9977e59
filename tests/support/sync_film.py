"""A film whose scenes flash and beep at the same moments, over a steady tone: what drifts and what
clicks is measured in the finished file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from tests.fakes.media_files import make

SIZE: Final = (320, 180, 30)
_SIGNAL_SECONDS: Final = 1.0
"""When a scene flashes and beeps, after its start."""
_BEEP_SECONDS: Final = 0.2
_BEEP_HERTZ: Final = 3000
_TONE_HERTZ: Final = 330
_BEEP_BEND: Final = 0.02
"""Second differences of samples that only the beep reaches, not the tone."""
_NEAR: Final = 60
_WHITE: Final = 128


@dataclass(frozen=True, slots=True)
class Sync:
    """What was measured: for each scene, the seconds by which its beep is later than its flash, and
    how much rougher the tone is at joins than elsewhere, 1 if it is not."""

    late: Sequence[float]
    roughness: float

    @property
    def drift(self) -> float:
        """Seconds between the earliest and the latest beep, measured from the flashes."""
        return max(self.late) - min(self.late)


def files(folder: Path, *, scenes: int, seconds: float) -> list[Path]:
    """Make the clip and the tone of a film of scenes of so many seconds."""
    width, height, fps = SIZE
    on = f"between(t,{_SIGNAL_SECONDS},{_SIGNAL_SECONDS + _BEEP_SECONDS})"
    flash = (
        f"color=black:s={width}x{height}:r={fps}:d={seconds},drawbox=c=white:t=fill:enable='{on}'"
    )
    beep = f"aevalsrc='if({on},0.4*sin({_BEEP_HERTZ}*2*PI*t),0)':s=48000:d={seconds}"
    clip = make(folder / "clip.mov", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep,
                "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
                "-c:a", "pcm_s16le")  # fmt: skip
    # A whole number of waves in each scene: the tone is at the same place of its wave at each join.
    tone = f"sine=f={_TONE_HERTZ}:r=48000:d={scenes * seconds}"
    return [clip, make(folder / "tone.wav", "-f", "lavfi", "-i", tone)]


def composition(*, scenes: int, seconds: float) -> dict[str, Any]:
    """Return the film of the files."""
    scene = {"elements": [{"type": "video", "src": "clip"}], "duration": seconds}
    tone = {"type": "audio", "src": "tone", "duration": "end"}
    return {
        "quality": "draft",
        "loudness_lufs": None,
        "scenes": [scene] * scenes,
        "tracks": [{"clips": [tone]}],
    }


def measured(path: Path, *, scenes: int, seconds: float) -> Sync:
    """Measure a finished film."""
    flashes = _flashes(path)
    bends, rate, start = _bends(path)
    starts = [number * seconds for number in range(scenes)]
    beeps = [_first_beep(bends, rate, at - start, seconds) + start for at in starts]
    if len(flashes) != scenes:
        raise ValueError(f"{len(flashes)} flashes were seen in {scenes} scenes")
    late = [beep - flash for beep, flash in zip(beeps, flashes, strict=True)]
    joins = [round((at - start) * rate) for at in starts[1:]]
    near = max(bends[at - _NEAR : at + _NEAR].max() for at in joins)
    apart = round(_SIGNAL_SECONDS / 2 * rate)
    far = max(bends[at + apart - _NEAR : at + apart + _NEAR].max() for at in joins)
    return Sync(late, float(near / far))


def _flashes(path: Path) -> list[float]:
    """Return the times of the first white frames."""
    found, before = [], False
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            is_white = bool(frame.to_ndarray(format="gray").mean() > _WHITE)
            if is_white and not before:
                found.append(float(frame.time))
            before = is_white
    return found


def _bends(path: Path) -> tuple[NDArray[np.float64], int, float]:
    """Return the absolute second differences of the sound, its rate, and when it starts."""
    with av.open(str(path)) as film:
        frames = list(film.decode(audio=0))
        sound = np.concatenate([one.to_ndarray()[0] for one in frames]).astype(np.float64)
        return np.abs(np.diff(sound, 2)), frames[0].sample_rate, float(frames[0].time)


def _first_beep(bends: NDArray[np.float64], rate: int, start: float, seconds: float) -> float:
    """Return the time of the first sample of a beep in a scene."""
    first = round(start * rate) + rate // 10
    part = bends[first : round((start + seconds) * rate)]
    return (first + int(np.argmax(part > _BEEP_BEND))) / rate
