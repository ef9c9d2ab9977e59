"""Transcripts of YouTube videos, as YouTube provides them."""

from __future__ import annotations

from gala.errors import EngineMissing, NotFound, Unavailable
from gala.installation import install_hint


def transcript(video_id: str) -> str:
    """Return the transcript of a video, line by line.

    Raise EngineMissing if the required package is not installed, NotFound if there is no
    transcript, and Unavailable if YouTube does not answer, for example without internet access.
    """
    try:
        from requests import RequestException  # noqa: PLC0415 - an extra
        from youtube_transcript_api import (  # noqa: PLC0415
            YouTubeTranscriptApi,
            YouTubeTranscriptApiException,
        )
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "youtube-transcript requires an additional package.",
            hint=f"Install it: {install_hint('youtube')}",
        ) from error
    try:
        lines = YouTubeTranscriptApi().fetch(video_id)
    except RequestException as error:
        raise Unavailable(
            "YouTube does not answer; this route requires internet access.",
        ) from error
    except YouTubeTranscriptApiException as error:
        raise NotFound(f"There is no transcript of {video_id}.") from error
    return "\n".join(line.text for line in lines)
