"""Read OpenTimelineIO's JSON as a composition.

Read by ourselves: the library of OpenTimelineIO ends the whole process where a document is nested
too deeply, and a server reads what strangers send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.media import Format, MediaClass, media_class
from gala.mime import SUFFIXES
from gala.timeline.document.timeline import MAX_CLIPS, MAX_TRACKS
from gala.timeline.exchange.imported import Imported, Loss, checked, document_of
from gala.timeline.exchange.otio_writer import DISSOLVE, METADATA, VERSION, digest_of_cuts
from gala.timeline.exchange.rates import exact_rate
from gala.timeline.problems import pointer

Json = Mapping[str, Any]
Path = tuple[str | int, ...]

_MIMES: Final = {suffix: mime for mime, suffix in SUFFIXES.items()}
_TYPES: Final = {MediaClass.VIDEO: "video", MediaClass.IMAGE: "image", MediaClass.AUDIO: "audio"}


def read_otio(text: str | bytes) -> Imported:
    """Return the composition of an ``.otio`` file's text.

    If GALA wrote it and no cut has changed, it is the composition as it was. Otherwise it has a
    track for each of the document's, with clips at the same times; what GALA wrote keeps its
    fields. Raise InvalidRequest if the text is no OTIO document of a timeline.
    """
    document = document_of(text)
    schema = _schema(document)
    if schema != "Timeline":
        found = f"its schema is {schema[:60]!r}" if schema else 'it has no "OTIO_SCHEMA"'
        raise InvalidRequest(f"The document is not a timeline of OTIO: {found}.")
    stack = _object(document.get("tracks"))
    tracks = [_object(track) for track in _list(stack.get("children"))]
    known = _object(_object(document.get("metadata")).get(METADATA))
    written = known.get("composition") if known.get("version") == VERSION else None
    composition: dict[str, Any] = written if isinstance(written, dict) else {}
    form = _format(known.get("format"))
    if composition and known.get("cuts") == _digest(tracks):
        return checked(Imported(composition, form))
    reader = _Reader(composition)
    return checked(Imported(reader.read(tracks), form, tuple(reader.losses)))


def _digest(tracks: Sequence[Json]) -> str | None:
    try:
        return digest_of_cuts([dict(track) for track in tracks])
    except (AttributeError, TypeError, ValueError):
        return None  # of other types than ours: somebody changed it


def _format(value: Any) -> Format | None:
    try:
        return Format.model_validate(value)
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class _Clip:
    """A clip of the document with its times in seconds."""

    element: dict[str, Any]
    start: Fraction
    end: Fraction
    key: str
    """Equal for the picture and the sound of the same element."""
    offset: Fraction | None
    """Where it starts in its file; None if the file is rendered again."""


@dataclass(frozen=True, slots=True)
class _Dissolve:
    """Seconds of a dissolve before and after the cut."""

    before: Fraction
    after: Fraction


@dataclass(slots=True)
class _Reader:
    composition: Json
    """That from which GALA made the document, else empty."""
    losses: list[Loss] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def read(self, tracks: Sequence[Json]) -> dict[str, Any]:
        """Return the composition of the document's tracks."""
        pictures: list[list[_Clip]] = []
        sounds: list[list[_Clip]] = []
        for number, track in enumerate(tracks):
            path: Path = ("tracks", "children", number)
            if track.get("enabled") is False:
                self._lose(path, "A track that is switched off was left out.")
                continue
            is_sound = track.get("kind") == "Audio"
            clips = list(self._clips(track, path, is_sound=is_sound))
            (sounds if is_sound else pictures).append(clips)
        _pair(pictures, sounds)
        written = [_written(clips) for clips in (*pictures, *sounds) if clips]
        if not written:
            raise InvalidRequest("The timeline has no clips that could be imported.")
        if len(written) > MAX_TRACKS or any(len(one["clips"]) > MAX_CLIPS for one in written):
            raise InvalidRequest(
                f"The timeline is too long: at most {MAX_TRACKS} tracks of {MAX_CLIPS} clips."
            )
        kept = ("background", "voice", "safe_area", "loudness_lufs", "quality", "encoder")
        return {
            **{name: self.composition[name] for name in kept if name in self.composition},
            "tracks": written,
        }

    def _clips(self, track: Json, path: Path, *, is_sound: bool) -> Iterator[_Clip]:
        at = Fraction(0)
        last: _Clip | None = None
        dissolve: _Dissolve | None = None
        for number, value in enumerate(_list(track.get("children"))):
            item, where = _object(value), (*path, "children", number)
            schema = _schema(item)
            if schema == "Transition":
                dissolve = self._dissolve(item, where)
                continue
            length = self._length(item, where)
            clip = None
            if schema == "Clip" and length > 0:
                clip = self._clip(item, where, at, at + length, is_sound=is_sound)
            elif schema != "Gap":
                self._lose(where, f"{schema or 'An item without a schema'} was left out.")
            if clip is not None:
                if dissolve is not None:
                    _join(last, clip, dissolve)
                yield clip
            last, dissolve, at = clip, None, at + length

    def _dissolve(self, item: Json, where: Path) -> _Dissolve:
        """Return how long before and after the cut a transition lasts."""
        name = item.get("transition_type")
        if name != DISSOLVE:
            self._lose(where, f"The transition {str(name)[:60]!r} was replaced by a dissolve.")
        before = self._seconds(item.get("in_offset"), where)
        return _Dissolve(before, self._seconds(item.get("out_offset"), where))

    def _clip(
        self, item: Json, where: Path, start: Fraction, end: Fraction, *, is_sound: bool
    ) -> _Clip | None:
        """Return a clip; None for one that is left out."""
        if item.get("enabled") is False:
            self._lose(where, "A clip that is switched off was left out.")
            return None
        about = _object(_object(item.get("metadata")).get(METADATA))
        reference = _reference(item)
        source = str(about.get("source") or _source(reference))
        offset = self._source_start(item, reference, where)
        element = _object(about.get("element"))
        if is_sound and element.get("type") != "voice":
            element = {name: element[name] for name in _HEARD if name in element}
        rendered = about.get("media") in {"still", "moving", "sound"}
        if rendered and element:
            element = {"type": "audio", **element} if is_sound else element
            if offset:
                self._lose(
                    where, "Its start was cut off in the editor; here it plays from its start."
                )
            written = dict(element)
        elif about.get("media") == "color":
            written = {"type": "shape", "color": str(self.composition.get("background"))}
        else:
            kind = element.get("type") or self._type(reference, source, where, is_sound=is_sound)
            if kind is None or not source:
                self._lose(where, "A clip without a file was left out.")
                return None
            written = {**element, "type": kind, "src": source}
            written |= self._played(item, where, kind, offset)
        self._finish(written, item, where, start, end)
        at = about.get("pointer")
        key = at if isinstance(at, str) else f"{source} {offset}"
        return _Clip(written, start, end, key, None if rendered else offset)

    def _finish(
        self, written: dict[str, Any], item: Json, where: Path, start: Fraction, end: Fraction
    ) -> None:
        """Set name and times, and say what of the item is not carried over."""
        for name in ("loop", "transition", "start", "duration"):
            written.pop(name, None)
        written["start"] = _number(start)
        written["duration"] = _length(start, end)
        own = written.get("name")
        if own in self.names:
            del written["name"]  # the editor has cut the clip in two
        elif isinstance(own, str):
            self.names.add(own)
        if _list(item.get("markers")):
            self._lose(where, "Its markers were left out.")

    def _played(self, item: Json, where: Path, kind: str, offset: Fraction) -> dict[str, Any]:
        """Return the part of the file that is played, and how fast."""
        if kind == "image":
            return {}
        speed = 1.0
        found: dict[str, Any] = {}
        for effect in map(_object, _list(item.get("effects"))):
            schema, scalar = _schema(effect), effect.get("time_scalar")
            if schema == "FreezeFrame" or (schema == "LinearTimeWarp" and scalar == 0):
                return {"freeze": _number(offset)} if kind == "video" else {}
            if schema == "LinearTimeWarp" and isinstance(scalar, int | float):
                speed = min(10.0, max(0.1, abs(float(scalar))))
                found |= {"reverse": True} if scalar < 0 else {}
                if speed != abs(scalar):
                    self._lose(where, f"Its speed was changed from {scalar:g} to {speed:g}.")
            else:
                self._lose(where, f"The effect {_named(effect)} was left out.")
        if speed != 1:
            found["speed"] = speed
        return {**found, "trim": {"start": _number(offset)}}

    def _type(self, reference: Json, source: str, where: Path, *, is_sound: bool) -> str | None:
        if is_sound:
            return "audio"
        if _schema(reference) not in {"ExternalReference", ""}:
            self._lose(where, f"A {_schema(reference)} was left out; it has to be one file.")
            return None
        suffix = PurePosixPath(_path(source)).suffix.lower()
        found = _TYPES.get(media_class(_MIMES.get(suffix, "")))
        return "video" if found is None or found == "audio" else found

    def _length(self, item: Json, where: Path) -> Fraction:
        span = _object(item.get("source_range")) or _object(_reference(item).get("available_range"))
        return self._seconds(span.get("duration"), where)

    def _source_start(self, item: Json, reference: Json, where: Path) -> Fraction:
        """Return where the clip starts in its file, which may have a timecode of its own."""
        span = _object(item.get("source_range"))
        available = _object(reference.get("available_range"))
        first = self._seconds(available.get("start_time"), where)
        start = self._seconds(span.get("start_time"), where) if span else first
        return max(Fraction(0), start - first)

    def _seconds(self, value: Any, where: Path) -> Fraction:
        """Return a time in seconds. Raise InvalidRequest if it is not one, or longer than a day."""
        time = _object(value)
        if not time:
            return Fraction(0)
        numbers = (time.get("value"), time.get("rate"))
        if all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
            count, rate = (float(one) for one in numbers if one is not None)
            if 0 < rate <= 1_000_000:
                exact = exact_rate(rate) if 1 <= rate <= 120 else Fraction(rate)
                seconds = Fraction(count).limit_denominator(1_000_000) / exact
                if abs(seconds) <= _DAY:
                    return seconds
        raise InvalidRequest(f"{pointer(where)}: A time is not valid: {str(dict(time))[:100]}")

    def _lose(self, where: Path, message: str) -> None:
        self.losses.append(Loss(pointer=pointer(where), message=message))


_HEARD: Final = ("src", "volume", "fade_in", "fade_out", "duck_db", "reverse", "speed")
"""Fields of videos that audio has, too."""
_DAY: Final = 24 * 60 * 60


def _join(last: _Clip | None, clip: _Clip, dissolve: _Dissolve) -> None:
    """Have a clip dissolve out of the one before it, or fade in where there is none."""
    length = dissolve.before + dissolve.after
    if clip.offset is None or not length:
        return  # what is rendered fades by itself
    before = min(dissolve.before, clip.start)
    written = clip.element
    written["duration"] = _length(clip.start - before, clip.end)
    if "trim" in written:
        written["trim"] = {"start": _number(max(Fraction(0), clip.offset - before))}
    if last is None:
        written |= {"start": _number(clip.start - before), "fade_in": _number(length)}
        return
    last.element["duration"] = _length(last.start, last.end + dissolve.after)
    seconds = min(10.0, max(0.05, float(length)))
    written["transition"] = {"type": "dissolve", "duration": round(seconds, 6)}
    del written["start"]  # it follows from the transition


def _pair(pictures: Sequence[list[_Clip]], sounds: Sequence[list[_Clip]]) -> None:
    """Leave out sounds that videos have themselves; videos without theirs are silent."""
    heard = {_place(clip): track for track in sounds for clip in track}
    if not any(sounds):
        return
    for clip in (clip for track in pictures for clip in track):
        if clip.element.get("type") != "video":
            continue
        if _place(clip) not in heard:
            clip.element["volume"] = 0
            continue
        track = heard[_place(clip)]
        track[:] = [one for one in track if _place(one) != _place(clip)]


def _place(clip: _Clip) -> tuple[str, Fraction, Fraction]:
    return clip.key, clip.start, clip.end


def _written(clips: Sequence[_Clip]) -> dict[str, Any]:
    return {"clips": [clip.element for clip in clips]}


def _reference(item: Json) -> Json:
    """Return the media reference of a clip, in the old form or the new one."""
    references = _object(item.get("media_references"))
    key = str(item.get("active_media_reference_key") or "DEFAULT_MEDIA")
    return _object(references.get(key)) or _object(item.get("media_reference"))


def _source(reference: Json) -> str:
    """Return the file or the address of a reference."""
    address = reference.get("target_url")
    if not isinstance(address, str):
        return ""
    if address.startswith(("http://", "https://")):
        return address
    if address.startswith("file:"):
        return unquote(_path(address))
    return unquote(address)


def _path(address: str) -> str:
    """Return the path of an address; none if it is malformed."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _named(effect: Json) -> str:
    return str(effect.get("effect_name") or effect.get("name") or _schema(effect))[:60]


def _schema(item: Json) -> str:
    """Return the name of an object's schema without its version."""
    found = item.get("OTIO_SCHEMA")
    return found.partition(".")[0] if isinstance(found, str) else ""


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _length(start: Fraction, end: Fraction) -> float:
    """Return a length with which a clip ends where the next one starts, both rounded."""
    return round(_number(end) - _number(start), 6)


def _number(seconds: Fraction) -> float:
    return round(float(seconds), 6)
