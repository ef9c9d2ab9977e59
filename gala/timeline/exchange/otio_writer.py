"""Write an edit as OpenTimelineIO's JSON.

Written by ourselves, because it is little more than naming the parts: so every installation can
export, without a package that has no builds for the newest Python.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from gala.timeline.exchange.edit import Cut, Edit, EditTrack, Medium, TrackKind
from gala.timeline.exchange.rates import EditRate

METADATA: Final = "gala"
"""The name of our part of the metadata."""
VERSION: Final = 1
DISSOLVE: Final = "SMPTE_Dissolve"
_KINDS: Final = {TrackKind.VIDEO: "Video", TrackKind.AUDIO: "Audio"}


def otio_json(edit: Edit) -> str:
    """Return the edit as the text of an ``.otio`` file.

    The composition is in its metadata, with a digest of the cuts: an import that finds the same
    cuts gives the composition back as it was.
    """
    return json.dumps(_timeline(edit), ensure_ascii=False, indent=1)


def _timeline(edit: Edit) -> dict[str, Any]:
    rate = edit.rate
    tracks = [_track(track, edit, number) for number, track in enumerate(edit.tracks)]
    known = {
        "version": VERSION,
        "composition": edit.composition,
        "format": edit.frame.model_dump(),
        "cuts": digest_of_cuts(tracks),
    }
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": edit.name,
        "global_start_time": _time(0, rate),
        "metadata": {METADATA: known},
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            **_item("tracks"),
            "children": tracks,
        },
    }


def digest_of_cuts(tracks: list[dict[str, Any]]) -> str:
    """Return a digest of what is played where on OTIO's tracks, as JSON.

    Names, and how numbers are written, do not count.
    """
    found = [
        [track.get("kind"), [_fingerprint(child) for child in track.get("children") or ()]]
        for track in tracks
    ]
    return sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _fingerprint(item: dict[str, Any]) -> list[Any]:
    references = item.get("media_references") or {}
    reference = references.get(item.get("active_media_reference_key") or "") or {}
    warps = [effect.get("time_scalar") for effect in item.get("effects") or ()]
    return [
        str(item.get("OTIO_SCHEMA")).partition(".")[0],
        _numbers(item.get("source_range")),
        [_numbers(item.get(name)) for name in ("in_offset", "out_offset")],
        reference.get("target_url"),
        [None if warp is None else round(float(warp), 6) for warp in warps],
        item.get("enabled", True),
    ]


def _numbers(value: Any) -> Any:
    """Return the numbers of a time or a range of times, rounded."""
    if isinstance(value, dict):
        parts = ("start_time", "duration", "value", "rate")
        return [_numbers(value[name]) for name in parts if name in value]
    return round(float(value), 3) if isinstance(value, int | float) else None


def _track(track: EditTrack, edit: Edit, number: int) -> dict[str, Any]:
    name = f"{_KINDS[track.kind][0]}{number + 1}"
    return {
        "OTIO_SCHEMA": "Track.1",
        **_item(name),
        "kind": _KINDS[track.kind],
        "children": list(_children(track, edit.rate)),
    }


def _children(track: EditTrack, rate: EditRate) -> Iterator[dict[str, Any]]:
    at = 0
    for cut in track.cuts:
        if cut.start > at:
            yield {
                "OTIO_SCHEMA": "Gap.1",
                **_item(""),
                "source_range": _range(0, cut.start - at, rate),
            }
        if cut.dissolve:
            yield {
                "OTIO_SCHEMA": "Transition.1",
                "name": "dissolve",
                "metadata": {},
                "transition_type": DISSOLVE,
                "in_offset": _time(cut.dissolve, rate),
                "out_offset": _time(0, rate),
            }
        yield _clip(cut, rate)
        at = cut.end


def _clip(cut: Cut, rate: EditRate) -> dict[str, Any]:
    warp = {
        "OTIO_SCHEMA": "LinearTimeWarp.1",
        "name": "speed",
        "metadata": {},
        "effect_name": "LinearTimeWarp",
        "time_scalar": float(cut.speed),
    }
    about = {"pointer": cut.pointer, "element": cut.element, "media": cut.medium.kind.value}
    if cut.medium.source is not None:
        about["source"] = cut.medium.source
    return {
        "OTIO_SCHEMA": "Clip.2",
        **_item(cut.name),
        "metadata": {METADATA: about},
        "source_range": _range(cut.source_start, cut.frames, rate),
        "effects": [warp] if cut.speed != 1 else [],
        "media_references": {"DEFAULT_MEDIA": _reference(cut.medium, rate)},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _reference(medium: Medium, rate: EditRate) -> dict[str, Any]:
    available = None if medium.frames is None else _range(0, medium.frames, rate)
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": medium.path.rpartition("/")[2],
        "metadata": {},
        "target_url": quote(medium.path),
        "available_range": available,
        "available_image_bounds": None,
    }


def _item(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "metadata": {},
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _time(frames: int, rate: EditRate) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate.fps), "value": float(frames)}


def _range(start: int, frames: int, rate: EditRate) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(start, rate),
        "duration": _time(frames, rate),
    }
