"""The door to the engine in this process: no server, files in a folder of this program's."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import uuid
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gala import sniff
from gala.engine import LocalEngine, Made, MediaOrder, local_engine
from gala.errors import AssetNotFound, EngineMissing, GalaError, InvalidRequest, UnsupportedMedia
from gala.media import MediaClass, media_class
from gala.media_server.info import audio_info, video_info
from gala.media_server.media_check import check_mime
from gala.media_server.render_orders import captioned_order, merge_order, speech_order
from gala.media_service import download
from gala.media_service.file_store import StorageManager
from gala.media_service.models import CaptionedVideo, FileState, FileStatus, MediaType, Voice
from gala.mime import suffix_of
from gala.net.urls import AllowedHosts

WHISPER = "whisper"


class LocalBackend:
    """Files lie in ``folder``; without one, in a temporary folder that goes with this object.

    Every method that needs the engine raises ``EngineMissing`` where it is not installed.
    """

    def __init__(self, folder: Path | None, allowed: AllowedHosts):
        self._allowed = allowed
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="gala-media-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.store = StorageManager(folder / "tmp", folder)
        self._working: dict[str, asyncio.Task[Made]] = {}
        self._failed: dict[str, GalaError] = {}

    async def healthy(self) -> bool:
        """Whether the engine is installed."""
        try:
            local_engine()
        except EngineMissing:
            return False
        return True

    async def speak(self, text: str, voice: Voice) -> str:
        """Begin a speech; raises ``EngineMissing`` at once if that engine cannot speak here."""
        engine = _able(voice.speaker)
        return self._begin(engine, "audio", ".wav", speech_order(text, voice, voice.sample_path))

    async def caption(self, video: CaptionedVideo) -> str:
        """Begin a captioned video."""
        image, audio = self._path(video.image_id), self._audio(video.audio_id)
        order = captioned_order(
            image=_an_image(video.image_id, image),
            audio=audio,
            text=video.text,
            captions=video.captions,
            width=video.width,
            height=video.height,
            image_effect=video.image_effect,
        )
        engine = local_engine() if "text" in order.params else _able(WHISPER)
        return self._begin(engine, "video", ".mp4", order)

    async def merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Begin a merge."""
        videos = [_a_video(one, self._path(one)) for one in video_ids]
        return self._begin(local_engine(), "video", ".mp4", merge_order(videos, music, volume))

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Copy a file into the folder; the bytes must be what the type says."""
        try:
            mime = await asyncio.to_thread(sniff.sniff, path)
            check_mime(mime, media_type)
            return await asyncio.to_thread(
                self.store.upload_media, media_type, path, suffix_of(mime)
            )
        except OSError as error:
            raise InvalidRequest(f"{path}: this file cannot be read: {error.strerror}") from error

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Fetch it from a public address; the bytes must be what the type says."""
        with tempfile.TemporaryDirectory(prefix="gala-fetch-") as folder:
            fetched = Path(folder) / "fetched"
            await download.fetch(url, fetched, self._allowed)
            mime = sniff.sniff(fetched)
            if media_type != "tmp" and media_class(mime) is not MediaClass(media_type):
                raise UnsupportedMedia(f"url: this is no {media_type} but {mime}.", field="url")
            return self.store.upload_media(media_type, fetched, suffix_of(mime))

    async def status(self, file_id: str) -> FileStatus:
        """The finished file is looked for first."""
        if self.store.media_exists(file_id):
            return FileStatus(FileState.READY)
        if file_id in self._working:
            return FileStatus(FileState.PROCESSING)
        if file_id in self._failed:
            return FileStatus(FileState.FAILED, self._failed[file_id])
        return FileStatus(FileState.NOT_FOUND)

    async def pause(self, file_id: str, seconds: float) -> None:
        """Wait until the work has ended, at most so long."""
        task = self._working.get(file_id)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """Look into the file."""
        order = MediaOrder(type="probe", inputs={"media": self._path(file_id)}, read=("info",))
        made = await local_engine().make_async(order)
        probed = json.loads(made.texts["info"])
        return audio_info(probed) if file_id.startswith("audio_") else video_info(probed)

    async def url(self, file_id: str) -> str:
        """The file's ``file:`` address."""
        return self._path(file_id).as_uri()

    async def download(self, file_id: str, target: Path) -> None:
        """Copy the file."""
        source = self._path(file_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        growing = target.with_name(f".{target.name[:100]}.{uuid.uuid4().hex}.part")
        try:
            await asyncio.to_thread(shutil.copyfile, source, growing)
            growing.replace(target)
        finally:
            growing.unlink(missing_ok=True)

    async def delete(self, file_id: str) -> None:
        """Remove the file; work on it ends."""
        task = self._working.get(file_id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._failed.pop(file_id, None)
        self.store.delete_media(file_id)

    async def close(self) -> None:
        """End the work under way; the engine and its models stay warm for the next."""
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _path(self, file_id: str) -> Path:
        return self.store.get_media_path(file_id)

    def _audio(self, file_id: str) -> Path:
        try:
            return self._path(file_id)
        except AssetNotFound as error:
            # As a server has it: the one id that is not found is a mistake of the request.
            raise InvalidRequest(f"Audio with ID {file_id} not found.", field="audio_id") from error

    def _begin(
        self, engine: LocalEngine, media_type: MediaType, suffix: str, order: MediaOrder
    ) -> str:
        """Work on a promised file; it appears when it is whole."""
        (role,) = {"audio": ("audio",), "video": ("video",)}[media_type]
        file_id, path = self.store.reserve(media_type, suffix)
        task = asyncio.create_task(engine.make_async(replace(order, outputs={role: path})))
        self._working[file_id] = task
        task.add_done_callback(lambda done: self._on_end(file_id, done))
        return file_id

    def _on_end(self, file_id: str, task: asyncio.Task[Made]) -> None:
        del self._working[file_id]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, GalaError):
            self._failed[file_id] = error
        elif error is not None:
            self._failed[file_id] = GalaError(f"This work failed: {error!r}")


def _able(what: str) -> LocalEngine:
    engine = local_engine()
    reason = engine.lacks(what)
    if reason is not None:
        raise EngineMissing(reason)
    return engine


def _a_video(file_id: str, path: Path) -> Path:
    """The path of what may be a video; whether it can be decoded, the engine tells."""
    mime = sniff.sniff(path)
    if media_class(mime) in {MediaClass.IMAGE, MediaClass.AUDIO}:
        raise InvalidRequest(
            f"video_ids: File with ID {file_id} is {mime}, which is no video.", field="video_ids"
        )
    return path


def _an_image(file_id: str, path: Path) -> Path:
    if not file_id.startswith("image_"):
        raise InvalidRequest(f"image_id: {file_id} is no image.", field="image_id")
    return path
