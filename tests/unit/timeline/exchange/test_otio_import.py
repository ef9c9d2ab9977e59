"""OTIO's documents become compositions; those that GALA wrote become what they were."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.exchange.documents import import_document
from gala.timeline.exchange.otio_reader import read_otio
from gala.timeline.exchange.otio_writer import otio_json
from gala.timeline.reader import read_timeline
from tests.unit.timeline.exchange.films import FILM, FRAME, KNOWN, edit


def time(value: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(start: float, length: float, rate: float = 24) -> dict[str, Any]:
    times = {"start_time": time(start, rate), "duration": time(length, rate)}
    return {"OTIO_SCHEMA": "TimeRange.1", **times}


def clip(url: str, start: float, length: float, **more: Any) -> dict[str, Any]:
    """A clip of a file whose timecode starts at one hour."""
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": url,
        "available_range": span(86_400, 2400),
    }
    placed = {"source_range": span(86_400 + start, length), "media_reference": reference}
    return {"OTIO_SCHEMA": "Clip.1", "name": url, **placed, **more}


def gap(length: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": span(0, length)}


def dissolve(before: float, after: float) -> dict[str, Any]:
    offsets = {"in_offset": time(before), "out_offset": time(after)}
    return {"OTIO_SCHEMA": "Transition.1", "transition_type": "SMPTE_Dissolve", **offsets}


def document(*tracks: list[Any], kinds: str = "VVVV") -> str:
    words = {"V": "Video", "A": "Audio"}
    written = [
        {"OTIO_SCHEMA": "Track.1", "kind": words[kind], "children": children}
        for kind, children in zip(kinds, tracks, strict=False)
    ]
    stack = {"OTIO_SCHEMA": "Stack.1", "children": written}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": stack})


def clips(text: str, track: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_otio(text).composition["tracks"][track]["clips"]
    return found


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97", "30"])
def test_a_composition_comes_back_from_otio_as_it_was(rate: str) -> None:
    found = read_otio(otio_json(edit(rate)))
    assert read_timeline(found.composition) == read_timeline(FILM)
    assert found.format == FRAME
    assert found.losses == ()


def test_it_also_comes_back_after_another_program_wrote_it() -> None:
    otio = pytest.importorskip("opentimelineio", reason="no builds of it for this Python")
    theirs = otio.adapters.read_from_string(otio_json(edit("29.97")), "otio_json")
    found = read_otio(theirs.to_json_string())
    assert read_timeline(found.composition) == read_timeline(FILM)


def test_what_an_editor_changed_counts_and_what_gala_wrote_keeps_its_fields() -> None:
    changed = json.loads(otio_json(edit("30")))
    texts = changed["tracks"]["children"][2]["children"]
    texts[0]["source_range"]["duration"]["value"] = 60.0  # the text comes a second later
    texts[1]["source_range"]["duration"]["value"] = 15.0
    found = read_otio(json.dumps(changed)).composition
    assert found["background"] == "#102030"
    assert found["tracks"][2]["clips"] == [
        {"type": "text", "text": 'Hi <&> "x"/y', "start": 2.0, "duration": 0.5}
    ]
    first, *_, last, image = found["tracks"][1]["clips"]
    assert (first["name"], first["src"], first["start"]) == ("A", "a b.mp4", 0.0)
    assert last["transition"] == {"type": "dissolve", "duration": 0.5}
    assert (image["type"], image["fade_in"]) == ("image", 0.3)
    compiled = compile_timeline(read_timeline(found), FRAME, KNOWN)
    (text,) = (layer for layer in compiled.layers if layer.element.type == "text")
    assert (text.first_frame, text.end_frame) == (60, 75)


def test_clips_of_an_editor_start_where_they_did() -> None:
    text = document([gap(12), clip("file:///x/my%20film.mov", 24, 48), clip("b.png", 0, 36)])
    assert clips(text) == [
        {
            "type": "video",
            "src": "/x/my film.mov",
            "trim": {"start": 1.0},
            "start": 0.5,
            "duration": 2.0,
        },
        {"type": "image", "src": "b.png", "start": 2.5, "duration": 1.5},
    ]


@pytest.mark.parametrize(("rate", "seconds"), [(29.97, 100.1), (23.976, 125.125), (25, 120)])
def test_rates_of_television_are_exact(rate: float, seconds: float) -> None:
    text = document([clip("a.mp4", 0, 48) | {"source_range": span(0, 3000, rate)}])
    assert clips(text)[0]["duration"] == seconds


def test_a_dissolve_around_a_cut_takes_its_time_from_both_clips() -> None:
    one, other = clips(document([clip("a.mp4", 0, 48), dissolve(6, 6), clip("b.mp4", 48, 48)]))
    assert (one["start"], one["duration"]) == (0.0, 2.25)
    assert other["transition"] == {"type": "dissolve", "duration": 0.5}
    assert (other["trim"]["start"], other["duration"]) == (1.75, 2.25)


def test_a_dissolve_out_of_nothing_is_a_fade() -> None:
    (only,) = clips(document([gap(24), dissolve(12, 0), clip("a.mp4", 24, 24)]))
    assert (only["start"], only["fade_in"], only["duration"]) == (0.5, 0.5, 1.5)


def test_the_sound_of_a_video_is_not_heard_twice() -> None:
    both = [clip("a.mp4", 0, 48)]
    found = read_otio(document(both, both, kinds="VA")).composition
    assert [track["clips"][0]["type"] for track in found["tracks"]] == ["video"]
    moved = read_otio(document(both, [gap(12), *both], kinds="VA")).composition
    video, audio = (track["clips"][0] for track in moved["tracks"])
    assert video["volume"] == 0
    assert (audio["type"], audio["start"]) == ("audio", 0.5)


def test_speed_and_freezing_are_carried_over_and_other_effects_are_listed() -> None:
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": -2.0}
    freeze = {"OTIO_SCHEMA": "FreezeFrame.1", "time_scalar": 0}
    blur = {"OTIO_SCHEMA": "Effect.1", "effect_name": "Blur"}
    text = document([clip("a.mp4", 0, 24, effects=[warp, blur]),
                     clip("a.mp4", 24, 24, effects=[freeze])])  # fmt: skip
    found = read_otio(text)
    one, other = found.composition["tracks"][0]["clips"]
    assert (one["speed"], one["reverse"]) == (2.0, True)
    assert other["freeze"] == 1.0
    assert [str(loss) for loss in found.losses] == [
        "/tracks/children/0/children/0: The effect Blur was left out."
    ]


def test_what_cannot_be_imported_is_listed_with_its_place() -> None:
    nested = {"OTIO_SCHEMA": "Stack.1", "children": [], "source_range": span(0, 24)}
    missing = {**clip("", 0, 24), "media_reference": {"OTIO_SCHEMA": "MissingReference.1"}}
    off = clip("a.mp4", 0, 24, enabled=False)
    found = read_otio(document([nested, missing, off, clip("b.mp4", 0, 24)]))
    assert [loss.pointer[-1] for loss in found.losses] == ["0", "1", "1", "2"]
    assert found.composition["tracks"][0]["clips"][0]["start"] == 3.0


HOSTILE = {
    "cut off": '{"OTIO_SCHEMA": "Timeline.1"',
    "not an object": "[]",
    "of nothing known": "{}",
    "another object": '{"OTIO_SCHEMA": "Clip.1"}',
    "no tracks": '{"OTIO_SCHEMA": "Timeline.1"}',
    "tracks of other types": '{"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": [[], "x", 7]}}',
    "not a number": '{"OTIO_SCHEMA": "Timeline.1", "x": NaN}',
    "infinite": '{"OTIO_SCHEMA": "Timeline.1", "x": 1e999}',
    "a whole number that is too large": document([clip("a.mp4", 0, 10**400)]),
    "deep lists": "[" * 200_000 + "]" * 200_000,
    "deep objects": '{"OTIO_SCHEMA": "Timeline.1", "x":' + '{"a":' * 150 + "1" + "}" * 151,
    "not UTF-8": b'{"a": "\xff"}',
    "too large a number": document([clip("a.mp4", 0, 10**400)]),
    "a number of thousands of digits": document([clip("a.mp4", 0, 7)]).replace("7", "7" * 5000),
    "no address": document([clip("file://[::1", 0, 24)]),
    "too long a time": document([clip("a.mp4", 0, 1e300)]),
    "no rate": document([{**clip("a.mp4", 0, 24), "source_range": span(0, 24, 0)}]),
    "a time of text": document([gap(24) | {"source_range": {"duration": time("x")}}]),  # type: ignore[arg-type]
    "a control character": document([clip("a\x00.mp4", 0, 24)]),
    "too many clips": document([clip("a.mp4", 0, 1)] * 501),
    "too large": b" " * (16 << 20) + b"{}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_document_is_refused_with_a_reason(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        import_document(HOSTILE[name])
    assert len(refused.value.message) < 600


def test_forged_metadata_cannot_get_past_the_rules_of_compositions() -> None:
    forged = json.loads(otio_json(edit("30")))
    known = forged["metadata"]["gala"]
    known["composition"] = {"tracks": [{"clips": [{"type": "text", "text": "x", "evil": 1}]}]}
    with pytest.raises(InvalidRequest, match="evil"):
        read_otio(json.dumps(forged))
