"""One frame of a film as a picture file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any, Final

import ffmpeg
import numpy as np

from gala.errors import RenderFailed
from gala.frame_protocol import FrameFormat
from gala.media import Format
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.pictures.png_encoding import encode_png
from gala_renderer.timeline.drawing.files import read_file

_OUTPUTS: Final[Mapping[FrameFormat, Mapping[str, Any]]] = {
    # Raw pixels, which `read` encodes.
    FrameFormat.PNG: {"f": "rawvideo"},
    FrameFormat.JPEG: {"f": "image2", "update": 1, "c:v": "mjpeg", "q:v": 2},
    FrameFormat.WEBP: {
        "f": "image2",
        "update": 1,
        "c:v": "libwebp",
        "quality": 90,
        # Somebody waits for the picture: as small as it becomes in a moment.
        "compression_level": 1,
    },
}

_ONE_THREAD: Final = ("-filter_complex_threads", "1")
"""For one frame, threads take longer to start and to wait for each other than the filters work."""


@dataclass(frozen=True, slots=True)
class FramePicture:
    """A picture of the first of some frames in BT.709, which FFmpeg writes to ``path``.

    ``frame`` is their size; the picture is at most ``width`` wide. JPEG has no transparency.
    """

    path: Path
    format: FrameFormat
    frame: Format
    width: int | None
    transparent: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        if self.width is None or self.width >= self.frame.width:
            return self.frame.width, self.frame.height
        exact = self.width * self.frame.height / self.frame.width
        return self.width, max(1, floor(exact + 0.5))

    def arguments(self, frames: Stream, *, beside: Sequence[Stream] = ()) -> tuple[str, ...]:
        """Return FFmpeg's arguments; ``beside`` are other outputs of the same run."""
        width, height = self.size
        if self.format is FrameFormat.JPEG:
            # JPEG is full range, and its readers assume BT.601.
            colours = {"out_color_matrix": "bt601", "out_range": "pc"}
            pixels = "yuvj420p"
        else:
            colours, pixels = {}, "rgba" if self.transparent else "rgb24"
        scaled = frames.filter(
            "scale",
            w=width,
            h=height,
            flags="area" if width < self.frame.width else "bicubic",
            in_color_matrix="bt709",
            in_range="tv",
            **colours,
        ).filter("format", pixels)
        options = {"frames:v": 1, **REPRODUCIBLE, **_OUTPUTS[self.format]}
        output = ffmpeg.output(scaled, str(self.path), **options)
        whole = ffmpeg.merge_outputs(output, *beside) if beside else output
        return (*_ONE_THREAD, *whole.get_args())

    def read(self) -> bytes:
        """Return the picture file. Raise RenderFailed if FFmpeg did not write it."""
        content = read_file(self.path)
        if self.format is not FrameFormat.PNG:
            return content
        width, height = self.size
        channels = 4 if self.transparent else 3
        if len(content) != width * height * channels:
            raise RenderFailed("FFmpeg did not write a whole frame.")
        return encode_png(np.frombuffer(content, np.uint8).reshape(height, width, channels))
