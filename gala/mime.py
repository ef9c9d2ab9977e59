"""File name suffixes of the MIME types that GALA knows; each suffix has one type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SUFFIXES: Final[Mapping[str, str]] = {
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/x-m4v": ".m4v",
    "video/3gpp": ".3gp",
    "video/3gpp2": ".3g2",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
    "video/mp2t": ".ts",
    "video/mpeg": ".mpg",
    "video/ogg": ".ogv",
    "video/x-flv": ".flv",
    "video/x-ms-wmv": ".wmv",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/apng": ".apng",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "audio/aiff": ".aiff",
    "audio/amr": ".amr",
    "audio/x-caf": ".caf",
    "audio/webm": ".weba",
    "audio/x-matroska": ".mka",
    "text/plain": ".txt",
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "text/x-ssa": ".ass",
    "text/x-lrc": ".lrc",
    "text/x-microdvd": ".sub",
    "text/x-mpl2": ".mpl",
    "font/ttf": ".ttf",
    "font/otf": ".otf",
    "font/collection": ".ttc",
    "font/woff": ".woff",
    "font/woff2": ".woff2",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
}


def suffix_of(mime: str) -> str:
    """Return the suffix, with its dot, for a MIME type; ``.bin`` if it is unknown."""
    return SUFFIXES.get(mime, ".bin")
