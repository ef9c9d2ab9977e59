"""One frame of a film as a picture file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.frame_protocol import FrameFormat
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream

_ENCODERS: Final[Mapping[FrameFormat, Mapping[str, Any]]] = {
    # Somebody waits for the picture: as small as it becomes in a moment.
    FrameFormat.PNG: {"c:v": "png", "compression_level": 1},
    FrameFormat.JPEG: {"c:v": "mjpeg", "q:v": 2},
    FrameFormat.WEBP: {"c:v": "libwebp", "quality": 90, "compression_level": 1},
}


def single_frame(
    pictures: Stream,
    path: Path,
    form: FrameFormat,
    *,
    width: int | None,
    transparent: bool,
    beside: Sequence[Stream] = (),
) -> tuple[str, ...]:
    """Return arguments that write the first of some frames in BT.709, at most ``width`` wide.

    JPEG has no transparency. ``beside`` are other outputs of the same run.
    """
    size: dict[str, Any] = {}
    if width is not None:
        size = {"w": f"min({width},iw)", "h": "max(1,round(ow*ih/iw))", "flags": "area"}
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE, **_ENCODERS[form]}
    if form is FrameFormat.JPEG:
        # JPEG is full range, and its readers assume BT.601.
        colours = {"out_color_matrix": "bt601", "out_range": "pc"}
        pixels = "yuvj420p"
    else:
        colours, pixels = {}, "rgba" if transparent else "rgb24"
    scaled = pictures.filter(
        "scale", in_color_matrix="bt709", in_range="tv", **colours, **size
    ).filter("format", pixels)
    output = ffmpeg.output(scaled, str(path), **options)
    return tuple((ffmpeg.merge_outputs(output, *beside) if beside else output).get_args())
