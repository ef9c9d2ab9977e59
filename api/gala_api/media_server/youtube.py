"""Transcripts of YouTube videos, as YouTube provides them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from gala.errors import EngineMissing, NotFound, Unavailable
from gala.installation import install_hint

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from youtube_transcript_api import Transcript

_SILENT_SECONDS: Final = 10.0
"""How long YouTube may be silent. The package sets no limit, and each request keeps a thread."""
_PREFERRED_LANGUAGE: Final = "en"


def transcript(video_id: str, *, silent_seconds: float = _SILENT_SECONDS) -> str:
    """Return the transcript of a video, line by line: in English, or else in its first language.

    Raise EngineMissing if the required package is not installed, NotFound if there is no
    transcript, and Unavailable if YouTube does not answer, for example without internet access, or
    answers people only.
    """
    try:
        from requests import RequestException  # noqa: PLC0415 - an extra
        from youtube_transcript_api import (  # noqa: PLC0415
            IpBlocked,
            RequestBlocked,
            YouTubeRequestFailed,
            YouTubeTranscriptApi,
            YouTubeTranscriptApiException,
        )
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "youtube-transcript requires an additional package.",
            hint=f"Install it: {install_hint('youtube')}",
        ) from error
    try:
        with _session(silent_seconds) as session:
            lines = chosen(YouTubeTranscriptApi(http_client=session).list(video_id)).fetch()
    except (RequestException, YouTubeRequestFailed) as error:
        raise Unavailable(
            "YouTube does not answer; this route requires internet access.",
        ) from error
    except (RequestBlocked, IpBlocked) as error:
        raise Unavailable("YouTube rejects requests from this server's address.") from error
    except YouTubeTranscriptApiException as error:
        raise NotFound(f"There is no transcript of {video_id}.") from error
    return "\n".join(line.text for line in lines)


def chosen(transcripts: Iterable[Transcript]) -> Transcript:
    """Return the transcript in English, or else the first; written ones precede generated ones.

    Raise NotFound if there is none.
    """
    found = sorted(transcripts, key=lambda one: one.language_code != _PREFERRED_LANGUAGE)
    if not found:
        raise NotFound("The video has no transcript.")
    return found[0]


def _session(silent_seconds: float) -> Session:
    """Return a session whose requests end if the server is silent for so long."""
    from requests import Session  # noqa: PLC0415 - an extra
    from requests.adapters import HTTPAdapter  # noqa: PLC0415

    class Adapter(HTTPAdapter):
        def send(self, request: PreparedRequest, *_: Any, **options: Any) -> Response:
            return super().send(request, **{**options, "timeout": silent_seconds})

    session = Session()
    session.mount("https://", Adapter())
    return session
