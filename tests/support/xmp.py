"""Reads the XMP of media files, as the XMP specification says where it is."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from PIL import Image

_BOX: Final = uuid.UUID("BE7ACFCB-97A9-42E8-9C71-999491E3AFAC").bytes
_SOURCE_TYPE: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def boxes(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the type and content of each box at the top level of an MP4 or MOV file."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at
        yield kind.decode(), data[at + 8 : at + size]
        at += size


def box_packet(path: Path) -> bytes:
    """Return the XMP packet of an MP4 or MOV file."""
    (found,) = [content for kind, content in boxes(path) if kind == "uuid"]
    assert found.startswith(_BOX)
    return found[len(_BOX) :]


def picture_packet(opened: Any) -> bytes:
    """Return the XMP packet of a JPEG or PNG: a path or a file."""
    with Image.open(opened) as picture:
        found = picture.info["xmp"]
    return found if isinstance(found, bytes) else str(found).encode()


def source_type(packet: bytes) -> str:
    """Return the last part of IPTC's Digital Source Type in a packet."""
    description = _description(packet)
    return description.attrib[_SOURCE_TYPE].removeprefix(
        "http://cv.iptc.org/newscodes/digitalsourcetype/"
    )


def comment(packet: bytes) -> str:
    """Return the description in a packet."""
    line = _description(packet).find(f".//{_RDF}li")
    assert line is not None
    assert line.text
    return line.text


def _description(packet: bytes) -> ElementTree.Element:
    found = ElementTree.fromstring(packet.decode().strip("\ufeff")).find(f".//{_RDF}Description")
    assert found is not None
    return found
