"""Exported timelines, read by the reference readers: every cut is at its frame."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gala.timeline.exchange.edit import Edit, EditTrack, MediumKind, TrackKind
from gala.timeline.exchange.edl import edl_files, edl_losses
from gala.timeline.exchange.fcp7 import fcp7_xml
from gala.timeline.exchange.otio_writer import otio_json
from gala.timeline.exchange.rates import EditRate
from tests.unit.timeline.exchange.films import FILM, edit

otio = pytest.importorskip("opentimelineio", reason="no builds of it for this Python")

RATES = ["23.976", "25", "29.97", "30"]
Cuts = list[tuple[int, int, int]]


def cuts(track: EditTrack) -> Cuts:
    """Start, end and start in the file of each cut."""
    return [(cut.start, cut.end, cut.source_start) for cut in track.cuts]


def from_dissolves(track: EditTrack) -> Cuts:
    """The same in an EDL, where the place of a dissolve is its start."""
    ends = [after.start - after.dissolve for after in track.cuts[1:]] + [track.cuts[-1].end]
    return [
        (cut.start - cut.dissolve, min(cut.end, end), cut.source_start - cut.dissolve)
        for cut, end in zip(track.cuts, ends, strict=True)
    ]


def read(track: Any, rate: Fraction) -> Cuts:
    """The same as a reference reader finds it."""
    found = []
    zero = otio.opentime.RationalTime(0, float(rate))
    # The reader of EDLs leaves the time before the first cut to the range of the track.
    ahead = zero if track.source_range is None else track.source_range.start_time
    for clip in track.find_clips():
        placed = clip.range_in_parent()
        times = (
            placed.start_time - ahead,
            placed.end_time_exclusive() - ahead,
            clip.source_range.start_time,
        )
        assert {round(time.rate, 6) for time in times} == {round(float(rate), 6)}
        found.append(tuple(round(time.value, 3) for time in times))
    return found


def timeline(found: Any) -> Any:
    return found if isinstance(found, otio.schema.Timeline) else found[0]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("form", ["otio_json", "fcp_xml"])
def test_every_cut_is_at_its_frame(form: str, rate: str) -> None:
    film = edit(rate)
    text = otio_json(film) if form == "otio_json" else fcp7_xml(film)
    tracks = timeline(otio.adapters.read_from_string(text, form)).tracks
    assert [read(track, film.rate.fps) for track in tracks] == [cuts(one) for one in film.tracks]
    kinds = {"Video": TrackKind.VIDEO, "Audio": TrackKind.AUDIO}
    assert [kinds[track.kind] for track in tracks] == [one.kind for one in film.tracks]


@pytest.mark.parametrize("rate", RATES)
def test_every_cut_of_an_edl_is_at_its_frame(rate: str) -> None:
    film = edit(rate, keeps_speed=False)
    lists = edl_files(film)
    background, *pictures = film.of_kind(TrackKind.VIDEO)
    assert {cut.medium.kind for cut in background.cuts} == {MediumKind.COLOR}
    assert list(lists) == ["film.edl", "film-V2.edl"]
    expected = {
        "film.edl": [pictures[0], *film.of_kind(TrackKind.AUDIO)],
        "film-V2.edl": [pictures[1]],
    }
    for name, text in lists.items():
        read_again = otio.adapters.read_from_string(text, "cmx_3600", rate=float(film.rate.fps))
        found = [read(track, film.rate.fps) for track in read_again.tracks]
        assert found == [from_dissolves(track) for track in expected[name]]


def test_drop_frame_timecode_leaves_out_numbers_of_each_minute_but_the_tenth() -> None:
    rate = EditRate.of("29.97")
    assert rate.drop_frame
    assert [rate.timecode(at) for at in (1799, 1800, 17981, 17982, 107892)] == [
        "00:00:59;29",
        "00:01:00;02",
        "00:09:59;29",
        "00:10:00;00",
        "01:00:00;00",
    ]
    assert "FCM: DROP FRAME" in edl_files(edit("29.97"))["film.edl"]
    assert "00:01:00;02" in edl_files(edit("29.97"))["film.edl"]
    without = EditRate.of("29.97", drop_frame=False)
    assert without.timecode(1800) == "00:01:00:00"


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97", "59.94", "60"])
def test_timecodes_are_those_of_opentimelineio(rate: str) -> None:
    ours = EditRate.of(rate)
    fps = float(ours.fps)
    for frame in range(0, 250_000, 997):
        theirs = otio.opentime.RationalTime(frame, fps).to_timecode(fps, ours.drop_frame)
        assert ours.timecode(frame) == theirs


@pytest.mark.parametrize("rate", ["0.5", "121", "nan", "inf", "x", "1e9"])
def test_what_is_no_frame_rate_is_refused(rate: str) -> None:
    with pytest.raises(Exception, match="is not a frame rate"):
        EditRate.of(rate)


def test_there_is_no_drop_frame_timecode_at_25() -> None:
    with pytest.raises(Exception, match="no drop-frame timecode at 25"):
        EditRate.of("25", drop_frame=True)


def test_a_dissolve_between_files_is_one_of_the_editor() -> None:
    film = edit("30")
    tracks = otio.adapters.read_from_string(otio_json(film), "otio_json").tracks
    (dissolve,) = tracks[1].find_children(descended_from_type=otio.schema.Transition)
    assert dissolve.transition_type == "SMPTE_Dissolve"
    assert dissolve.in_offset.value == 15
    before = next(at for at, item in enumerate(tracks[1]) if item == dissolve) - 1
    assert tracks[1][before].name == "b.mp4"


def test_pictures_dissolve_into_each_other() -> None:
    pictures = [{"type": "image", "src": "c.png", "duration": 1} for _ in range(3)]
    fade = {"type": "fade", "duration": 0.5}
    clips = [pictures[0], *({**picture, "transition": fade} for picture in pictures[1:])]
    (track,) = edit("30", {"tracks": [{"clips": clips}]}).tracks
    assert [(cut.start, cut.end, cut.dissolve) for cut in track.cuts] == [
        (0, 30, 0),
        (30, 45, 15),
        (45, 60, 15),
    ]


def test_what_fades_over_a_clip_that_is_rendered_is_rendered_too() -> None:
    clips = [
        {"type": "image", "src": "c.png", "duration": 1},
        {"type": "image", "src": "c.png", "duration": 1, "transition": "circle"},
        {"type": "image", "src": "c.png", "duration": 1, "transition": "fade"},
    ]
    film = edit("30", {"tracks": [{"clips": clips}]})
    kinds = {cut.pointer: cut.medium.kind for track in film.tracks for cut in track.cuts}
    assert kinds == {
        "/tracks/0/clips/0": MediumKind.FILE,
        "/tracks/0/clips/1": MediumKind.MOVING,
        "/tracks/0/clips/2": MediumKind.MOVING,
    }


def test_what_editors_cannot_do_is_rendered() -> None:
    film = edit("30")
    kinds = {cut.pointer: cut.medium.kind for track in film.tracks for cut in track.cuts}
    assert kinds["/tracks/0/clips/1"] is MediumKind.FILE
    assert kinds["/tracks/0/clips/3"] is MediumKind.MOVING  # fades in
    assert kinds["/tracks/1/clips/0"] is MediumKind.STILL
    assert kinds["/tracks/2/clips/0"] is MediumKind.SOUND  # at another volume
    said = {loss.pointer: loss.message for loss in film.losses}
    assert "rendered picture" in said["/tracks/1/clips/0"]
    assert "-16 LUFS" in said["/loudness_lufs"]


def test_names_of_files_are_safe_and_names_of_clips_survive() -> None:
    film = edit("30")
    paths = [medium.path for medium in film.media]
    assert len(set(paths)) == len(paths)
    assert all(path.count("/") == 1 and " " not in path and ".." not in path for path in paths)
    tracks = timeline(otio.adapters.read_from_string(fcp7_xml(film), "fcp_xml")).tracks
    assert tracks[2].find_clips()[0].name == 'Hi <&> "x"/y'


def test_speed_is_kept_where_the_format_has_it() -> None:
    fast = {"tracks": [{"clips": [{"type": "video", "src": "b.mp4", "speed": 2, "duration": 3}]}]}
    (track,) = edit("25", fast).tracks
    assert track.cuts[0].speed == 2
    (clip,) = otio.adapters.read_from_string(otio_json(edit("25", fast))).find_clips()
    assert clip.effects[0].time_scalar == 2
    (rendered,) = edit("25", fast, keeps_speed=False).tracks
    assert rendered.cuts[0].medium.kind is MediumKind.MOVING


def test_more_than_an_edl_holds_is_said() -> None:
    sounds = [{"clips": [{"type": "audio", "src": "s.mp3", "duration": 2}]} for _ in range(5)]
    pictures = [{"clips": [{"type": "video", "src": "b.mp4", "duration": 2}]}]
    film: Edit = edit("25", {"tracks": pictures + sounds})
    assert [loss.pointer for loss in edl_losses(film)] == ["/tracks/5/clips/0"]


def test_a_background_that_is_never_seen_is_left_out() -> None:
    covered = {**FILM, "tracks": FILM["tracks"][1:]}
    assert "/background" in {cut.pointer for cut in edit("30", covered).tracks[0].cuts}
    covered["tracks"] = [{"clips": [{"type": "video", "src": "b.mp4"}]}, *covered["tracks"][:1]]
    assert "/background" not in {cut.pointer for cut in edit("30", covered).tracks[0].cuts}
