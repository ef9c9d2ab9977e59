"""Which bytes are taken as which media: the same behind every door, and on the server."""

from __future__ import annotations

from typing import Final

from gala.errors import InvalidRequest
from gala.media import MediaClass, media_class

_CLASSES: Final = {
    "image": MediaClass.IMAGE,
    "video": MediaClass.VIDEO,
    "audio": MediaClass.AUDIO,
}
_UNKNOWN_BYTES: Final = "application/octet-stream"
"""What raw samples look like."""


def check_mime(mime: str, media_type: str) -> None:
    """Raise ``InvalidRequest`` if bytes of this MIME type are no such media; ``tmp`` is any."""
    wanted = _CLASSES.get(media_type)
    raw_sound = media_type == "audio" and mime == _UNKNOWN_BYTES
    if wanted is not None and media_class(mime) is not wanted and not raw_sound:
        raise InvalidRequest(
            f"media_type: The file is {mime}, which is no {media_type}.", field="media_type"
        )
