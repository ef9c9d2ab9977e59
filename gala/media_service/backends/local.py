"""The backend that uses the engine in this process: no server, files in a local folder."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gala import sniff
from gala.engine import Engine, Made, MediaOrder, local_engine
from gala.errors import AssetNotFound, EngineMissing, GalaError, InvalidRequest, UnsupportedMedia
from gala.files import atomic_file
from gala.media import MediaClass, media_class
from gala.media_server.ids import FileStatus, MediaType
from gala.media_server.info import audio_info, video_info
from gala.media_server.media_check import check_mime
from gala.media_server.render_orders import captioned_video_order, merge_order, speech_order
from gala.media_server.voice_config import VoiceConfig
from gala.media_service import download
from gala.media_service.file_store import StorageManager
from gala.media_service.models import CaptionedVideo, FileReport
from gala.mime import suffix_of
from gala.net.urls import AllowedHosts

WHISPER = "whisper"


class LocalBackend:
    """Stores files in ``folder``, by default a temporary folder that is removed with this object.

    Methods that need the engine raise ``EngineMissing`` if it is not installed.
    """

    def __init__(self, folder: Path | None, allowed: AllowedHosts):
        self._allowed = allowed
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="gala-media-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.store = StorageManager(folder / "tmp", folder)
        self._tasks: dict[str, asyncio.Task[Made]] = {}
        self._failed: dict[str, GalaError] = {}

    async def is_healthy(self) -> bool:
        """Return True if the engine is installed."""
        try:
            local_engine()
        except EngineMissing:
            return False
        return True

    async def start_speech(self, text: str, voice: VoiceConfig) -> str:
        """Start generating speech; raise ``EngineMissing`` if the speech engine is missing."""
        engine = _engine_with(voice.speech_engine)
        order = speech_order(text, voice, voice.sample_path)
        return self._start(engine, MediaType.AUDIO, ".wav", order)

    async def start_captioned_video(self, video: CaptionedVideo) -> str:
        """Start rendering a captioned video."""
        image, audio = self._path(video.image_id), self._audio_path(video.audio_id)
        _check_image(video.image_id)
        order = captioned_video_order(
            image=image,
            audio=audio,
            text=video.text,
            captions=video.captions,
            width=video.width,
            height=video.height,
            image_effect=video.image_effect,
        )
        engine = local_engine() if "text" in order.params else _engine_with(WHISPER)
        return self._start(engine, MediaType.VIDEO, ".mp4", order)

    async def start_merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Start joining videos."""
        videos = [self._video_path(video_id) for video_id in video_ids]
        order = merge_order(videos, music, volume)
        return self._start(local_engine(), MediaType.VIDEO, ".mp4", order)

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Copy a file into the folder; its content must match ``media_type``."""
        try:
            mime = await asyncio.to_thread(sniff.sniff, path)
            check_mime(mime, media_type)
            return await asyncio.to_thread(
                self.store.upload_media, media_type, path, suffix_of(mime)
            )
        except OSError as error:
            raise InvalidRequest(f"{path}: The file cannot be read: {error.strerror}") from error

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Fetch a file from a public address; its content must match ``media_type``."""
        with tempfile.TemporaryDirectory(prefix="gala-fetch-") as folder:
            fetched = Path(folder) / "fetched"
            await download.fetch(url, fetched, self._allowed)
            mime = sniff.sniff(fetched)
            if media_type is not MediaType.TMP and media_class(mime) is not MediaClass(media_type):
                raise UnsupportedMedia(f"url: The file is {mime}, not {media_type}.", field="url")
            return self.store.upload_media(media_type, fetched, suffix_of(mime))

    async def status(self, file_id: str) -> FileReport:
        """Return the status; a finished file is ``ready`` even if its task is still known."""
        if self.store.media_exists(file_id):
            return FileReport(FileStatus.READY)
        if file_id in self._tasks:
            return FileReport(FileStatus.PROCESSING)
        if file_id in self._failed:
            return FileReport(FileStatus.FAILED, self._failed[file_id])
        return FileReport(FileStatus.NOT_FOUND)

    async def pause(self, file_id: str, seconds: float) -> None:
        """Wait until the work has ended, but no longer than ``seconds``."""
        task = self._tasks.get(file_id)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """Probe the file."""
        order = MediaOrder(type="probe", inputs={"media": self._path(file_id)}, read=("info",))
        result = await local_engine().make_async(order)
        probed = json.loads(result.texts["info"])
        is_audio = file_id.startswith(f"{MediaType.AUDIO}_")
        return audio_info(probed) if is_audio else video_info(probed)

    async def url(self, file_id: str) -> str:
        """Return the ``file:`` URL."""
        return self._path(file_id).as_uri()

    async def download(self, file_id: str, target: Path) -> None:
        """Copy the file to ``target``, completely or not at all."""
        source = self._path(file_id)
        with atomic_file(target) as temporary:
            await asyncio.to_thread(shutil.copyfile, source, temporary)

    async def delete(self, file_id: str) -> None:
        """Remove the file and cancel the work on it."""
        task = self._tasks.get(file_id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._failed.pop(file_id, None)
        self.store.delete_media(file_id)

    async def close(self) -> None:
        """Cancel the running work; the engine keeps its models loaded for the next service."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _path(self, file_id: str) -> Path:
        return self.store.get_media_path(file_id)

    def _audio_path(self, file_id: str) -> Path:
        try:
            return self._path(file_id)
        except AssetNotFound as error:
            # As on a media server, which answers 400 for a missing audio and 404 for other files.
            raise InvalidRequest(f"Audio with ID {file_id} not found.", field="audio_id") from error

    def _video_path(self, file_id: str) -> Path:
        """Return the path of a possible video; only the engine finds out if it can be decoded."""
        path = self._path(file_id)
        mime = sniff.sniff(path)
        if media_class(mime) in {MediaClass.IMAGE, MediaClass.AUDIO}:
            raise InvalidRequest(
                f"video_ids: File with ID {file_id} is {mime}, not a video.", field="video_ids"
            )
        return path

    def _start(self, engine: Engine, media_type: MediaType, suffix: str, order: MediaOrder) -> str:
        """Start the order and return the id of its file, which appears when it is complete."""
        file_id, path = self.store.reserve(media_type, suffix)
        # The output's role has the name of the media type.
        outputs = {str(media_type): path}
        task = asyncio.create_task(engine.make_async(replace(order, outputs=outputs)))
        self._tasks[file_id] = task
        task.add_done_callback(lambda done: self._on_end(file_id, done))
        return file_id

    def _on_end(self, file_id: str, task: asyncio.Task[Made]) -> None:
        del self._tasks[file_id]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, GalaError):
            self._failed[file_id] = error
        elif error is not None:
            self._failed[file_id] = GalaError(f"The work failed unexpectedly: {error!r}")


def _engine_with(component: str) -> Engine:
    """Return the local engine; raise ``EngineMissing`` if it lacks the component."""
    engine = local_engine()
    reason = engine.lacks(component)
    if reason is not None:
        raise EngineMissing(reason)
    return engine


def _check_image(file_id: str) -> None:
    if not file_id.startswith(f"{MediaType.IMAGE}_"):
        raise InvalidRequest(f"image_id: {file_id} is not an image.", field="image_id")
