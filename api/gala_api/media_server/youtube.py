"""Transcripts that YouTube has of its own videos."""

from __future__ import annotations

from gala.errors import EngineMissing, NotFound, Unavailable


def transcript(video_id: str) -> str:
    """What is said in the video, line by line.

    Raises EngineMissing where the package for it is not installed, NotFound if there is no
    transcript, Unavailable if YouTube does not answer: without the internet it never does.
    """
    try:
        from requests import RequestException  # noqa: PLC0415 - an extra
        from youtube_transcript_api import (  # noqa: PLC0415
            YouTubeTranscriptApi,
            YouTubeTranscriptApiException,
        )
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "youtube-transcript needs a package of its own.",
            hint='Install it: pip install "gala[youtube]"',
        ) from error
    try:
        found = YouTubeTranscriptApi().fetch(video_id)
    except RequestException as error:
        raise Unavailable(
            "YouTube does not answer; this route needs the internet.",
        ) from error
    except YouTubeTranscriptApiException as error:
        raise NotFound(f"There is no transcript of {video_id}.") from error
    return "\n".join(line.text for line in found)
