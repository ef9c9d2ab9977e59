"""What lives as long as the renderer and is shared by its attempts: engines, models, fonts."""

from __future__ import annotations

from gala_renderer.encoder import FFmpeg
from gala_renderer.settings import RendererSettings


class Services:
    """Made once, at the composition root; everything heavy in it starts at its first use."""

    def __init__(self, settings: RendererSettings, ffmpeg: FFmpeg):
        self.settings = settings
        self.ffmpeg = ffmpeg

    async def close(self) -> None:
        """End the processes that were kept warm."""
