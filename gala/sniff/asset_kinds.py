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


def check_kind(kind: AssetKind, mime: str) -> None:
    """Raise `UnsupportedMedia` when a file of this type cannot serve that purpose.

    ``other`` and ``render_output`` take anything.
    """
    if kind is AssetKind.CAPTIONS:
        if mime not in SUBTITLES:
            raise _unsupported(
                kind, mime, "an SRT, WebVTT or ASS file, or SBV, LRC, MicroDVD or MPL2"
            )
        return
    classes = _CLASSES.get(kind)
    if classes is not None and media_class(mime) not in classes:
        raise _unsupported(kind, mime, " or ".join(_with_article(name) for name in classes))


def _with_article(name: MediaClass) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _kinds_for(mime: str) -> list[str]:
    """Return the kinds that take files of this type; ``other`` is always one."""
    wanted = media_class(mime)
    kinds = [str(kind) for kind, classes in _CLASSES.items() if wanted in classes]
    if mime in SUBTITLES:
        kinds.append(str(AssetKind.CAPTIONS))
    return [*kinds, str(AssetKind.OTHER)]


def _unsupported(kind: AssetKind, mime: str, needed: str) -> UnsupportedMedia:
    return UnsupportedMedia(
        f"The content of this file is {mime}; the kind {kind} requires {needed}.",
        hint=f"These kinds take it: {', '.join(_kinds_for(mime))}.",
        field="file",
        kind=str(kind),
        mime=mime,
    )
