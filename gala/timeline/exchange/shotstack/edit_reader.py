"""Read an edit: its tracks, when clips play, its sound track and its output."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from gala.errors import InvalidRequest
from gala.media import MAX_FPS, Format
from gala.timeline.exchange.imported import Imported, checked, document_of
from gala.timeline.exchange.shotstack.clips import ClipReader, Element, fades_of
from gala.timeline.exchange.shotstack.values import (
    Json,
    Losses,
    Path,
    Size,
    array,
    color,
    number,
    obj,
)

_SIDES: Final = {"preview": 288, "mobile": 360, "sd": 576, "hd": 720, "1080": 1080, "4k": 2160}
"""The shorter side of each resolution, in pixels."""
_RATIOS: Final = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:5": (4, 5), "4:3": (4, 3)}
_USUAL_FPS: Final = 25
_ALIAS: Final = "alias://"
_STILL_SECONDS: Final = 5.0
_PLAYED: Final = frozenset({"video", "audio", "voice"})
_LEFT_OUT: Final = ("range", "poster", "thumbnail", "destinations", "mute", "repeat")


def read_shotstack(text: str | bytes) -> Imported:
    """Return the composition of an edit: what is sent to Shotstack's ``/render``, or a template.

    Raise InvalidRequest if the text is no such edit.
    """
    document = document_of(text)
    template = document.get("template")
    edit, path = (template, ("template",)) if isinstance(template, dict) else (document, ())
    if not isinstance(obj(edit).get("timeline"), dict):
        raise InvalidRequest('The document is not an edit of Shotstack: it has no "timeline".')
    losses = Losses()
    merged = _merged(edit, _merge_fields(edit), losses, path)
    form = _format(obj(merged.get("output")), losses, (*path, "output"))
    reader = _EditReader(Size(form.width, form.height), losses, path)
    composition = reader.read(obj(merged["timeline"]))
    return checked(Imported(composition, form, tuple(losses.found)))


def _merge_fields(edit: Json) -> dict[str, str]:
    found = {}
    for one in map(obj, array(edit.get("merge"))):
        name, value = one.get("find"), one.get("replace")
        if isinstance(name, str) and isinstance(value, str | int | float):
            found[name.strip()] = str(value)
    return found


def _merged(value: Any, fields: dict[str, str], losses: Losses, path: Path) -> Any:
    """Return JSON data with the values of its merge fields."""
    if isinstance(value, dict):
        return {key: _merged(one, fields, losses, (*path, key)) for key, one in value.items()}
    if isinstance(value, list):
        return [_merged(one, fields, losses, (*path, at)) for at, one in enumerate(value)]
    if not isinstance(value, str) or "{{" not in value:
        return value

    def named(found: re.Match[str]) -> str:
        if found[1] not in fields:
            losses.add(path, f"There is no value for {found[0]}.")
        return fields.get(found[1], found[0])

    return re.sub(r"\{\{\s*([^{}]{1,100}?)\s*\}\}", named, value)


def _format(output: Json, losses: Losses, path: Path) -> Format:
    size = obj(output.get("size"))
    width, height = number(size.get("width")), number(size.get("height"))
    if width is None or height is None:
        side = _SIDES.get(str(output.get("resolution") or "hd"), 720)
        across, down = _RATIOS.get(str(output.get("aspectRatio") or "16:9"), (16, 9))
        width, height = side * max(1, across / down), side * max(1, down / across)
    rate = number(output.get("fps"), 1, MAX_FPS) or _USUAL_FPS
    if rate != round(rate):
        losses.add((*path, "fps"), f"{rate:g} frames per second became {round(rate)}.")
    for name in _LEFT_OUT:
        if output.get(name):
            losses.add((*path, name), f"{name} was left out.")
    kind = output.get("format", "mp4")
    if kind != "mp4":
        losses.add((*path, "format"), f"The format {str(kind)[:20]!r} became MP4.")
    return Format(width=_even(width), height=_even(height), fps=round(rate))


def _even(side: float) -> int:
    return min(4096, max(16, 2 * round(side / 2)))


@dataclass(slots=True)
class _Lane:
    """A track of the composition; ``end`` is where its last clip ends, if that is known."""

    clips: list[Element] = field(default_factory=list)
    end: float | None = 0.0


@dataclass(slots=True)
class _EditReader:
    frame: Size
    losses: Losses
    path: Path

    def read(self, timeline: Json) -> dict[str, Any]:
        """Return the composition of a timeline."""
        path = (*self.path, "timeline")
        if timeline.get("fonts"):
            self.losses.add((*path, "fonts"), "Fonts of its own are not used; add them to GALA.")
        tracks = list(enumerate(array(timeline.get("tracks"))))
        found = [
            {"clips": lane.clips}
            for number, track in reversed(tracks)
            for lane in self._track(obj(track), (*path, "tracks", number))
        ]
        sound = obj(timeline.get("soundtrack"))
        if isinstance(sound.get("src"), str) and sound["src"].strip():
            found.append({"clips": [_soundtrack(sound)]})
        if not found:
            raise InvalidRequest("The edit has no clips that could be imported.")
        background = color(timeline.get("background"))
        return {**({"background": background[0]} if background else {}), "tracks": found}

    def _track(self, track: Json, path: Path) -> list[_Lane]:
        """Return the tracks for those of an edit, in which clips may overlap."""
        lanes: list[_Lane] = []
        reader = ClipReader(self.frame, self.losses)
        before: Element | None = None
        for at, value in enumerate(array(track.get("clips"))):
            clip, where = obj(value), (*path, "clips", at)
            times = self._times(clip, before, where)
            length = times.get("duration")
            known = length if isinstance(length, float) else None
            elements = reader.read(clip, where, known)
            for number_, element in enumerate(elements):
                named = _named(clip) if number_ == len(elements) - 1 else {}
                placed = {**element, **named, **_usual_times(element, times)}
                _add(lanes, placed, lowest=number_)
                before = placed
        return [lane for lane in lanes if lane.clips]

    def _times(self, clip: Json, before: Element | None, path: Path) -> Element:
        """Return start and duration as GALA writes them."""
        found: Element = {}
        start, length = clip.get("start"), clip.get("length")
        seconds = number(start, 0)
        if seconds is not None:
            found["start"] = seconds
        elif isinstance(start, str) and start.startswith(_ALIAS):
            found["start"] = {"with": start.removeprefix(_ALIAS)}
        elif before is not None:
            found["start"] = _after(before)
        seconds = number(length)
        if seconds is not None:
            found["duration"] = max(0.04, seconds)
        elif length == "end":
            found["duration"] = "end"
        elif isinstance(length, str) and length.startswith(_ALIAS):
            found["duration"] = {"until": length.removeprefix(_ALIAS)}
            self.losses.add((*path, "length"), "It lasts until the other clip ends.")
        return found


def _usual_times(element: Element, times: Element) -> Element:
    if "duration" in times or element["type"] in _PLAYED:
        return times
    return {**times, "duration": _STILL_SECONDS}


def _after(before: Element) -> Any:
    """Return the start of a clip that comes after another one."""
    start, length = before.get("start", 0.0), before.get("duration")
    if isinstance(start, float | int) and isinstance(length, float | int):
        return start + length
    name = before.setdefault("name", f"clip-{id(before):x}")
    return {"after": name}


def _named(clip: Json) -> Element:
    alias = clip.get("alias")
    return {"name": alias} if isinstance(alias, str) and alias.isprintable() and alias else {}


def _add(lanes: list[_Lane], element: Element, *, lowest: int) -> None:
    """Add an element to the first track, from ``lowest`` on, on which it does not overlap."""
    start, length = element.get("start", 0.0), element.get("duration")
    for lane in (*lanes[lowest:], None):
        if lane is None:
            lanes += [_Lane() for _ in range(max(1, lowest + 1 - len(lanes)))]
            lane = lanes[-1]  # noqa: PLW2901 - the new one
        fits = lane.end is not None and isinstance(start, float | int) and start >= lane.end - 1e-6
        if fits or not lane.clips:
            lane.clips.append(element)
            known = isinstance(start, float | int) and isinstance(length, float | int)
            lane.end = start + length if known else None
            return


def _soundtrack(sound: Json) -> Element:
    volume = number(sound.get("volume"), 0, 4)
    return {
        "type": "audio",
        "src": sound["src"].strip(),
        "start": 0.0,
        "duration": "end",
        **({} if volume is None or volume == 1 else {"volume": volume}),
        **fades_of(str(sound.get("effect") or "")),
    }
