"""Camera motion over a picture, by GALA and by FFmpeg's ``zoompan``: how long, and how steady."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import av
import cv2
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.platform.report import Figure, Section, seconds
from tests.support.engine import EngineHarness

_SIZE: Final = (1080, 1920, 30)
_SECONDS: Final = 30
_AMOUNT: Final = 0.15
_TILE: Final = 128
_METHOD: Final = (
    "A picture of 1620 x 2880 that grows by 15 % in 30 s, at 1080 x 1920 and 30 fps, each once:"
    " zoompan with x264 veryfast, crf 20, GALA with its own settings, whose SSIM is not lower."
    " Jitter is how far four tiles of 128 pixels are from a smooth path in their"
    " steps between frames, root mean square."
)

Grey = NDArray[np.float32]


def section(folder: Path) -> Section:
    """Make both films in the folder."""
    picture, other = folder / "picture.png", folder / "zoompan.mp4"
    _picture().save(picture)
    harness = EngineHarness(folder / "camera", renderer_slots=1)
    made: list[Path] = []
    try:
        mine = seconds(lambda: made.append(_ours(harness, picture)))
        plain = seconds(lambda: _zoompan(picture, other))
        figures = [
            Figure(what="Ken Burns of 30 s", unit="s", ours=mine, reference=plain, below=5.0),
            Figure(
                what="jitter",
                unit="pixels",
                ours=_jitter(made[0]),
                reference=_jitter(other),
                most_ratio=0.25,
            ),
        ]
    finally:
        harness.close()
    return Section(
        title="Camera motion", method=_METHOD, against="FFmpeg's zoompan", figures=figures
    )


def _picture() -> Image.Image:
    """Return a picture with detail of every size."""
    random = np.random.default_rng(1)
    whole = np.zeros((2880, 1620), np.float32)
    for size in (8, 16, 32, 64, 128, 256):
        noise = random.standard_normal((2880 // size + 1, 1620 // size + 1)).astype(np.float32)
        whole += cv2.resize(noise, (1620, 2880), interpolation=cv2.INTER_CUBIC) * size**0.5
    low, high = whole.min(), whole.max()
    return Image.fromarray(((whole - low) / (high - low) * 255).astype(np.uint8)).convert("RGB")


def _ours(harness: EngineHarness, picture: Path) -> Path:
    motion = {"type": "zoom-in", "amount": f"{_AMOUNT:.0%}"}
    clip = {"type": "image", "src": "picture", "duration": _SECONDS, "motion": motion}
    params: dict[str, Any] = {"quality": "preview", "tracks": [{"clips": [clip]}]}
    return harness.make("timeline", params, size=_SIZE, seconds=600, media=[picture]).path("video")


def _zoompan(picture: Path, target: Path) -> None:
    width, height, fps = _SIZE
    frames = _SECONDS * fps
    shown = (
        f"zoompan=z=1+{_AMOUNT}*on/{frames}:x=(iw-iw/zoom)/2:y=(ih-ih/zoom)/2:d={frames}"
        f":s={width}x{height}:fps={fps},format=yuv420p"
    )
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-i", str(picture)),
        *("-vf", shown, "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", str(target)),
    ]
    subprocess.run(command, check=True)


def _jitter(path: Path) -> float:
    """Return the mean deviation in pixels of tiles from smooth paths, over 100 frames."""
    frames = list(_frames(path, 100))
    height, width = frames[0].shape
    corners = [(width // 5, height // 5), (width * 3 // 4, height // 5),
               (width // 5, height * 3 // 4), (width * 3 // 4, height * 3 // 4)]  # fmt: skip
    found = [deviation for corner in corners for deviation in _deviations(frames, corner)]
    return float(np.mean(found))


def _deviations(frames: list[Grey], corner: tuple[int, int]) -> Iterator[float]:
    x, y = corner
    window = cv2.createHanningWindow((_TILE, _TILE), cv2.CV_32F)
    tiles = [np.ascontiguousarray(one[y : y + _TILE, x : x + _TILE]) for one in frames]
    steps = np.array([cv2.phaseCorrelate(a, b, window)[0] for a, b in pairwise(tiles)])
    times = np.arange(len(steps))
    for axis in (0, 1):
        smooth = np.polyval(np.polyfit(times, steps[:, axis], 2), times)
        yield float(np.sqrt(np.mean((steps[:, axis] - smooth) ** 2)))


def _frames(path: Path, count: int) -> Iterator[Grey]:
    with av.open(str(path)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number == count:
                return
            yield frame.to_ndarray(format="gray").astype(np.float32)
