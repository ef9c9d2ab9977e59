"""The backend that uses a media server over its routes under ``/api/v1/media``."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from gala.client.connection import shown_url
from gala.errors import (
    AssetNotFound,
    ErrorCode,
    Forbidden,
    GalaError,
    InvalidRequest,
    PayloadTooLarge,
    RateLimited,
    RenderFailed,
    Unauthorized,
    Unavailable,
    error_of,
)
from gala.files import atomic_file
from gala.job import writable
from gala.media_server.caption_form import CAPTION_PREFIX, captions_to_form
from gala.media_server.ids import FileStatus, MediaType, is_media_id
from gala.media_server.voice_config import VoiceConfig
from gala.media_service.models import CaptionedVideo, FileReport
from gala.net.tls import tls_context
from gala.render_types.params.kokoro_voices import default_voice

_MEDIA: Final = "/api/v1/media"
_TIMEOUT: Final = httpx.Timeout(30.0, read=120.0, write=120.0)
_ERROR_CODE_HEADER: Final = "gala-error-code"
"""Sent by GALA's own server with an error."""
_ERRORS: Final[Mapping[int, type[GalaError]]] = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Forbidden,
    404: AssetNotFound,
    413: PayloadTooLarge,
    422: InvalidRequest,
    429: RateLimited,
}


class RemoteBackend:
    """A client of the media server at ``base_url``; ``token`` is one of its ``AUTH_TOKENS``.

    Methods raise ``Unavailable`` if the server does not answer, and otherwise the error that
    corresponds to the server's response.
    """

    def __init__(
        self, base_url: str, token: str | None, transport: httpx.AsyncBaseTransport | None = None
    ):
        self._base_url = base_url.rstrip("/")
        self._client = httpx.AsyncClient(
            base_url=self._base_url,
            headers={"authorization": token} if token else {},
            timeout=_TIMEOUT,
            transport=transport,
            verify=tls_context(),
        )
        self._attachments: dict[str, str] = {}
        """Ids of files in progress → ids of the files that were uploaded only for them."""
        self._obsolete: set[str] = set()
        """Attachments of finished work that the server has not deleted yet."""

    async def is_healthy(self) -> bool:
        """Return True if the server answers."""
        try:
            return (await self._client.get("/health")).is_success
        except httpx.HTTPError:
            return False

    async def start_speech(self, text: str, voice: VoiceConfig) -> str:
        """Start generating speech; a voice sample is uploaded first."""
        if voice.speech_engine == "kokoro":
            fields = {"text": text, "voice": voice.voice or "", "speed": f"{voice.speed:g}"}
            if voice.language:
                # A media server 0.3.5 knows no language, but each voice has one.
                fields["voice"] = voice.voice or default_voice(voice.language) or ""
                fields["language"] = voice.language
            return await self._start("/audio-tools/tts/kokoro", fields)
        if voice.speech_engine != "chatterbox":
            raise InvalidRequest(
                "voice_config.engine: A media server supports kokoro and chatterbox only, not"
                f" {voice.speech_engine}; use execution_mode='local' for other engines.",
                field="voice_config.engine",
            )
        sample = ""
        if voice.sample_path is not None:
            sample = await self.upload(voice.sample_path, MediaType.AUDIO)
        fields = {
            "text": text,
            "sample_audio_id": sample,
            "exaggeration": f"{voice.exaggeration:g}",
            "cfg_weight": f"{voice.cfg_weight:g}",
            "temperature": f"{voice.temperature:g}",
        }
        return await self._start("/audio-tools/tts/chatterbox", fields, attachment=sample)

    async def start_captioned_video(self, video: CaptionedVideo) -> str:
        """Start rendering a captioned video."""
        captions = captions_to_form(video.captions)
        fields = {
            "background_id": _checked(video.image_id),
            "audio_id": _checked(video.audio_id),
            "text": video.text,
            "width": str(video.width),
            "height": str(video.height),
            "image_effect": video.image_effect,
            **{f"{CAPTION_PREFIX}{name}": value for name, value in captions.items()},
        }
        return await self._start("/video-tools/generate/tts-captioned-video", fields)

    async def start_merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Start joining videos; the music is uploaded first."""
        joined_ids = ",".join(_checked(video_id) for video_id in video_ids)
        music_id = "" if music is None else await self.upload(music, MediaType.AUDIO)
        fields = {
            "video_ids": joined_ids,
            "background_music_id": music_id,
            "background_music_volume": f"{volume:g}",
        }
        return await self._start("/video-tools/merge", fields, attachment=music_id)

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Upload a file and return its id."""
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with _open(path) as file:
            answer = await self._json(
                "POST",
                f"{_MEDIA}/storage",
                data={"media_type": media_type},
                files={"file": (writable(path.name), file, mime)},
            )
        return _file_id(answer)

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Let the server fetch the file at a URL."""
        return await self._start("/storage", {"url": url, "media_type": media_type})

    async def status(self, file_id: str) -> FileReport:
        """Return the status on the server; a failure has the error of the server's code."""
        if not is_media_id(file_id):
            return FileReport(FileStatus.NOT_FOUND)
        answer = await self._json("GET", f"{_MEDIA}/storage/{file_id}/status")
        try:
            status = FileStatus(str(answer.get("status")))
        except ValueError as error:
            raise _unexpected(answer) from error
        if status is not FileStatus.PROCESSING and file_id in self._attachments:
            await self._delete_obsolete(self._attachments.pop(file_id))
        if status is not FileStatus.FAILED:
            return FileReport(status)
        code = answer.get("code", ErrorCode.RENDER_FAILED)
        reason = answer.get("error") or RenderFailed.__doc__
        return FileReport(status, error_of(str(code), str(reason)))

    async def pause(self, file_id: str, seconds: float) -> None:
        """Wait ``seconds``; the server does not announce the end of work."""
        del file_id
        await asyncio.sleep(seconds)

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """Return the server's information about the file."""
        kind = "audio" if file_id.startswith(f"{MediaType.AUDIO}_") else "video"
        return await self._json("GET", f"{_MEDIA}/{kind}-tools/info/{_checked(file_id)}")

    async def url(self, file_id: str) -> str:
        """Return the file's URL on the server, which may require the token."""
        return f"{self._base_url}{_MEDIA}/storage/{_checked(file_id)}"

    async def download(self, file_id: str, target: Path) -> None:
        """Stream the content to ``target``, completely or not at all."""
        url = f"{_MEDIA}/storage/{_checked(file_id)}"
        try:
            with atomic_file(target) as temporary:
                async with self._client.stream("GET", url) as response:
                    await _raise_for(response)
                    with temporary.open("wb") as file:
                        async for chunk in response.aiter_bytes():
                            file.write(chunk)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    async def delete(self, file_id: str) -> None:
        """Delete the file on the server."""
        if not is_media_id(file_id):
            return
        await self._json("DELETE", f"{_MEDIA}/storage/{file_id}")
        if file_id in self._attachments:
            # The server may still read the attachment until its work is cancelled, so it is deleted
            # later.
            self._obsolete.add(self._attachments.pop(file_id))

    async def close(self) -> None:
        """Delete the attachments of finished work, then close the connections."""
        try:
            await self._delete_obsolete()
        finally:
            await self._client.aclose()

    async def _start(self, path: str, fields: Mapping[str, str], *, attachment: str = "") -> str:
        try:
            file_id = _file_id(await self._json("POST", f"{_MEDIA}{path}", data=dict(fields)))
        except GalaError:
            await self._delete_obsolete(*filter(None, [attachment]))
            raise
        if attachment:
            self._attachments[file_id] = attachment
        return file_id

    async def _delete_obsolete(self, *file_ids: str) -> None:
        """Delete these and all other obsolete attachments; a later call retries what fails."""
        self._obsolete.update(file_ids)
        for file_id in tuple(self._obsolete):
            try:
                await self.delete(file_id)
            except Unavailable:
                return
            except GalaError:
                continue
            self._obsolete.discard(file_id)

    async def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            response = await self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        await _raise_for(response)
        try:
            answer = response.json()
        except ValueError as error:
            raise _unexpected(response.text[:100]) from error
        if not isinstance(answer, dict):
            raise _unexpected(answer)
        return answer

    def _unreachable(self, error: httpx.HTTPError) -> Unavailable:
        return Unavailable(
            f"No media server answers at {shown_url(self._base_url)}:"
            f" {str(error) or type(error).__name__}",
            hint="Start one, set MEDIA_SERVER_URL, or use execution_mode='local'.",
        )


async def _raise_for(response: httpx.Response) -> None:
    if response.is_success:
        return
    await response.aread()
    message = _error_message(response)
    if _ERROR_CODE_HEADER in response.headers:
        raise error_of(response.headers[_ERROR_CODE_HEADER], message)
    default = Unavailable if response.status_code >= 500 else GalaError
    raise _ERRORS.get(response.status_code, default)(message)


def _error_message(response: httpx.Response) -> str:
    """Return the error's text, which is under ``error``, or under ``detail`` as in FastAPI."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    message = body.get("error") or body.get("detail") if isinstance(body, dict) else None
    if isinstance(message, dict):
        message = message.get("message")
    if isinstance(message, list) and message and isinstance(message[0], dict):
        field = ".".join(str(part) for part in message[0].get("loc", ())[1:])
        message = f"{field}: {message[0].get('msg')}"
    return str(message or f"HTTP {response.status_code} from {response.url}")


def _file_id(answer: Mapping[str, Any]) -> str:
    file_id = answer.get("file_id")
    if not isinstance(file_id, str) or not is_media_id(file_id):
        raise _unexpected(answer)
    return file_id


def _unexpected(answer: object) -> GalaError:
    return GalaError(f"The server's response is not that of a media server: {answer!r}")


def _checked(file_id: str) -> str:
    """Return the id if it is safe as a part of a URL; raise ``AssetNotFound`` otherwise."""
    if not is_media_id(file_id):
        raise AssetNotFound(f"File with ID {file_id} not found.")
    return file_id


def _open(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidRequest(f"{path}: The file cannot be read: {error.strerror}") from error
