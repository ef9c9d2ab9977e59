"""Ids, types and statuses of the media server's files.

A media id is ``<type>_<uuid4><suffix>``, for example ``video_2f1c….mp4``. It is assigned before the
file exists.
"""

from __future__ import annotations

import re
import uuid
from enum import StrEnum
from typing import Final

from gala.errors import InvalidRequest


class MediaType(StrEnum):
    """The type of a file: the first part of its id."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TMP = "tmp"


class FileStatus(StrEnum):
    """The status of a file that was promised by its id."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    NOT_FOUND = "not_found"


_MEDIA_ID: Final = re.compile(
    rf"({'|'.join(MediaType)})_([A-Za-z0-9-]{{1,64}}(?:\.[A-Za-z0-9]{{1,8}})?)"
)
"""Other media servers name their files less strictly than by a UUID."""


def parse_media_type(text: str) -> MediaType:
    """Return the media type of that name; raise ``InvalidRequest`` if there is none."""
    try:
        return MediaType(text)
    except ValueError as error:
        raise InvalidRequest(
            f"media_type: must be one of {', '.join(MediaType)}.", field="media_type"
        ) from error


def new_media_id(media_type: MediaType, suffix: str) -> str:
    """Return a new media id; ``suffix`` starts with a dot or is empty."""
    return f"{media_type}_{uuid.uuid4()}{suffix}"


def parse_media_id(text: str) -> tuple[MediaType, str] | None:
    """Return the type and the file name in a media id, or ``None`` if ``text`` is not one."""
    match = _MEDIA_ID.fullmatch(text)
    return (MediaType(match[1]), match[2]) if match else None


def is_media_id(text: str) -> bool:
    """Return True if ``text`` has the form of a media id; the file need not exist."""
    return _MEDIA_ID.fullmatch(text) is not None


def file_name(media_id: str) -> str:
    """Return the file name in a media id: what follows the type."""
    return media_id.partition("_")[2]
