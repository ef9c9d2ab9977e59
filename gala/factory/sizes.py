"""Parses sizes of images and videos."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field

_NAMED: Final = {
    "480p": (854, 480),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "2k": (2560, 1440),
    "4k": (3840, 2160),
    "8k": (7680, 4320),
}
_PAIR: Final = re.compile(r"(\d{2,5})\s?[x×*]\s?(\d{2,5})", re.IGNORECASE)  # noqa: RUF001
_MIN_SIDE, _MAX_SIDE = 16, 16_384


def size_of(text: str) -> tuple[int, int]:
    """Return the pixels of ``1024x1024``, ``1080p`` or ``4K``; raise ``ValueError``."""
    found = _PAIR.fullmatch(text.strip())
    pair = (int(found[1]), int(found[2])) if found else _NAMED.get(text.strip().lower())
    if pair is None or not all(_MIN_SIDE <= side <= _MAX_SIDE for side in pair):
        raise ValueError(f"must be WIDTHxHEIGHT, {_MIN_SIDE} to {_MAX_SIDE} pixels, or 720p to 8K")
    return pair


def _checked(text: str) -> str:
    size_of(text)
    return text


Resolution: TypeAlias = Annotated[str, Field(max_length=20), AfterValidator(_checked)]
