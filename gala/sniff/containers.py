"""Detection of audio, video and image container formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_BRANDS: Final = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"M4P ": "audio/mp4",
    b"M4V ": "video/x-m4v",
    b"M4VH": "video/x-m4v",
    b"M4VP": "video/x-m4v",
    b"avif": "image/avif",
    b"avis": "image/avif",
}
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_IMAGE_BRANDS: Final = frozenset({b"mif1", b"msf1"}) | _HEIC_BRANDS
# QuickTime files older than `ftyp` begin with one of these boxes.
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_HANDLER = re.compile(rb"hdlr.{8}(vide|soun)", re.DOTALL)
_DOCTYPE = re.compile(rb"\x42\x82[\x80-\xff]webm")
_MATROSKA_CODEC = re.compile(rb"\x86[\x80-\xff]([AV])_")
_OGG_VIDEO: Final = (b"\x80theora", b"\x01video", b"BBCD\0", b"OVP80")
_OGG_AUDIO: Final = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ")
_OGG_PAGES: Final = 16
_BEGINS_STREAM: Final = 2


def iso_media(head: bytes) -> str | None:
    """Return the type of MP4 and related formats by their declared brands, or None."""
    kind = head[4:8]
    if kind == b"ftyp":
        mime = _branded(head)
        if mime.startswith("video/") and _sound_only(head):
            return "audio/mp4"
        return mime
    if kind in {b"styp", b"sidx", b"moof"}:
        return "video/mp4"
    return "video/quicktime" if kind in _OLD_QUICKTIME else None


def _branded(head: bytes) -> str:
    end = min(int.from_bytes(head[:4], "big"), 256)
    major = head[8:12]
    brands = {major} | {head[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _IMAGE_BRANDS:
        if brands & {b"avif", b"avis"}:
            return "image/avif"
        return "image/heic" if brands & _HEIC_BRANDS else "image/heif"
    if major.startswith(b"3g"):
        return "video/3gpp2" if major.startswith(b"3g2") else "video/3gpp"
    return _BRANDS.get(major, "video/mp4")


def _sound_only(head: bytes) -> bool:
    """Return True if the complete index is in ``head`` and lists audio tracks only."""
    for kind, start, end in _boxes(head):
        if kind == b"moov" and end <= len(head):
            return set(_HANDLER.findall(head, start, end)) == {b"soun"}
    return False


def _boxes(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at + 8 <= len(head):
        size = int.from_bytes(head[at : at + 4], "big")
        if size < 8:
            return
        yield head[at + 4 : at + 8], at + 8, at + size
        at += size


def ebml(head: bytes) -> str | None:
    """Return the type of WebM and Matroska: audio if all declared tracks are audio; or None."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    sound_only = set(_MATROSKA_CODEC.findall(head)) == {b"A"}
    top = "audio" if sound_only else "video"
    return f"{top}/webm" if _DOCTYPE.search(head, 0, 256) else f"{top}/x-matroska"


def riff(head: bytes) -> str | None:
    """Return the type of RIFF and IFF files (AVI, WAV, WebP, AIFF), or None."""
    family, form = head[:4], head[8:12]
    if family in {b"RIFF", b"RIFX", b"RF64", b"BW64"}:
        return {b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(form)
    return "audio/aiff" if family == b"FORM" and form in {b"AIFF", b"AIFC"} else None


def ogg(head: bytes) -> str | None:
    """Return the type of Ogg files by the streams that start in the first pages, or None."""
    if not head.startswith(b"OggS"):
        return None
    streams = list(_ogg_streams(head))
    if any(stream.startswith(_OGG_VIDEO) for stream in streams):
        return "video/ogg"
    return "audio/ogg" if any(s.startswith(_OGG_AUDIO) for s in streams) else "application/ogg"


def _ogg_streams(head: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_OGG_PAGES):
        if head[at : at + 4] != b"OggS" or len(head) < at + 27:
            return
        segments = head[at + 27 : at + 27 + head[at + 26]]
        start = at + 27 + len(segments)
        if head[at + 5] & _BEGINS_STREAM:
            yield head[start : start + 16]
        at = start + sum(segments)
