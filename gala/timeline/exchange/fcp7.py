"""Write an edit as Final Cut Pro 7 XML (xmeml 4), which Premiere and Resolve import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from gala.timeline.exchange.edit import Cut, Edit, EditTrack, Medium, TrackKind
from gala.timeline.exchange.rates import EditRate

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'


def fcp7_xml(edit: Edit) -> str:
    """Return the edit as the text of an ``.xml`` file."""
    root = Xml.Element("xmeml", version="4")
    sequence = Xml.SubElement(root, "sequence", id="sequence-1")
    _text(sequence, "name", edit.name)
    _text(sequence, "duration", edit.frames)
    _rate(sequence, edit.rate)
    timecode = Xml.SubElement(sequence, "timecode")
    _rate(timecode, edit.rate)
    _text(timecode, "string", edit.rate.timecode(0))
    _text(timecode, "frame", 0)
    _text(timecode, "displayformat", "DF" if edit.rate.drop_frame else "NDF")
    media = Xml.SubElement(sequence, "media")
    writer = _Writer(edit)
    video = Xml.SubElement(media, "video")
    writer.format(video)
    writer.tracks(video, edit.of_kind(TrackKind.VIDEO))
    audio = Xml.SubElement(media, "audio")
    writer.tracks(audio, edit.of_kind(TrackKind.AUDIO))
    Xml.indent(root, space=" ")
    return _DECLARATION + Xml.tostring(root, encoding="unicode") + "\n"


class _Writer:
    def __init__(self, edit: Edit):
        self._edit = edit
        self._files: dict[Medium, str] = {}
        self._clips = 0

    def format(self, parent: Xml.Element) -> None:
        """Write size and frame rate of the sequence."""
        sample = Xml.SubElement(Xml.SubElement(parent, "format"), "samplecharacteristics")
        _rate(sample, self._edit.rate)
        _text(sample, "width", self._edit.frame.width)
        _text(sample, "height", self._edit.frame.height)
        _text(sample, "pixelaspectratio", "square")

    def tracks(self, parent: Xml.Element, tracks: Sequence[EditTrack]) -> None:
        """Write the tracks with their clips."""
        for track in tracks:
            element = Xml.SubElement(parent, "track")
            for number, cut in enumerate(track.cuts):
                after = track.cuts[number + 1] if number + 1 < len(track.cuts) else None
                if cut.dissolve:
                    self._dissolve(element, cut, track.kind)
                self._clip(element, cut, track.kind, after)

    def _dissolve(self, parent: Xml.Element, cut: Cut, kind: TrackKind) -> None:
        item = Xml.SubElement(parent, "transitionitem")
        _rate(item, self._edit.rate)
        _text(item, "start", cut.start - cut.dissolve)
        _text(item, "end", cut.start)
        _text(item, "alignment", "end")
        effect = Xml.SubElement(item, "effect")
        name = "Cross Dissolve" if kind is TrackKind.VIDEO else "Cross Fade (+3dB)"
        _text(effect, "name", name)
        _text(effect, "effectid", name)
        _text(effect, "effecttype", "transition")
        _text(effect, "mediatype", kind.value)

    def _clip(self, parent: Xml.Element, cut: Cut, kind: TrackKind, after: Cut | None) -> None:
        """Write a clip. Beside a transition its times include it, and -1 stands for the edge."""
        self._clips += 1
        item = Xml.SubElement(parent, "clipitem", id=f"clipitem-{self._clips}")
        _text(item, "name", cut.name)
        _text(item, "enabled", "TRUE")
        _text(item, "duration", cut.medium.frames or cut.frames)
        _rate(item, self._edit.rate)
        ahead = cut.dissolve
        under = after.dissolve if after is not None and after.start == cut.end else 0
        _text(item, "start", -1 if ahead else cut.start)
        _text(item, "end", -1 if under else cut.end)
        _text(item, "in", cut.source_start - ahead)
        _text(item, "out", cut.source_start + cut.frames)
        self._file(item, cut.medium)
        track = Xml.SubElement(item, "sourcetrack")
        _text(track, "mediatype", kind.value)
        if kind is TrackKind.AUDIO:
            _text(track, "trackindex", 1)

    def _file(self, parent: Xml.Element, medium: Medium) -> None:
        """Write a file; the second time that it is used, only its id."""
        known = self._files.get(medium)
        if known is not None:
            Xml.SubElement(parent, "file", id=known)
            return
        name = self._files[medium] = f"file-{len(self._files) + 1}"
        element = Xml.SubElement(parent, "file", id=name)
        _text(element, "name", medium.path.rpartition("/")[2])
        _text(element, "pathurl", quote(medium.path))
        _rate(element, self._edit.rate)
        _text(element, "duration", medium.frames or 1)
        media = Xml.SubElement(element, "media")
        if medium.has_picture:
            video = Xml.SubElement(media, "video")
            if medium.frames is not None:
                _text(video, "duration", medium.frames)
        if medium.has_sound:
            audio = Xml.SubElement(media, "audio")
            _text(audio, "channelcount", 2)


def _rate(parent: Xml.Element, rate: EditRate) -> None:
    element = Xml.SubElement(parent, "rate")
    _text(element, "timebase", rate.nominal)
    _text(element, "ntsc", "TRUE" if rate.is_ntsc else "FALSE")


def _text(parent: Xml.Element, name: str, value: object) -> None:
    # XML has no way to write control characters.
    plain = "".join(one if one.isprintable() or one == " " else " " for one in str(value))
    Xml.SubElement(parent, name).text = plain
