"""Cut raw PCM at exact samples and join the parts without clicks, in constant memory."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from gala_renderer.engine.plan import Report

Samples: TypeAlias = npt.NDArray[np.float32]

SAMPLE_BYTES: Final = 4
"""Raw PCM is 32-bit floats, little endian, with interleaved channels."""

FADE_SECONDS: Final = 0.008
"""The length of the cross-fade at each join."""

_BLOCK: Final = 1 << 18


class SpliceCancelled(Exception):
    """The splice was cancelled."""


def splice(
    source: Path,
    target: Path,
    spans: Sequence[tuple[float, float]],
    *,
    rate: int,
    channels: int,
    report: Report,
    stop: threading.Event,
) -> int:
    """Write the spans (seconds) of ``source`` to ``target``, joined; return the frames written.

    At each join, the sound after the previous part fades out while the next part fades in, so that
    the length is exactly that of the spans. Raise ``SpliceCancelled`` if ``stop`` is set.
    """
    sound = np.memmap(source, dtype="<f4", mode="r").reshape(-1, channels)
    bounds = [(round(start * rate), min(len(sound), round(end * rate))) for start, end in spans]
    total = sum(end - start for start, end in bounds)
    written = 0
    with target.open("wb") as out:
        for at, (start, end) in enumerate(bounds):
            after = bounds[at - 1][1] if at else None
            for begin in range(start, end, _BLOCK):
                if stop.is_set():
                    raise SpliceCancelled
                block = np.array(sound[begin : min(end, begin + _BLOCK)], dtype=np.float32)
                if begin == start and after is not None:
                    _join(block, sound[after : after + round(FADE_SECONDS * rate)])
                out.write(block.astype("<f4").tobytes())
                written += len(block)
                report(written / total)
    return written


def _join(block: Samples, tail: Samples) -> None:
    """Cross-fade from the sound that follows the previous part into the start of this block."""
    length = min(len(block), len(tail))
    if length == 0:
        return
    rising = np.sin(np.linspace(0, math.pi / 2, length, dtype=np.float32)) ** 2
    block[:length] = block[:length] * rising[:, None] + tail[:length] * (1 - rising[:, None])
