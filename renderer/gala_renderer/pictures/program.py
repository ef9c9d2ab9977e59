"""Converts a picture to sRGB, and prints one line of JSON about the result.

Run as a separate program by :mod:`gala_renderer.pictures.conversion` in the sandbox, because
profiles and pictures are untrusted bytes: ``python program.py <source> <target> <primaries>
<transfer>``, the last two by FFmpeg's names or empty. A still picture becomes a PNG, an animation a
Matroska file; both are upright, and keep their transparency.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from gala.garbage_collection import paused

with paused():
    from PIL import Image, ImageCms, ImageOps

    from gala_renderer.pictures.inspection import NARROWEST
    from gala_renderer.pictures.opening import opened
    from gala_renderer.pictures.source_colour import SourceColour, source_colour
    from gala_renderer.probe.animations import APNG_DEFAULT_FPS

_ANIMATIONS: Final = frozenset({"PNG", "WEBP", "AVIF"})
_TICK: Final = Fraction(1, 1000)
_SHORTEST_MS: Final = 10
_USUAL_MS: Final = 1000 // APNG_DEFAULT_FPS


def in_srgb(image: Image.Image, colour: SourceColour) -> Image.Image:
    """Return the picture in RGB or RGBA, in sRGB."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    shown: Image.Image | None = _in_mode(image, colour.mode or "RGB")
    if colour.transform is not None and shown is not None:
        shown = ImageCms.applyTransform(shown, colour.transform, inPlace=False)
    if shown is None:
        raise SystemExit("littlecms returned nothing")
    if alpha is not None:
        shown.putalpha(alpha)
    return shown


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16"):
        # Pillow would clip the samples; the more significant bytes are the picture in 8 bits.
        high = 0 if image.mode.endswith("B") else 1
        image = Image.frombytes("L", image.size, image.tobytes()[high::2])
    if image.mode in {"P", "PA", "RGBa", "La"}:
        image = image.convert("RGBA")
    return image if image.mode == mode else image.convert(mode)


def _widened(image: Image.Image) -> Image.Image:
    size = (max(NARROWEST, image.width), max(NARROWEST, image.height))
    return image if image.size == size else image.resize(size, Image.Resampling.NEAREST)


def convert(source: Path, target: Path, named: Mapping[str, str | None]) -> dict[str, Any]:
    """Write the picture to ``target`` in sRGB; return what it is like now."""
    with opened(source) as image:
        if image is None:
            raise SystemExit("Pillow does not know this format")
        colour = source_colour(image, source, named)
        if image.format in _ANIMATIONS and getattr(image, "is_animated", False):
            _write_animation(image, colour, target)
            return {"animated": True}
        ImageOps.exif_transpose(image, in_place=True)
        shown = _widened(in_srgb(image, colour))
        pixels = image.info.get("dpi")
    # What Pillow would copy from the source, above all its profile, is no longer true; the shape of
    # its pixels is.
    shown.info = {}
    shape = {"dpi": pixels} if pixels and pixels[0] != pixels[1] else {}
    # Little compression, as the file is read once or twice and then removed.
    shown.save(target, format="PNG", compress_level=1, **shape)
    return {"width": shown.width, "height": shown.height, "alpha": shown.mode == "RGBA"}


def _write_animation(image: Image.Image, colour: SourceColour, target: Path) -> None:
    import av  # noqa: PLC0415 - rarely needed
    import numpy as np  # noqa: PLC0415

    with av.open(str(target), "w", format="matroska") as file:
        stream = file.add_stream("ffv1", rate=1000)
        stream.width, stream.height, stream.pix_fmt = image.width, image.height, "bgra"
        stream.time_base = stream.codec_context.time_base = _TICK
        at = 0
        for shown, delay in _frames(image, colour):
            frame = av.VideoFrame.from_ndarray(np.asarray(shown), format="rgba")
            frame.pts, frame.duration, frame.time_base = at, delay, _TICK
            for packet in stream.encode(frame.reformat(format="bgra")):
                # The encoder does not hand it on, and the last frame would vanish at once.
                packet.duration = delay
                file.mux(packet)
            at += delay
        file.mux(stream.encode())


def _frames(image: Image.Image, colour: SourceColour) -> Iterator[tuple[Image.Image, int]]:
    """Yield each frame, and for how many milliseconds it is shown."""
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        delay = round(image.info.get("duration") or 0)
        shown = in_srgb(image, colour).convert("RGBA")
        yield shown, delay if delay >= _SHORTEST_MS else _USUAL_MS


def main(source: str, target: str, primaries: str, transfer: str) -> None:
    """Convert one picture; its size was checked by the inspection."""
    Image.MAX_IMAGE_PIXELS = None
    named = {"primaries": primaries or None, "transfer": transfer or None}
    print(json.dumps(convert(Path(source), Path(target), named)))  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
