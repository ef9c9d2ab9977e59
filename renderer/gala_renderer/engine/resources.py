"""Resources that all attempts of a renderer share: speech engines, models, fonts, encoders."""

from __future__ import annotations

from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Final

from gala_renderer.engine.film_pace import FilmPace
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.ffmpeg.hardware_encoders import Encoders
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.model_workers.pool import WorkerPool
from gala_renderer.settings import RendererSettings
from gala_renderer.speech.espeak.engine import EspeakEngine
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.registry import SpeechEngines
from gala_renderer.text_layout.font_registry import FontRegistry

if TYPE_CHECKING:
    from gala_renderer.image_generation.protocol import ImageGenerator
    from gala_renderer.speech.chatterbox.engine import ChatterboxEngine
    from gala_renderer.speech.openai import OpenAiEngine
    from gala_renderer.transcription.whisper_worker import WhisperWorker


if TYPE_CHECKING:
    _shared = cached_property
else:

    class _shared(cached_property):  # noqa: N801 - a decorator
        """A cached property that is computed once, also if threads read it at the same time."""

        def __get__(self, instance, owner=None):
            """Return the resource."""
            with instance.creating:
                return super().__get__(instance, owner)


_SPOKEN_BYTES: Final = 256 * 1024**2
"""Of kept speech: about 90 minutes."""
_FONT_BYTES: Final = 256 * 1024**2


class EngineResources:
    """Created once, at the composition root; each resource is loaded at its first use."""

    def __init__(self, settings: RendererSettings, ffmpeg: FFmpeg):
        self.settings = settings
        self.ffmpeg = ffmpeg
        self.creating = RLock()

    @_shared
    def speech(self) -> SpeechEngines:
        """All speech engines, one item per engine."""
        return SpeechEngines(
            [self.espeak, self.kokoro, self.chatterbox, self._openai()],
            default_voice=self.settings.gala_voice,
        )

    @_shared
    def espeak(self) -> EspeakEngine:
        """espeak-ng, which is always installed."""
        return EspeakEngine(self.ffmpeg.sandbox)

    @_shared
    def kokoro(self) -> KokoroEngine:
        """Kokoro and its worker processes."""
        settings = self.settings
        return KokoroEngine(
            self.ffmpeg.sandbox,
            settings.kokoro_weights or settings.weights_dir / "kokoro",
            onnx_folder=settings.kokoro_weights or settings.weights_dir / "kokoro-onnx",
            backend=settings.kokoro_backend,
            device=settings.kokoro_device,
            processes=settings.renderer_warm_processes,
            idle_seconds=settings.renderer_warm_idle_seconds,
        )

    @_shared
    def chatterbox(self) -> ChatterboxEngine:
        """Chatterbox: its own server, or a worker process if it is installed here."""
        from gala_renderer.speech.chatterbox.engine import ChatterboxEngine  # noqa: PLC0415 - imports HTTP
        from gala_renderer.speech.http_server import Server  # noqa: PLC0415

        settings = self.settings
        weights = settings.chatterbox_weights or settings.weights_dir / "chatterbox"
        url = settings.chatterbox_url
        return ChatterboxEngine(
            self.ffmpeg,
            server=Server(url.rstrip("/"), "Chatterbox's server", "CHATTERBOX_URL")
            if url
            else None,
            beside=WorkerPool(
                self.ffmpeg.sandbox,
                "gala_renderer.speech.chatterbox.child",
                {"weights": str(weights), "device": settings.chatterbox_device},
                max_workers=settings.renderer_warm_processes,
                idle_seconds=settings.renderer_warm_idle_seconds,
            ),
        )

    def _openai(self) -> OpenAiEngine:
        from gala_renderer.speech.openai import OpenAiEngine, server_of  # noqa: PLC0415 - imports HTTP

        url, key = self.settings.speech_openai_url, self.settings.speech_openai_key
        server = server_of(url, key.get_secret_value() if key else None) if url else None
        return OpenAiEngine(self.ffmpeg, server=server, model=self.settings.speech_openai_model)

    @_shared
    def fonts(self) -> FontRegistry:
        """Fonts by family name."""
        return FontRegistry(self.settings.fonts_dir)

    @_shared
    def font_files(self) -> FolderCache:
        """The fonts of users that were checked, by content."""
        settings = self.settings
        limit = min(_FONT_BYTES, settings.renderer_cache_bytes)
        return FolderCache(settings.data_root / "font-files", limit_bytes=limit)

    @_shared
    def portraits(self) -> FolderCache:
        """The portraits of presenters that were prepared, by content."""
        settings = self.settings
        return FolderCache(
            settings.data_root / "portraits", limit_bytes=settings.renderer_portrait_bytes
        )

    @_shared
    def spoken(self) -> FolderCache:
        """Speech of compositions, by text and voice."""
        settings = self.settings
        limit = min(_SPOKEN_BYTES, settings.renderer_cache_bytes)
        return FolderCache(settings.data_root / "spoken", limit_bytes=limit)

    @_shared
    def frame_files(self) -> FolderCache:
        """The files of compositions that single frames were drawn from, by content."""
        settings = self.settings
        return FolderCache(
            settings.data_root / "frame-files", limit_bytes=settings.renderer_frame_bytes
        )

    @_shared
    def film_parts(self) -> FolderCache:
        """The scenes of films that were rendered, by content."""
        settings = self.settings
        return FolderCache(
            settings.data_root / "film-parts", limit_bytes=settings.renderer_cache_bytes
        )

    @_shared
    def film_pace(self) -> FilmPace:
        """How fast films are rendered here."""
        return FilmPace(self.settings.data_root / "film-pace.json")

    @_shared
    def whisper(self) -> WhisperWorker:
        """Whisper and its worker process."""
        from gala_renderer.transcription.whisper_worker import WhisperWorker  # noqa: PLC0415 - imports NumPy

        settings = self.settings
        return WhisperWorker(
            self.ffmpeg.sandbox,
            model=settings.whisper_model,
            weights=settings.weights_dir,
            device=settings.whisper_device,
            compute_type=settings.whisper_compute_type,
            idle_seconds=settings.renderer_warm_idle_seconds,
        )

    @_shared
    def generator(self) -> ImageGenerator:
        """The image generator: the operator's service if one is set, else a local model."""
        from gala_renderer.image_generation.diffusion_worker import ModelImageGenerator  # noqa: PLC0415 - rarely needed
        from gala_renderer.image_generation.http_service import ServiceImageGenerator  # noqa: PLC0415 - imports HTTP

        settings = self.settings
        url = settings.image_service_url
        if url is not None:
            dialect, model = settings.image_service_dialect, settings.image_model
            return ServiceImageGenerator(
                url, settings.image_service_key, dialect=dialect, model=model
            )
        return ModelImageGenerator(
            self.ffmpeg.sandbox,
            settings.image_weights or settings.weights_dir / "images",
            device=settings.image_device,
            processes=settings.renderer_warm_processes,
            idle_seconds=settings.renderer_warm_idle_seconds,
        )

    @_shared
    def encoders(self) -> Encoders:
        """The hardware encoders that work on this machine."""
        return Encoders(self.ffmpeg)

    async def close(self) -> None:
        """End all worker processes."""
        for name in ("kokoro", "whisper", "chatterbox", "generator"):
            # Only what was used: reading the attribute would create it.
            if name in vars(self):
                await getattr(self, name).close()
        self.ffmpeg.sandbox.close()
