"""The settings of the renderer, read once by ``__main__``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gala.default_voice import DefaultVoice
from gala.disk_space import MIN_FREE_BYTES
from gala.generation.image_requests import Dialect
from gala.log import LogFormat
from gala.settings import ServiceAddress, ServiceKey, split, weights_folder
from gala_renderer.http.origin_guard import host_name
from gala_renderer.sandbox.levels import SandboxMode

GIB = 1024**3


def _default_slots() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


def _host_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if host_name(name) is None:
            raise ValueError(f"{name!r} is not a host name; write it without http:// and path")
    return names


HostNames = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(split), AfterValidator(_host_names)
]


class RendererSettings(BaseSettings):
    """Settings of one renderer process, from the environment.

    ``data_root`` is the staging area shared with the worker. Job data is only read and written in
    ``<data_root>/jobs`` and ``<data_root>/cache``; ``<data_root>/voice-samples`` has the samples of
    voices; other folders of it are caches, too.
    """

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    data_root: Annotated[Path, AfterValidator(Path.resolve)]
    renderer_host: str = "127.0.0.1"
    renderer_port: int = Field(default=9000, ge=0, le=65535)
    renderer_allowed_hosts: HostNames = ("renderer",)
    """Its host names besides those of this machine; requests to other names are rejected."""
    renderer_slots: int = Field(default_factory=_default_slots, ge=1, le=64)
    """How many renders run at once; others wait."""
    ffmpeg_path: Path | None = None
    """The path of an FFmpeg; the one from the ``imageio-ffmpeg`` wheel if unset."""
    renderer_max_body_bytes: int = Field(default=1024**2, ge=1024)
    renderer_memory_bytes: int = Field(default=4 * GIB, ge=256 * 1024**2)
    """The address space that one FFmpeg may use."""
    renderer_output_bytes: int = Field(default=16 * GIB, ge=1024**2)
    """The maximum size of one written file."""
    renderer_min_free_bytes: int = Field(default=MIN_FREE_BYTES, ge=0)
    """No render starts if less space than this is free in ``data_root``."""
    gala_sandbox: SandboxMode = SandboxMode.AUTO
    """The confinement of programs that read users' files: ``strict`` (namespaces, or the renderer
    does not start), ``auto`` (the strongest that this host allows), ``off`` (limits only)."""
    fonts_dir: Path | None = None
    """A folder with additional fonts (TTF, OTF), which requests may name."""
    renderer_cache_bytes: int = Field(default=2 * GIB, ge=0)
    """The size of the cache of results, which answers exact repeats; 0 disables it."""
    renderer_portrait_bytes: int = Field(default=GIB, ge=0)
    """The size of the cache of prepared portraits; 0 disables it."""
    renderer_frame_bytes: int = Field(default=2 * GIB, ge=1024**2)
    """The size of the cache of the files that single frames of compositions are drawn from."""
    renderer_html: bool = False
    """Whether compositions may have elements of type ``html``, which Chromium draws."""
    renderer_chromium: Path | None = None
    """The path of Chromium's headless shell; the one on the ``PATH`` if unset."""
    renderer_synthetic_mark: bool = True
    """Whether outputs with a presenter carry metadata that says that the presenter is synthetic."""
    renderer_warm_processes: int = Field(default=1, ge=1, le=64)
    """How many workers of one model may run at once; more requests wait."""
    renderer_warm_idle_seconds: float = Field(default=900.0, ge=1)
    """Seconds without a request after which a model worker ends."""
    gala_home: Path | None = None
    gala_weights_dir: Path | None = None
    """The folder that ``gala weights pull`` fills; ``weights`` in GALA's home if unset."""
    gala_voice: DefaultVoice = DefaultVoice.AUTO
    """What the engine ``auto`` means."""
    kokoro_weights: Path | None = None
    """A folder with Kokoro's ``config.json``, ``*.pth`` and ``voices/*.pt``, or with ``*.onnx`` and
    ``voices/*.bin``, or with both; those of ``gala weights pull kokoro`` if unset."""
    kokoro_backend: Literal["auto", "onnx", "torch"] = "auto"
    """What runs Kokoro; ``auto`` is torch where it has a GPU, else ONNX Runtime if it is
    installed."""
    kokoro_device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d{1,2})?)$")
    """Where Kokoro runs; ``auto`` prefers CUDA, then MPS, then the CPU."""
    chatterbox_url: ServiceAddress | None = None
    """The URL of Chatterbox's own server (``renderer/chatterbox``)."""
    chatterbox_weights: Path | None = None
    """Its weights, if installed here; ``chatterbox`` in GALA's weights if unset."""
    chatterbox_device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d{1,2})?)$")
    """Where it runs, if installed here."""
    speech_openai_url: ServiceAddress | None = None
    """The URL of a server with OpenAI's ``/v1/audio/speech``, with or without ``/v1``."""
    speech_openai_key: ServiceKey | None = None
    speech_openai_model: str = Field(default="tts-1", min_length=1, max_length=200)
    whisper_model: str | None = Field(default=None, pattern=r"^[^\x00-\x1f]{1,500}$")
    """A size whose weights ``gala weights pull whisper:<size>`` fetched, or a folder of weights;
    the best size that was pulled if unset."""
    whisper_device: Literal["auto", "cpu", "cuda"] = "auto"
    whisper_compute_type: Literal[
        "default", "auto", "int8", "int8_float16", "int8_float32", "int16", "float16", "bfloat16",
        "float32",
    ] = "default"  # fmt: skip
    """The type CTranslate2 computes in; ``default`` is that of the weights, ``int8`` suits CPUs."""
    image_service_url: ServiceAddress | None = None
    """The URL of an image generation service: its root, or one of its routes."""
    image_service_key: ServiceKey | None = None
    """Sent to it as a bearer token."""
    image_service_dialect: Dialect = Dialect.AUTO
    image_model: str | None = Field(default=None, pattern=r"^[^\x00-\x1f]{1,200}$")
    """The service's name of the model to use for jobs that name none."""
    image_weights: Path | None = None
    """A folder with a model for diffusers, which is used if no service is set; ``images`` in GALA's
    weights if unset."""
    image_device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d{1,2})?)$")
    """Where that model runs; ``auto`` prefers CUDA, then MPS, then the CPU."""
    avatar_service_url: ServiceAddress | None = None
    """The URL of a service that animates portraits (``POST /animate``): its root, or the route."""
    avatar_service_key: ServiceKey | None = None
    """Sent to it as a bearer token."""
    avatar_service_seconds: float = Field(default=600.0, ge=1, le=24 * 60 * 60)
    """How long it may take for one presenter; then GALA's own drawing is used instead."""
    log_format: LogFormat = LogFormat.CONSOLE
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def weights_dir(self) -> Path:
        """The folder of all weights, with one folder per model."""
        return weights_folder(self.gala_weights_dir, self.gala_home).absolute()
