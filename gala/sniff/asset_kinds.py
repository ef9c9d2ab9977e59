"""File types allowed for each kind of asset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gala.errors import UnsupportedMedia
from gala.media import AssetKind, MediaClass, media_class
from gala.sniff.text import SUBTITLES

# A video can be used as music or voice for its audio; whether it has any is checked at use.
_CLASSES: Final[Mapping[AssetKind, tuple[MediaClass, ...]]] = {
    AssetKind.SOURCE_VIDEO: (MediaClass.VIDEO,),
    AssetKind.MUSIC: (MediaClass.AUDIO, MediaClass.VIDEO),
    AssetKind.VOICE: (MediaClass.AUDIO, MediaClass.VIDEO),
    AssetKind.OVERLAY: (MediaClass.IMAGE,),
    AssetKind.THUMBNAIL: (MediaClass.IMAGE,),
    AssetKind.BACKGROUND: (MediaClass.IMAGE, MediaClass.VIDEO),
    AssetKind.AVATAR_INPUT: (MediaClass.IMAGE, MediaClass.VIDEO, MediaClass.AUDIO),
}
_OFFERED: Final = (*_CLASSES, AssetKind.CAPTIONS, AssetKind.OTHER)
"""The kinds that a refusal may name, in this order; outputs of jobs are not uploaded."""
_CAPTION_FILES: Final = "an SRT, WebVTT or ASS file, or SBV, LRC, MicroDVD or MPL2"


def check_kind(kind: AssetKind, mime: str) -> None:
    """Raise `UnsupportedMedia` when a file of this type cannot serve that purpose.

    ``other`` and ``render_output`` take anything.
    """
    if _accepts(kind, mime):
        return
    needed = " or ".join(_with_article(name) for name in _CLASSES.get(kind, ()))
    raise _unsupported(kind, mime, needed or _CAPTION_FILES)


def _accepts(kind: AssetKind, mime: str) -> bool:
    if kind is AssetKind.CAPTIONS:
        return mime in SUBTITLES
    classes = _CLASSES.get(kind)
    return classes is None or media_class(mime) in classes


def _with_article(name: MediaClass) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _unsupported(kind: AssetKind, mime: str, needed: str) -> UnsupportedMedia:
    return UnsupportedMedia(
        f"The content of this file is {mime}; the kind {kind} requires {needed}.",
        hint=f"These kinds take it: {', '.join(one for one in _OFFERED if _accepts(one, mime))}.",
        field="file",
        kind=str(kind),
        mime=mime,
    )
