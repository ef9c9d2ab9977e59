"""The door to a media server, by the routes of ``/api/v1/media``."""

from __future__ import annotations

import asyncio
import mimetypes
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from gala.client.api_client import shown_url
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
from gala.media_service.file_store import is_media_id
from gala.media_service.models import CaptionedVideo, FileState, FileStatus, MediaType, Voice

_MEDIA: Final = "/api/v1/media"
_TIMEOUT: Final = httpx.Timeout(30.0, read=120.0, write=120.0)
_CODE: Final = "gala-error-code"
"""The header in which a server that is GALA tells what error it is."""
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
    """A media server at ``base_url``; ``token`` is one of its ``AUTH_TOKENS``.

    Raises ``Unavailable`` when nobody answers, and the error of the server's answer otherwise.
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
        )
        self._lent: dict[str, str] = {}
        """Promised files → what was uploaded only for them."""
        self._spent: set[str] = set()
        """What was uploaded for work that is over, until the server has removed it."""

    async def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            return (await self._client.get("/health")).is_success
        except httpx.HTTPError:
            return False

    async def speak(self, text: str, voice: Voice) -> str:
        """Begin a speech; a sample goes with the request."""
        if voice.speaker == "kokoro":
            fields = {"text": text, "voice": voice.voice or "", "speed": f"{voice.speed:g}"}
            return await self._begin("/audio-tools/tts/kokoro", fields)
        if voice.speaker != "chatterbox":
            raise InvalidRequest(
                "voice_config.engine: a media server speaks with kokoro or chatterbox, not"
                f" {voice.speaker}; execution_mode='local' has the others.",
                field="voice_config.engine",
            )
        sample = "" if voice.sample_path is None else await self.upload(voice.sample_path, "audio")
        fields = {
            "text": text,
            "sample_audio_id": sample,
            "exaggeration": f"{voice.exaggeration:g}",
            "cfg_weight": f"{voice.cfg_weight:g}",
            "temperature": f"{voice.temperature:g}",
        }
        return await self._begin("/audio-tools/tts/chatterbox", fields, lent=sample)

    async def caption(self, video: CaptionedVideo) -> str:
        """Begin a captioned video."""
        fields = {
            "background_id": _known(video.image_id),
            "audio_id": _known(video.audio_id),
            "text": video.text,
            "width": str(video.width),
            "height": str(video.height),
            "image_effect": video.image_effect,
            **{f"caption_config_{name}": _text(value) for name, value in video.captions.items()},
        }
        return await self._begin("/video-tools/generate/tts-captioned-video", fields)

    async def merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Begin a merge; the music goes before it."""
        named = ",".join(_known(one) for one in video_ids)
        music_id = "" if music is None else await self.upload(music, "audio")
        fields = {
            "video_ids": named,
            "background_music_id": music_id,
            "background_music_volume": f"{volume:g}",
        }
        return await self._begin("/video-tools/merge", fields, lent=music_id)

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Send a file."""
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with _opened(path) as file:
            answer = await self._json(
                "POST",
                f"{_MEDIA}/storage",
                data={"media_type": media_type},
                files={"file": (path.name, file, mime)},
            )
        return _file_id(answer)

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Have the server fetch it."""
        return await self._begin("/storage", {"url": url, "media_type": media_type})

    async def status(self, file_id: str) -> FileStatus:
        """As the server tells it; why something failed as the error of its code."""
        if not is_media_id(file_id):
            return FileStatus(FileState.NOT_FOUND)
        answer = await self._json("GET", f"{_MEDIA}/storage/{file_id}/status")
        try:
            state = FileState(str(answer.get("status")))
        except ValueError as error:
            raise _strange(answer) from error
        if state is not FileState.PROCESSING and file_id in self._lent:
            await self._give_back(self._lent.pop(file_id))
        if state is not FileState.FAILED:
            return FileStatus(state)
        code = answer.get("code", ErrorCode.RENDER_FAILED)
        reason = answer.get("error") or RenderFailed.__doc__
        return FileStatus(state, error_of(str(code), str(reason)))

    async def pause(self, file_id: str, seconds: float) -> None:
        """Wait: the server does not tell by itself."""
        del file_id
        await asyncio.sleep(seconds)

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """What the server tells of the file."""
        kind = "audio" if file_id.startswith("audio_") else "video"
        return await self._json("GET", f"{_MEDIA}/{kind}-tools/info/{_known(file_id)}")

    async def url(self, file_id: str) -> str:
        """The file's address on the server; it may want the token."""
        return f"{self._base_url}{_MEDIA}/storage/{_known(file_id)}"

    async def download(self, file_id: str, target: Path) -> None:
        """Stream the bytes to a file."""
        target.parent.mkdir(parents=True, exist_ok=True)
        growing = target.with_name(f".{target.name[:100]}.{uuid.uuid4().hex}.part")
        url = f"{_MEDIA}/storage/{_known(file_id)}"
        try:
            async with self._client.stream("GET", url) as response:
                await _raise_for(response)
                with growing.open("wb") as file:
                    async for chunk in response.aiter_bytes():
                        file.write(chunk)
            growing.replace(target)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        finally:
            growing.unlink(missing_ok=True)

    async def delete(self, file_id: str) -> None:
        """Have the server forget it."""
        if not is_media_id(file_id):
            return
        await self._json("DELETE", f"{_MEDIA}/storage/{file_id}")
        if file_id in self._lent:
            # Its work may still be ending, and reading it; there is time until the end.
            self._spent.add(self._lent.pop(file_id))

    async def close(self) -> None:
        """Close the connections; what was uploaded for work that is over goes first."""
        try:
            await self._give_back()
        finally:
            await self._client.aclose()

    async def _begin(self, path: str, fields: Mapping[str, str], *, lent: str = "") -> str:
        try:
            file_id = _file_id(await self._json("POST", f"{_MEDIA}{path}", data=dict(fields)))
        except GalaError:
            await self._give_back(*filter(None, [lent]))
            raise
        if lent:
            self._lent[file_id] = lent
        return file_id

    async def _give_back(self, *spent: str) -> None:
        """Have the server remove what it was lent; what it cannot now, a later call tries again."""
        self._spent.update(spent)
        for lent in tuple(self._spent):
            try:
                await self.delete(lent)
            except Unavailable:
                return
            except GalaError:
                continue
            self._spent.discard(lent)

    async def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            response = await self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        await _raise_for(response)
        try:
            answer = response.json()
        except ValueError as error:
            raise _strange(response.text[:100]) from error
        if not isinstance(answer, dict):
            raise _strange(answer)
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
    told = _told(response)
    if _CODE in response.headers:
        raise error_of(response.headers[_CODE], told)
    usual = Unavailable if response.status_code >= 500 else GalaError
    raise _ERRORS.get(response.status_code, usual)(told)


def _told(response: httpx.Response) -> str:
    """The error's text in the dialects of media servers: ``error``, or FastAPI's ``detail``."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    said = body.get("error") or body.get("detail") if isinstance(body, dict) else None
    if isinstance(said, dict):
        said = said.get("message")
    if isinstance(said, list) and said and isinstance(said[0], dict):
        where = ".".join(str(part) for part in said[0].get("loc", ())[1:])
        said = f"{where}: {said[0].get('msg')}"
    return str(said or f"HTTP {response.status_code} from {response.url}")


def _file_id(answer: Mapping[str, Any]) -> str:
    found = answer.get("file_id")
    if not isinstance(found, str) or not is_media_id(found):
        raise _strange(answer)
    return found


def _strange(answer: object) -> GalaError:
    return GalaError(f"This answer is no media server's: {answer!r}")


def _known(file_id: str) -> str:
    """An id that may become part of an address."""
    if not is_media_id(file_id):
        raise AssetNotFound(f"File with ID {file_id} not found.")
    return file_id


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidRequest(f"{path}: this file cannot be read: {error.strerror}") from error
