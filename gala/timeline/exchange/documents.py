"""Import any document that GALA reads: OTIO's JSON, or an edit of Shotstack."""

from __future__ import annotations

from gala.errors import InvalidRequest
from gala.timeline.exchange.imported import Imported, document_of
from gala.timeline.exchange.otio_reader import read_otio
from gala.timeline.exchange.shotstack import read_shotstack


def import_document(text: str | bytes) -> Imported:
    """Return the composition of a document, and what could not be carried over.

    Raise InvalidRequest if it is neither OTIO nor an edit of Shotstack, or would not give a valid
    composition.
    """
    document = document_of(text)
    if "OTIO_SCHEMA" in document:
        return read_otio(text)
    template = document.get("template")
    if "timeline" in document or (isinstance(template, dict) and "timeline" in template):
        return read_shotstack(text)
    raise InvalidRequest(
        'The document is neither OTIO, which has an "OTIO_SCHEMA", nor an edit of Shotstack, which'
        ' has a "timeline".'
    )
