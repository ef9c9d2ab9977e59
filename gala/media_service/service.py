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
from gala.media_server.render_orders import caption_fields, frame
from gala.media_service.backends.fallback import FallbackBackend
from gala.media_service.backends.local import LocalBackend
from gala.media_service.backends.remote import RemoteBackend
from gala.media_service.file_store import is_media_id
from gala.media_service.models import (
    MEDIA_TYPES,
    CaptionedVideo,
    FileState,
    GeneratedImage,
    GeneratedTTS,
    GeneratedVideo,
    MediaBackend,
    MediaId,
    MediaType,
    voice_of,
)
from gala.media_service.settings import MediaServiceSettings

__all__ = ["GeneratedImage", "GeneratedTTS", "GeneratedVideo", "MediaService"]

ExecutionMode: TypeAlias = Literal["remote", "local", "auto"]
PathLike: TypeAlias = str | os.PathLike[str]

USUAL_MUSIC_VOLUME: Final = 0.5
USUAL_TIMEOUT_SECONDS: Final = 1800.0
_FIRST_POLL_SECONDS: Final = 0.05
_LAST_POLL_SECONDS: Final = 1.0
_POLL_SHARE: Final = 0.1
_MODES: Final[Mapping[bool | str, ExecutionMode]] = {True: "local", False: "remote", "auto": "auto"}


class MediaService:
    """One interface to the engine in this process and to a media server.

    ``execution_mode``: ``remote`` (default) works on the server at ``base_url``, which is
    ``MEDIA_SERVER_URL`` or ``http://localhost:8080`` if not given; ``local`` works here and needs
    no server; ``auto`` works here and, for want of an engine, on the server. ``use_local`` says
    the same with ``True``, ``False`` and ``"auto"``. ``token`` is one of the server's. Local files
    lie in ``storage_dir`` and stay there, or in a temporary folder that goes with this object.

    Files are named by media ids; what makes a file returns when it is ready, ``start_…`` at once.
    Errors are those of :mod:`gala.errors`, the same in every mode.
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
        self._door = _door(self.execution_mode, base_url, token, folder)

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
        """Whether it can work: the server answers, or the engine is installed."""
        return await self._door.healthy()

    async def generate_tts(
        self, text: str, voice_config: Mapping[str, Any] | None = None
    ) -> GeneratedTTS:
        """Speak a text; its length is told in seconds."""
        file_id = await self.generate_tts_direct(text, voice_config)
        return GeneratedTTS(file_id, (await self._door.info(file_id)).get("duration"))

    async def generate_tts_direct(
        self, text: str, voice_config: Mapping[str, Any] | None = None
    ) -> str:
        """Speak a text; gives the id of the finished sound.

        ``voice_config``: ``engine`` (``kokoro``, ``chatterbox``, …), ``voice``, ``speed``,
        ``sample_path``, ``exaggeration``, ``cfg_weight``, ``temperature``.
        """
        return await self._ready(await self._door.speak(text, voice_of(voice_config)))

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
        """A picture, a voice, and the text as captions; as long as the voice.

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
        """Begin one; gives the id that :meth:`wait_for_file_ready` waits for."""
        frame(width, height)
        video = CaptionedVideo(
            image_id=str(image_id),
            audio_id=str(tts_id),
            text=text,
            captions=caption_fields(subtitle_config),
            width=width,
            height=height,
            image_effect=image_effect,
        )
        return await self._door.caption(video)

    async def merge_videos(
        self,
        video_ids: Sequence[MediaId],
        background_music_path: PathLike | None = None,
        music_volume: float = USUAL_MUSIC_VOLUME,
    ) -> str:
        """Join clips on the frame of the first; gives the id of the finished video."""
        return await self._ready(
            await self.start_video_merge(video_ids, background_music_path, music_volume)
        )

    async def start_video_merge(
        self,
        video_ids: Sequence[MediaId],
        background_music_path: PathLike | None = None,
        music_volume: float = USUAL_MUSIC_VOLUME,
    ) -> str:
        """Begin a merge; gives the id that :meth:`wait_for_file_ready` waits for."""
        if not video_ids:
            raise InvalidRequest("video_ids: give at least one video.", field="video_ids")
        if not 0 <= music_volume <= 1:
            raise InvalidRequest("music_volume: must be 0 to 1.", field="music_volume")
        music = Path(background_music_path) if background_music_path else None
        return await self._door.merge([str(one) for one in video_ids], music, music_volume)

    async def upload_image_from_url(self, url: str) -> GeneratedImage:
        """Keep the picture that a URL names."""
        return GeneratedImage(await self._ready(await self._door.upload_url(url, "image")), url)

    async def upload_local_file_if_needed(
        self, file: MediaId | os.PathLike[str], media_type: MediaType | None = None
    ) -> str:
        """The media id of a file of this machine, which is uploaded; an id is given back as it is.

        ``media_type`` is told from the file's name if it is not given.
        """
        path = Path(file) if isinstance(file, os.PathLike) else Path(str(file))
        if not path.is_file():
            if isinstance(file, os.PathLike) or not is_media_id(str(file)):
                raise InvalidRequest(f"{file}: there is no such file.", field="file")
            return str(file)
        return await self._door.upload(path, media_type or _media_type(path))

    async def get_download_url(self, file_id: MediaId) -> str:
        """Where the bytes are: on the server, or a ``file:`` address of this machine."""
        return await self._door.url(str(file_id))

    async def download_file(self, file_id: MediaId, path: PathLike) -> Path:
        """Copy a finished file to ``path``: whole, or not at all."""
        target = Path(path)
        await self._door.download(str(file_id), target)
        return target

    async def delete_file(self, file_id: MediaId) -> None:
        """Forget a file, and end the work on it; harmless if there is none."""
        await self._door.delete(str(file_id))

    async def cleanup_files(self, file_ids: Iterable[MediaId]) -> None:
        """Forget several files."""
        for file_id in file_ids:
            await self._door.delete(str(file_id))

    async def wait_for_file_ready(
        self,
        file_id: MediaId,
        poll_interval: float = 1.0,
        timeout: float = USUAL_TIMEOUT_SECONDS,  # noqa: ASYNC109 - the contract's name
    ) -> bool:
        """``True`` as soon as the file is there; times are in seconds.

        Raises why it failed, ``AssetNotFound`` for an id that nobody promised, and
        ``DeadlineExceeded`` after ``timeout``. A server that is away for a moment is waited for.
        """
        await self._wait(str(file_id), poll_interval, poll_interval, timeout)
        return True

    async def close(self) -> None:
        """End what is under way here and close connections; models stay warm in this process."""
        await self._door.close()

    async def _video(self, file_id: str) -> GeneratedVideo:
        info = await self._door.info(await self._ready(file_id))
        return GeneratedVideo(file_id, info.get("duration"), info.get("width"), info.get("height"))

    async def _ready(self, file_id: str) -> str:
        await self._wait(file_id, _FIRST_POLL_SECONDS, _LAST_POLL_SECONDS, USUAL_TIMEOUT_SECONDS)
        return file_id

    async def _wait(self, file_id: str, first: float, last: float, seconds: float) -> None:
        began = time.monotonic()
        while not await self._is_ready(file_id):
            spent = time.monotonic() - began
            if spent >= seconds:
                raise DeadlineExceeded(f"{file_id} is not ready after {seconds:g} seconds.")
            # The end is noticed late by a small part of the time that the work took.
            interval = max(first, min(last, spent * _POLL_SHARE))
            await self._door.pause(file_id, min(interval, seconds - spent))

    async def _is_ready(self, file_id: str) -> bool:
        try:
            status = await self._door.status(file_id)
        except (Unavailable, RateLimited):
            return False
        if status.state is FileState.FAILED:
            raise status.error or RenderFailed()
        if status.state is FileState.NOT_FOUND:
            raise AssetNotFound(f"File with ID {file_id} not found.")
        return status.state is FileState.READY


def _mode(
    execution_mode: ExecutionMode | None, use_local: bool | Literal["auto"] | None
) -> ExecutionMode:
    chosen = execution_mode
    if use_local is not None:
        if use_local not in _MODES:
            raise InvalidRequest("use_local: must be True, False or 'auto'.", field="use_local")
        told = _MODES[use_local]
        if chosen not in {None, told}:
            raise InvalidRequest(
                f"use_local={use_local!r} contradicts execution_mode={chosen!r}; give one of them.",
                field="use_local",
            )
        chosen = told
    if chosen not in {None, *_MODES.values()}:
        raise InvalidRequest(
            "execution_mode: must be 'remote', 'local' or 'auto'.", field="execution_mode"
        )
    return chosen or "remote"


def _door(
    mode: ExecutionMode, base_url: str | None, token: str | None, folder: Path | None
) -> MediaBackend:
    settings = MediaServiceSettings()
    if mode == "local":
        return LocalBackend(folder, settings.fetch_allowed_hosts)
    kept = settings.media_server_token
    remote = RemoteBackend(
        base_url or settings.media_server_url,
        token or (kept.get_secret_value() if kept else None),
    )
    if mode == "remote":
        return remote
    return FallbackBackend(LocalBackend(folder, settings.fetch_allowed_hosts), remote)


def _media_type(path: Path) -> MediaType:
    mime = mimetypes.guess_type(path.name)[0] or ""
    top = mime.partition("/")[0]
    return top if top in MEDIA_TYPES else "tmp"
