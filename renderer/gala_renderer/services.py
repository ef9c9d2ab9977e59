"""What lives as long as the renderer and is shared by its attempts: engines, models, fonts."""

from __future__ import annotations

from functools import cached_property

from gala_renderer.encoder import FFmpeg
from gala_renderer.encoders import Encoders
from gala_renderer.settings import RendererSettings
from gala_renderer.speech.engines import SpeechEngines
from gala_renderer.speech.espeak import EspeakEngine
from gala_renderer.speech.kokoro import KokoroEngine


class Services:
    """Made once, at the composition root; everything heavy in it starts at its first use."""

    def __init__(self, settings: RendererSettings, ffmpeg: FFmpeg):
        self.settings = settings
        self.ffmpeg = ffmpeg

    @cached_property
    def speech(self) -> SpeechEngines:
        """What can speak; one line here per engine."""
        return SpeechEngines([EspeakEngine(self.ffmpeg.sandbox), self.kokoro])

    @cached_property
    def kokoro(self) -> KokoroEngine:
        """Kokoro and its warm processes."""
        settings = self.settings
        return KokoroEngine(
            self.ffmpeg.sandbox,
            settings.kokoro_weights or settings.weights_dir / "kokoro",
            device=settings.kokoro_device,
            processes=settings.renderer_warm_processes,
            idle_seconds=settings.renderer_warm_idle_seconds,
        )

    @cached_property
    def encoders(self) -> Encoders:
        """Which chips really encode video here."""
        return Encoders(self.ffmpeg)

    async def close(self) -> None:
        """End the processes that were kept warm."""
        await self.kokoro.close()
