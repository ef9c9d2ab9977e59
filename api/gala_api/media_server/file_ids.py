"""What the media server calls its files: ``<type>_<uuid4><ext>``, given away before they exist."""

from __future__ import annotations

import re
import uuid
from enum import StrEnum
from typing import Final


class MediaType(StrEnum):
    """The first part of a file's id."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TMP = "tmp"


_ID: Final = re.compile(
    rf"(?P<type>{'|'.join(MediaType)})_"
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?:\.[A-Za-z0-9]{1,8})?"
)


def new_file_id(media_type: MediaType, suffix: str) -> str:
    """A fresh id, e.g. ``video_2f1c….mp4``; ``suffix`` begins with a dot or is empty."""
    return f"{media_type}_{uuid.uuid4()}{suffix}"


def is_file_id(text: str) -> bool:
    """Whether the text has the form of an id; it may still name nothing."""
    return _ID.fullmatch(text) is not None


def file_name(file_id: str) -> str:
    """The file's name: what follows the type."""
    return file_id.partition("_")[2]
