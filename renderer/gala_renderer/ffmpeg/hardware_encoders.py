"""Which H.264 encoders really work on this machine, found out by encoding with them.

A driver may be listed and yet be missing, too old, or out of sessions, so that only an encoded
frame tells. Each one is tried once, through the seam, under the same limits as a render.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import ffmpeg as graph

from gala.render_types.params.video_encoding import Encoder, Quality, VideoParams
from gala_renderer.engine.order import RenderOrder
from gala_renderer.ffmpeg.encoder_options import VideoEncoding, h264, hardware, software, uploaded
from gala_renderer.ffmpeg.runner import FFmpeg

_TRY_SECONDS: Final = 20.0
_SIDE: Final = 256
"""Large enough for every chip: the smallest frame of NVENC is 145 pixels wide."""

_PREFERRED: Final = (Encoder.NVENC, Encoder.VIDEOTOOLBOX, Encoder.QSV, Encoder.VAAPI)
"""Those with the better pictures first."""

_DEVICES: Final = Path("/dev/dri")


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """How to encode, and a line for the job's log if that is not what was asked for."""

    encoding: VideoEncoding
    warning: str | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The line as a plan's warnings."""
        return () if self.warning is None else (self.warning,)


class Encoders:
    """The H.264 encoders of this machine; nothing is tried before somebody wants hardware."""

    def __init__(self, ffmpeg: FFmpeg, *, devices: Path = _DEVICES):
        self._ffmpeg = ffmpeg
        self._devices = devices
        self._found: Mapping[Encoder, str | None] | None = None
        self._finding = asyncio.Lock()

    async def choose(self, encoder: Encoder, quality: Quality) -> EncoderChoice:
        """What a request for ``encoder`` gets here; software if the hardware does not work."""
        if encoder is Encoder.SOFTWARE:
            return EncoderChoice(software(quality))
        found = await self.found()
        if encoder is Encoder.AUTO:
            working = [name for name in _PREFERRED if found[name] is None]
            return EncoderChoice(
                self._encoding(working[0], quality) if working else software(quality)
            )
        reason = found[encoder]
        if reason is None:
            return EncoderChoice(self._encoding(encoder, quality))
        return EncoderChoice(
            software(quality),
            f"params.encoder: {encoder} does not work here ({reason}); encoded in software",
        )

    async def found(self) -> Mapping[Encoder, str | None]:
        """Each hardware encoder: ``None`` if it works, else the reason why not. Tried once."""
        async with self._finding:
            if self._found is None:
                # One after the other: a chip that is opened twice at once may refuse both.
                tried = {encoder: await self._try(encoder) for encoder in _PREFERRED}
                self._found = MappingProxyType(tried)
        return self._found

    async def _try(self, encoder: Encoder) -> str | None:
        if encoder is Encoder.VAAPI and self._device() is None:
            return f"there is no {self._devices}/renderD*"
        if encoder is Encoder.VIDEOTOOLBOX and sys.platform != "darwin":
            return "it is part of macOS"
        arguments = trial(self._encoding(encoder, Quality.PREVIEW))
        with tempfile.TemporaryDirectory(prefix="gala-encoder-") as folder:
            try:
                finished = await self._ffmpeg.sandbox.run(
                    self._ffmpeg.command(arguments),
                    cwd=Path(folder),
                    seconds=_TRY_SECONDS,
                    on_line=lambda _: None,
                    gpu=True,
                )
            except TimeoutError:
                return f"it encoded nothing in {_TRY_SECONDS:.0f} seconds"
        return None if finished.ok else _reason(finished.stderr)

    def _encoding(self, encoder: Encoder, quality: Quality) -> VideoEncoding:
        return hardware(encoder, quality, device=self._device())

    def _device(self) -> Path | None:
        return min(self._devices.glob("renderD*"), default=None)


def trial(encoding: VideoEncoding) -> tuple[str, ...]:
    """Arguments that encode one grey frame and throw it away."""
    frame = graph.input(f"color=c=gray:s={_SIDE}x{_SIDE}:r=25", f="lavfi")
    shown = uploaded(frame.video.filter("format", "yuv420p"), encoding)
    options = h264(encoding, fps=25, threads=1)
    made = graph.output(shown, "pipe:1", f="null", **options, **{"frames:v": 1})
    return (*encoding.device, *made.get_args())


def _reason(stderr: str) -> str:
    # FFmpeg's first line is the cause, the later ones are its consequences.
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    first = lines[0] if lines else "FFmpeg did not say why"
    return first.split("] ", 1)[-1][:200]


async def in_software(order: RenderOrder, encoders: Encoders) -> RenderOrder | None:
    """The same order without hardware; ``None`` if it had none."""
    params = order.params
    if not isinstance(params, VideoParams):
        return None
    chosen = await encoders.choose(params.encoder, params.quality)
    if chosen.encoding == software(params.quality):
        return None
    return replace(order, params=params.model_copy(update={"encoder": Encoder.SOFTWARE}))
