"""Check that a file's MIME type matches its media type, on the server and in the client."""

from __future__ import annotations

from typing import Final

from gala.errors import InvalidRequest
from gala.media import MediaClass, media_class
from gala.media_server.ids import MediaType

_CLASSES: Final = {
    MediaType.IMAGE: MediaClass.IMAGE,
    MediaType.VIDEO: MediaClass.VIDEO,
    MediaType.AUDIO: MediaClass.AUDIO,
}
_UNKNOWN_MIME: Final = "application/octet-stream"
"""Raw PCM samples have no signature."""


def check_mime(mime: str, media_type: MediaType) -> None:
    """Raise ``InvalidRequest`` if the MIME type does not match; ``tmp`` accepts every type."""
    expected = _CLASSES.get(media_type)
    raw_audio = media_type is MediaType.AUDIO and mime == _UNKNOWN_MIME
    if expected is not None and media_class(mime) is not expected and not raw_audio:
        raise InvalidRequest(
            f"media_type: The file is {mime}, not {media_type}.", field="media_type"
        )
