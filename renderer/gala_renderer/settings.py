"""What an operator can say to the renderer; read once, in ``__main__``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gala.log import LogFormat

GIB = 1024**3


def _default_slots() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


class RendererSettings(BaseSettings):
    """Settings of one renderer process, from the environment.

    ``data_root`` is the staging area shared with the worker; nothing outside ``<data_root>/jobs``
    and ``<data_root>/cache`` is ever read or written.
    """

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    data_root: Annotated[Path, AfterValidator(Path.resolve)]
    renderer_host: str = "127.0.0.1"
    renderer_port: int = Field(default=9000, ge=0, le=65535)
    renderer_slots: int = Field(default_factory=_default_slots, ge=1, le=64)
    """How many renders run at once; others wait their turn."""
    ffmpeg_path: Path | None = None
    """An FFmpeg of the operator's; the one from the ``imageio-ffmpeg`` wheel if unset."""
    renderer_max_body_bytes: int = Field(default=1024**2, ge=1024)
    renderer_memory_bytes: int = Field(default=4 * GIB, ge=256 * 1024**2)
    """Address space that one FFmpeg may take."""
    renderer_output_bytes: int = Field(default=16 * GIB, ge=1024**2)
    """Size that one written file may reach."""
    renderer_min_free_bytes: int = Field(default=64 * 1024**2, ge=0)
    """Free room in ``data_root`` below which no render starts."""
    renderer_cache_bytes: int = Field(default=2 * GIB, ge=0)
    """How much of finished results is kept to answer exact repeats; 0 keeps nothing."""
    log_format: LogFormat = LogFormat.CONSOLE
    log_level: Literal["debug", "info", "warning", "error"] = "info"
