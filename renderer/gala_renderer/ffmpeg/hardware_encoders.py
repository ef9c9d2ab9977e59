"""Finds the hardware H.264 encoders that work on this machine, by encoding a frame with each.

A listed encoder's driver may be missing, too old, or out of sessions. Each encoder is tested once,
in the sandbox, under the same limits as a render.
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

_TRIAL_SECONDS: Final = 20.0
_SIDE: Final = 256
"""Large enough for all of them: NVENC requires at least 145 pixels."""

_PREFERRED: Final = (Encoder.NVENC, Encoder.VIDEOTOOLBOX, Encoder.QSV, Encoder.VAAPI)
"""Ordered by picture quality, best first."""

_DEVICES: Final = Path("/dev/dri")


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """The encoding to use, and a warning for the job's log if another one was requested."""

    encoding: VideoEncoding
    warning: str | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warning in the form of a plan's warnings."""
        return () if self.warning is None else (self.warning,)


class Encoders:
    """The hardware encoders of this machine; tested when hardware is first requested."""

    def __init__(self, ffmpeg: FFmpeg, *, devices: Path = _DEVICES):
        self._ffmpeg = ffmpeg
        self._devices = devices
        self._reasons: Mapping[Encoder, str | None] | None = None
        self._lock = asyncio.Lock()

    async def choose(self, encoder: Encoder, quality: Quality) -> EncoderChoice:
        """Return the encoding for a request; software if the hardware does not work here."""
        if encoder is Encoder.SOFTWARE:
            return EncoderChoice(software(quality))
        reasons = await self.failures()
        if encoder is Encoder.AUTO:
            working = [name for name in _PREFERRED if reasons[name] is None]
            return EncoderChoice(
                self._encoding(working[0], quality) if working else software(quality)
            )
        reason = reasons[encoder]
        if reason is None:
            return EncoderChoice(self._encoding(encoder, quality))
        return EncoderChoice(
            software(quality),
            f"params.encoder: {encoder} does not work here ({reason}); encoded in software",
        )

    async def failures(self) -> Mapping[Encoder, str | None]:
        """Return why each hardware encoder fails; ``None`` if it works. They are tested once."""
        async with self._lock:
            if self._reasons is None:
                # One at a time: a device that is opened twice at once may refuse both.
                reasons = {encoder: await self._test(encoder) for encoder in _PREFERRED}
                self._reasons = MappingProxyType(reasons)
        return self._reasons

    async def _test(self, encoder: Encoder) -> str | None:
        if encoder is Encoder.VAAPI and self._device() is None:
            return f"there is no {self._devices}/renderD*"
        if encoder is Encoder.VIDEOTOOLBOX and sys.platform != "darwin":
            return "it requires macOS"
        arguments = trial(self._encoding(encoder, Quality.PREVIEW))
        with tempfile.TemporaryDirectory(prefix="gala-encoder-") as folder:
            try:
                result = await self._ffmpeg.sandbox.run(
                    self._ffmpeg.command(arguments),
                    cwd=Path(folder),
                    seconds=_TRIAL_SECONDS,
                    on_line=lambda _: None,
                    gpu=True,
                )
            except TimeoutError:
                return f"it encoded nothing in {_TRIAL_SECONDS:.0f} seconds"
        return None if result.ok else _reason(result.stderr)

    def _encoding(self, encoder: Encoder, quality: Quality) -> VideoEncoding:
        return hardware(encoder, quality, device=self._device())

    def _device(self) -> Path | None:
        return min(self._devices.glob("renderD*"), default=None)


def trial(encoding: VideoEncoding) -> tuple[str, ...]:
    """Return arguments that encode one grey frame and discard the result."""
    frame = graph.input(f"color=c=gray:s={_SIDE}x{_SIDE}:r=25", f="lavfi")
    shown = uploaded(frame.video.filter("format", "yuv420p"), encoding)
    options = h264(encoding, fps=25, threads=1)
    output = graph.output(shown, "pipe:1", f="null", **options, **{"frames:v": 1})
    return (*encoding.device, *output.get_args())


def _reason(stderr: str) -> str:
    # FFmpeg's first line is the cause; later ones are consequences.
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    first = lines[0] if lines else "FFmpeg gave no reason"
    return first.split("] ", 1)[-1][:200]


async def in_software(order: RenderOrder, encoders: Encoders) -> RenderOrder | None:
    """Return the order with software encoding; ``None`` if it used no hardware."""
    params = order.params
    if not isinstance(params, VideoParams):
        return None
    chosen = await encoders.choose(params.encoder, params.quality)
    if chosen.encoding == software(params.quality):
        return None
    return replace(order, params=params.model_copy(update={"encoder": Encoder.SOFTWARE}))
