"""The statement that a presenter is synthetic, as metadata.

It is made in the terms of IPTC's Digital Source Type, which search engines and social networks
read, and as a comment that players and ``ffprobe`` show. See docs/decisions/synthetic-media.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from xml.sax.saxutils import escape

from gala.media import SpokenBy

_VOCABULARY: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_RULE_BASED: Final = frozenset({"espeak"})
"""Speech engines that are not models trained on recordings."""
_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    Iptc4xmpExt:DigitalSourceType="{source_type}"
    xmp:CreatorTool="GALA">
   <dc:description>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">{comment}</rdf:li>
    </rdf:Alt>
   </dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


class SourceType(StrEnum):
    """Terms of the vocabulary that fit presenters; a term's URI is :attr:`uri`."""

    COMPOSITE_SYNTHETIC = "compositeSynthetic"
    """Composed of several elements, at least one of which is synthetic media."""
    COMPOSITE = "composite"
    """Composed of several elements of any kind."""
    ALGORITHMIC = "algorithmicMedia"
    """Made purely by an algorithm that was not trained on sampled data."""

    @property
    def uri(self) -> str:
        """The identifier of the term."""
        return f"{_VOCABULARY}{self.value}"


class Appearance(StrEnum):
    """What a presenter is made of."""

    PORTRAIT = "animated portrait"
    CHARACTER = "drawn character"
    SPRITES = "animated pictures"
    GENERATED = "generated video of a portrait"


@dataclass(frozen=True, slots=True)
class SyntheticMark:
    """What the metadata of a file says."""

    source_type: SourceType
    comment: str
    """One line of English."""

    @property
    def xmp(self) -> bytes:
        """The statement as an XMP packet."""
        return _PACKET.format(
            source_type=self.source_type.uri, comment=escape(self.comment)
        ).encode()

    @property
    def tags(self) -> dict[str, str]:
        """The statement as tags of a container; only Matroska and WebM keep the second one."""
        return {"comment": self.comment, "DIGITAL_SOURCE_TYPE": self.source_type.uri}


def synthetic_mark(
    appearances: Sequence[Appearance],
    *,
    speakers: Sequence[SpokenBy] | None = None,
    other_files: bool = False,
) -> SyntheticMark:
    """Return the mark of a file that shows presenters of these appearances.

    ``speakers`` are the synthetic voices; None if nobody speaks, empty for a recording.
    ``other_files`` is True if files of the user are part of it.
    """
    several = "s" if len(appearances) > 1 else ""
    kinds = ", ".join(dict.fromkeys(one.value for one in appearances))
    comment = f"Synthetic presenter{several}: {kinds}, made with GALA."
    if speakers is not None:
        comment += f" Voice: {_voice(speakers)}."
    return SyntheticMark(_source_type(appearances, speakers or (), other_files), comment)


def _voice(speakers: Sequence[SpokenBy]) -> str:
    engines = sorted({one.engine for one in speakers})
    return f"synthetic ({', '.join(engines)})" if engines else "recording"


def _source_type(
    appearances: Sequence[Appearance], speakers: Sequence[SpokenBy], other_files: bool
) -> SourceType:
    trained = any(one.engine not in _RULE_BASED for one in speakers)
    # An animated portrait is synthetic media whatever animates it: that person never moved so.
    if trained or {Appearance.PORTRAIT, Appearance.GENERATED} & set(appearances):
        return SourceType.COMPOSITE_SYNTHETIC
    others = other_files or Appearance.SPRITES in appearances
    return SourceType.COMPOSITE if others else SourceType.ALGORITHMIC
