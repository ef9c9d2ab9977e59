"""Speech, captioned videos and merges from Python, on this machine or on a media server.

>>> async with MediaService(execution_mode="local") as media:
...     tts = await media.generate_tts("Hello world", {"engine": "kokoro"})
...     image = await media.upload_local_file_if_needed("photo.jpg")
...     video = await media.generate_captioned_video(image, tts, "Hello world")
...     await media.download_file(video, "hello.mp4")
"""

from __future__ import annotations

import mimetypes
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias

from gala.errors import (
    AssetNotFound,
    DeadlineExceeded,
    InvalidRequest,
    RateLimited,
    RenderFailed,
    Unavailable,
)
from gala.media_server.ids import FileStatus, MediaType, is_media_id, parse_media_type
from gala.media_server.render_orders import frame_format
from gala.media_server.subtitle_config import captions_from_subtitle_config
from gala.media_server.voice_config import parse_voice_config
from gala.media_service.backends.fallback import FallbackBackend
from gala.media_service.backends.local import LocalBackend
from gala.media_service.backends.remote import RemoteBackend
from gala.media_service.models import (
    CaptionedVideo,
    GeneratedImage,
    GeneratedTTS,
    GeneratedVideo,
    MediaBackend,
    MediaId,
)
from gala.media_service.settings import MediaServiceSettings
from gala.server_address import find_server

__all__ = ["GeneratedImage", "GeneratedTTS", "GeneratedVideo", "MediaService"]

ExecutionMode: TypeAlias = Literal["remote", "local", "auto"]
PathLike: TypeAlias = str | os.PathLike[str]

DEFAULT_MUSIC_VOLUME: Final = 0.5
DEFAULT_TIMEOUT_SECONDS: Final = 1800.0
_MIN_POLL_SECONDS: Final = 0.05
_MAX_POLL_SECONDS: Final = 1.0
_POLL_FRACTION: Final = 0.1
"""Of the time spent waiting: the end of long work may be noticed that much later."""
_MODES: Final[Mapping[bool | str, ExecutionMode]] = {True: "local", False: "remote", "auto": "auto"}


class MediaService:
    """One interface to the engine in this process and to a media server.

    ``execution_mode``: ``remote`` (default) uses the server at ``base_url``, by default
    ``MEDIA_SERVER_URL`` or the one that :mod:`gala.server_address` finds; ``local`` uses the engine
    in this process and needs no server; ``auto`` uses the engine in this process, and the server if
    an engine is missing. ``use_local`` selects the same modes with ``True``, ``False`` and
    ``"auto"``. ``token`` is one of the server's ``AUTH_TOKENS``. Local files are kept in
    ``storage_dir``, by default in a temporary folder that is removed with this object.

    Files have media ids. Methods that generate a file return when it is ready; the ``start_…``
    methods return at once. Errors are those of :mod:`gala.errors`, the same in every mode.
    """

    def __init__(
        self,
        base_url: str | None = None,
        execution_mode: ExecutionMode | None = None,
        use_local: bool | Literal["auto"] | None = None,
        *,
        token: str | None = None,
        storage_dir: PathLike | None = None,
    ):
        self.execution_mode: ExecutionMode = _mode(execution_mode, use_local)
        folder = None if storage_dir is None else Path(storage_dir).absolute()
        self._backend = _backend(self.execution_mode, base_url, token, folder)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def health_check(self) -> bool:
        """Return True if the server answers or the engine is installed, depending on the mode."""
        return await self._backend.is_healthy()

    async def generate_tts(
        self, text: str, voice_config: Mapping[str, Any] | None = None
    ) -> GeneratedTTS:
        """Generate speech; the result has its duration in seconds."""
        file_id = await self.generate_tts_direct(text, voice_config)
        return GeneratedTTS(file_id, (await self._backend.info(file_id)).get("duration"))

    async def generate_tts_direct(
        self, text: str, voice_config: Mapping[str, Any] | None = None
    ) -> str:
        """Generate speech and return the id of the finished audio file.

        ``voice_config``: ``engine`` (``kokoro``, ``chatterbox``, …), ``voice``, ``language``,
        ``speed``, ``sample_path``, ``exaggeration``, ``cfg_weight``, ``temperature``.
        """
        return await self._ready(
            await self._backend.start_speech(text, parse_voice_config(voice_config))
        )

    async def generate_captioned_video(
        self,
        image_id: MediaId,
        tts_id: MediaId,
        text: str,
        subtitle_config: Mapping[str, Any] | None = None,
        *,
        width: int = 1080,
        height: int = 1920,
        image_effect: str = "ken_burns",
    ) -> GeneratedVideo:
        """Render an image with speech and the text as captions; it is as long as the speech.

        ``subtitle_config``: ``font``, ``font_size``, ``bold``, ``color``, ``outline_color``,
        ``outline_width``, ``shadow``, ``max_lines``, ``max_length``, ``alignment`` (2 bottom, 5
        top, 10 center). ``image_effect`` is ``ken_burns``, ``pan`` or ``still``.
        """
        started = await self.start_captioned_video_generation(
            image_id,
            tts_id,
            text,
            subtitle_config,
            width=width,
            height=height,
            image_effect=image_effect,
        )
        return await self._video(started)

    async def start_captioned_video_generation(
        self,
        image_id: MediaId,
        tts_id: MediaId,
        text: str,
        subtitle_config: Mapping[str, Any] | None = None,
        *,
        width: int = 1080,
        height: int = 1920,
        image_effect: str = "ken_burns",
    ) -> str:
        """Start rendering and return an id for :meth:`wait_for_file_ready`."""
        frame_format(width, height)  # Raises an error for an invalid size before any work.
        video = CaptionedVideo(
            image_id=str(image_id),
            audio_id=str(tts_id),
            text=text,
            captions=captions_from_subtitle_config(subtitle_config),
            width=width,
            height=height,
            image_effect=image_effect,
        )
        return await self._backend.start_captioned_video(video)

    async def merge_videos(
        self,
        video_ids: Sequence[MediaId],
        background_music_path: PathLike | None = None,
        music_volume: float = DEFAULT_MUSIC_VOLUME,
    ) -> str:
        """Join videos at the size of the first one and return the id of the finished video."""
        return await self._ready(
            await self.start_video_merge(video_ids, background_music_path, music_volume)
        )

    async def start_video_merge(
        self,
        video_ids: Sequence[MediaId],
        background_music_path: PathLike | None = None,
        music_volume: float = DEFAULT_MUSIC_VOLUME,
    ) -> str:
        """Start joining videos and return an id for :meth:`wait_for_file_ready`."""
        if not video_ids:
            raise InvalidRequest("video_ids: At least one video is required.", field="video_ids")
        if not 0 <= music_volume <= 1:
            raise InvalidRequest("music_volume: Must be 0 to 1.", field="music_volume")
        music = Path(background_music_path) if background_music_path else None
        ids = [str(video_id) for video_id in video_ids]
        return await self._backend.start_merge(ids, music, music_volume)

    async def upload_image_from_url(self, url: str) -> GeneratedImage:
        """Store the image at a URL."""
        file_id = await self._backend.upload_url(url, MediaType.IMAGE)
        return GeneratedImage(await self._ready(file_id), url)

    async def upload_local_file_if_needed(
        self, file: MediaId | os.PathLike[str], media_type: str | None = None
    ) -> str:
        """Upload a local file and return its media id; a media id is returned unchanged.

        ``media_type`` is ``image``, ``video``, ``audio`` or ``tmp``, by default guessed from the
        file's name.
        """
        path = Path(file) if isinstance(file, os.PathLike) else Path(str(file))
        if not path.is_file():
            if isinstance(file, os.PathLike) or not is_media_id(str(file)):
                raise InvalidRequest(f"file: There is no file {file}.", field="file")
            return str(file)
        chosen = parse_media_type(media_type) if media_type else _media_type(path)
        return await self._backend.upload(path, chosen)

    async def get_download_url(self, file_id: MediaId) -> str:
        """Return the URL of the content: on the server, or a local ``file:`` URL."""
        return await self._backend.url(str(file_id))

    async def download_file(self, file_id: MediaId, path: PathLike) -> Path:
        """Copy a finished file to ``path``, completely or not at all."""
        target = Path(path)
        await self._backend.download(str(file_id), target)
        return target

    async def delete_file(self, file_id: MediaId) -> None:
        """Delete a file and cancel the work on it; do nothing if there is none."""
        await self._backend.delete(str(file_id))

    async def cleanup_files(self, file_ids: Iterable[MediaId]) -> None:
        """Delete several files."""
        for file_id in file_ids:
            await self._backend.delete(str(file_id))

    async def wait_for_file_ready(
        self,
        file_id: MediaId,
        poll_interval: float = 1.0,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,  # noqa: ASYNC109 - a public name
    ) -> bool:
        """Wait until the file is ready, and return True; times are in seconds.

        Raise the error of failed work, ``AssetNotFound`` for an unknown id, and
        ``DeadlineExceeded`` after ``timeout``. Keep waiting while the server does not answer.
        """
        await self._wait(str(file_id), poll_interval, poll_interval, timeout)
        return True

    async def close(self) -> None:
        """Cancel local work and close connections; loaded models stay in memory."""
        await self._backend.close()

    async def _video(self, file_id: str) -> GeneratedVideo:
        info = await self._backend.info(await self._ready(file_id))
        return GeneratedVideo(file_id, info.get("duration"), info.get("width"), info.get("height"))

    async def _ready(self, file_id: str) -> str:
        await self._wait(file_id, _MIN_POLL_SECONDS, _MAX_POLL_SECONDS, DEFAULT_TIMEOUT_SECONDS)
        return file_id

    async def _wait(
        self, file_id: str, min_interval: float, max_interval: float, timeout_seconds: float
    ) -> None:
        start = time.monotonic()
        while not await self._is_ready(file_id):
            elapsed = time.monotonic() - start
            if elapsed >= timeout_seconds:
                raise DeadlineExceeded(f"{file_id} is not ready after {timeout_seconds:g} seconds.")
            interval = max(min_interval, min(max_interval, elapsed * _POLL_FRACTION))
            await self._backend.pause(file_id, min(interval, timeout_seconds - elapsed))

    async def _is_ready(self, file_id: str) -> bool:
        try:
            report = await self._backend.status(file_id)
        except (Unavailable, RateLimited):
            return False
        if report.status is FileStatus.FAILED:
            raise report.error or RenderFailed()
        if report.status is FileStatus.NOT_FOUND:
            raise AssetNotFound(f"File with ID {file_id} not found.")
        return report.status is FileStatus.READY


def _mode(
    execution_mode: ExecutionMode | None, use_local: bool | Literal["auto"] | None
) -> ExecutionMode:
    chosen = execution_mode
    if use_local is not None:
        if use_local not in _MODES:
            raise InvalidRequest("use_local: Must be True, False or 'auto'.", field="use_local")
        mode = _MODES[use_local]
        if chosen not in {None, mode}:
            raise InvalidRequest(
                f"use_local={use_local!r} contradicts execution_mode={chosen!r}; give only one.",
                field="use_local",
            )
        chosen = mode
    if chosen not in {None, *_MODES.values()}:
        raise InvalidRequest(
            "execution_mode: Must be 'remote', 'local' or 'auto'.", field="execution_mode"
        )
    return chosen or "remote"


def _backend(
    mode: ExecutionMode, base_url: str | None, token: str | None, folder: Path | None
) -> MediaBackend:
    settings = MediaServiceSettings()
    if mode == "local":
        return LocalBackend(folder, settings.fetch_allowed_hosts)
    default_token = settings.media_server_token
    remote = RemoteBackend(
        find_server(base_url or settings.media_server_url, "base_url").url,
        token or (default_token.get_secret_value() if default_token else None),
    )
    if mode == "remote":
        return remote
    return FallbackBackend(LocalBackend(folder, settings.fetch_allowed_hosts), remote)


def _media_type(path: Path) -> MediaType:
    mime = mimetypes.guess_type(path.name)[0] or ""
    top = mime.partition("/")[0]
    return MediaType(top) if top in frozenset(MediaType) else MediaType.TMP
