"""Trims and cuts are exact to the frame and to the sample."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from gala.ids import Prefix, new_id
from gala.render_protocol import Done, Progress, RenderRequest, StagedInput, attempt_folder
from gala_renderer.engine.plan import Report
from gala_renderer.engine.progress import ProgressTracker
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made
from tests.support.media_probe import RATE, frames, lag, psnr, rms, samples
from tests.support.processes import runs, started_since
from tests.support.wait import wait_until

WIDTH, HEIGHT, FPS = 160, 90, 30
PICTURES = ("-f", "lavfi", "-i", f"testsrc2=s={WIDTH}x{HEIGHT}:r={FPS}:d=4")
SOUND = ("-f", "lavfi", "-i", "aevalsrc='0.4*sin(2*PI*(200+150*t)*t)':s=48000:d=4")
X264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast")
AAC = ("-c:a", "aac")

FILMS = {
    "often": (*X264, "-g", "15"),
    "seldom": (*X264, "-g", "250"),
    "pyramid": (*X264, "-g", "40", "-bf", "7", "-refs", "4", "-x264-params", "scenecut=0"),
    "open": (*X264, "-g", "24", "-x264-params", "open-gop=1:scenecut=0:keyint=24"),
    "baseline": (*X264, "-profile:v", "baseline", "-g", "25"),
    "full range": (
        *("-vf", "scale=out_range=pc,format=yuvj420p,setparams=range=pc"),
        *("-c:v", "libx264", "-g", "20"),
    ),
}
SPLICED = frozenset(FILMS) - {"seldom", "open"}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the same video, encoded by different encoders."""
    folder = tmp_path_factory.mktemp("films")
    return {
        name: make(folder / f"{name.replace(' ', '-')}.mp4", *PICTURES, *SOUND, *options, *AAC)
        for name, options in FILMS.items()
    }


def assert_same_frames(made: Path, source: Path, numbers: list[int], least: float = 38) -> int:
    """Assert that each frame is the source's frame of that number, and no neighbour of it.

    Gives how many are equal to the last bit.
    """
    got, whole = frames(made, WIDTH, HEIGHT), frames(source, WIDTH, HEIGHT)
    assert len(got) == len(numbers)
    equal = 0
    for frame, number in zip(got, numbers, strict=True):
        likeness = psnr(frame, whole[number])
        beside = [n for n in (number - 1, number + 1) if 0 <= n < len(whole)]
        assert likeness >= least, (number, likeness)
        assert likeness > max(psnr(frame, whole[n]) for n in beside), number
        equal += likeness == 99
    return equal


def probe(engine: EngineHarness, path: Path) -> Any:
    return json.loads(engine.make("probe", media=path).path("info").read_text())


def _trims() -> Iterator[Any]:
    """Yield films with ranges: each of them once, and all pairs on demand."""
    for at, name in enumerate(FILMS):
        for turn, (first, last) in enumerate(((0, 39), (7, 76), (31, 118), (60, 60))):
            marks = [] if turn == at % 4 else [pytest.mark.exhaustive]
            yield pytest.param(name, first, last, id=f"{name}: {first}-{last}", marks=marks)


@pytest.mark.parametrize(("name", "first", "last"), list(_trims()))
def test_a_trim_has_exactly_its_frames_and_samples(
    engine: EngineHarness, films: dict[str, Path], name: str, first: int, last: int
) -> None:
    film = films[name]
    made = engine.make("trim", {"start": first / FPS, "end": (last + 1) / FPS}, media=film)
    path = made.path("video")
    assert_same_frames(path, film, list(range(first, last + 1)))
    got, whole = samples(path), samples(film)
    begin, length = first * RATE // FPS, (last - first + 1) * RATE // FPS
    assert len(got) == pytest.approx(length, abs=RATE // 1000)
    # The packets are copied from the source, and so the samples are equal.
    assert np.abs(got[:length] - whole[begin : begin + len(got)][:length]).max() < 1e-3


@pytest.mark.parametrize("name", sorted(SPLICED))
def test_only_the_frames_around_the_cuts_are_encoded_anew(
    engine: EngineHarness, films: dict[str, Path], name: str
) -> None:
    made = engine.make("trim", {"start": 7 / FPS, "end": 107 / FPS}, media=films[name])
    equal = assert_same_frames(made.path("video"), films[name], list(range(7, 107)))
    assert equal >= 56
    assert not any("encoded whole" in line for line in made.logs)


def test_a_cut_on_key_frames_changes_no_bit(engine: EngineHarness, films: dict[str, Path]) -> None:
    made = engine.make("trim", {"start": 0.5, "end": 2.5}, media=films["often"])
    assert assert_same_frames(made.path("video"), films["often"], list(range(15, 75))) == 60


def test_a_join_has_the_parameter_sets_of_both_encoders(
    engine: EngineHarness, films: dict[str, Path]
) -> None:
    made = engine.make("trim", {"start": 0.2, "end": 3.3}, media=films["often"])
    video = probe(engine, made.path("video"))["video"]
    assert (video["tag"], video["profile"]) == ("avc1", "High")
    assert video["constant_frame_rate"] is True


@pytest.mark.parametrize("mode", ["keep", "remove"])
def test_several_ranges_are_kept_or_removed(
    engine: EngineHarness, films: dict[str, Path], mode: str
) -> None:
    ranges = [{"start": 0.5, "end": 1.3}, {"start": "0:02.1", "end": 3.4}]
    made = engine.make("cut", {"ranges": ranges, "mode": mode}, media=films["often"])
    kept = [*range(15, 39), *range(63, 102)]
    numbers = kept if mode == "keep" else [n for n in range(120) if n not in kept]
    path = made.path("video")
    assert_same_frames(path, films["often"], numbers)
    whole = samples(films["often"])
    expected = np.concatenate([whole[n * 1600 : (n + 1) * 1600] for n in numbers])
    got = samples(path)[: len(expected)]
    assert len(got) == len(expected)
    assert rms(got - expected) < 0.1 * rms(expected)


def test_what_is_left_between_cuts_is_not_shown_if_it_is_shorter_than_half_a_frame(
    engine: EngineHarness, films: dict[str, Path]
) -> None:
    ranges = [{"start": 0.01, "end": 1}, {"start": 1.01, "end": 2}]
    made = engine.make("cut", {"ranges": ranges, "mode": "remove"}, media=films["often"])
    assert_same_frames(made.path("video"), films["often"], list(range(60, 120)))
    # Something is left, even if all of it is as short.
    ranges = [{"start": 0.01, "end": 4}]
    made = engine.make("cut", {"ranges": ranges, "mode": "remove"}, media=films["often"])
    assert_same_frames(made.path("video"), films["often"], [0])


def test_kept_ranges_come_in_the_order_given(engine: EngineHarness, films: dict[str, Path]) -> None:
    ranges = [{"start": 2, "end": 2.5}, {"end": 0.5}, {"start": 2, "end": 2.5}]
    made = engine.make("cut", {"ranges": ranges}, media=films["often"])
    numbers = [*range(60, 75), *range(15), *range(60, 75)]
    assert_same_frames(made.path("video"), films["often"], numbers)


def test_unsteady_video_is_encoded_whole_and_says_so(engine: EngineHarness, tmp_path: Path) -> None:
    uneven = f"testsrc2=s={WIDTH}x{HEIGHT}:r={FPS}:d=3,select='not(mod(n,3))+lt(n,30)'"
    film = make(
        tmp_path / "vfr.mp4", "-f", "lavfi", "-i", uneven, *SOUND, *X264, "-fps_mode", "vfr"
    )
    made = engine.make("trim", {"start": 0.5, "end": 2.5}, media=film)
    assert any("frame rate is not steady" in line for line in made.logs)
    video = probe(engine, made.path("video"))
    assert video["duration"] == pytest.approx(2.0, abs=0.06)
    assert video["video"]["constant_frame_rate"] is True


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("hevc.mp4", ("-c:v", "libx265", "-x265-params", "log-level=error")),
        ("ten-bit.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le")),
        ("film.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")),
        ("film.mkv", (*X264, "-g", "15")),
        ("film.ts", (*X264, "-g", "15")),
    ],
)
def test_other_codecs_and_containers_are_as_exact(
    engine: EngineHarness,
    films: dict[str, Path],
    tmp_path: Path,
    name: str,
    options: tuple[str, ...],
) -> None:
    film = make(tmp_path / name, *PICTURES, *SOUND, *options)
    made = engine.make("trim", {"start": 1.0, "end": 2.5}, media=film)
    assert_same_frames(made.path("video"), film, list(range(30, 75)), least=30)
    got, whole = samples(made.path("video")), samples(films["often"])
    assert len(got) == pytest.approx(1.5 * RATE, abs=RATE // 1000)
    assert abs(lag(got, whole, RATE)) <= 0.001 * RATE


def test_frames_that_an_edit_list_hides_stay_hidden(
    engine: EngineHarness, films: dict[str, Path], tmp_path: Path
) -> None:
    hiding = make(tmp_path / "hiding.mp4", "-ss", "1.2", "-i", str(films["pyramid"]), "-c", "copy")
    seen = frames(hiding, WIDTH, HEIGHT)
    assert len(seen) < probe(engine, hiding)["video"]["frames"]
    made = engine.make("trim", {"start": 0.5, "end": 2}, media=hiding)
    assert_same_frames(made.path("video"), hiding, list(range(15, 60)), least=30)
    made = engine.make("trim", {"start": 0.2}, media=hiding)
    assert_same_frames(made.path("video"), hiding, list(range(6, len(seen))), least=30)


def test_a_turned_video_stays_turned(
    engine: EngineHarness, films: dict[str, Path], tmp_path: Path
) -> None:
    turned = make(
        tmp_path / "turned.mp4",
        *("-display_rotation", "90", "-i", str(films["often"]), "-c", "copy"),
    )
    made = engine.make("trim", {"start": 0.2, "end": 2}, media=turned)
    video, source = probe(engine, made.path("video")), probe(engine, turned)
    assert (video["width"], video["height"]) == (HEIGHT, WIDTH)
    assert video["video"]["rotation"] == source["video"]["rotation"]


def test_a_video_without_sound_and_a_sound_without_video_are_trimmed(
    engine: EngineHarness, films: dict[str, Path], tmp_path: Path
) -> None:
    silent = make(tmp_path / "silent.mp4", "-i", str(films["often"]), "-an", "-c", "copy")
    made = engine.make("trim", {"start": 0.2, "end": 1.2}, media=silent)
    assert_same_frames(made.path("video"), silent, list(range(6, 36)))
    song = make(tmp_path / "song.flac", *SOUND)
    made = engine.make("trim", {"start": 1, "duration": 1.5}, media=song)
    assert made.outputs["audio"].mime == "audio/mp4"
    got, whole = samples(made.path("audio")), samples(song)
    assert len(got) == pytest.approx(1.5 * RATE, abs=RATE // 1000)
    assert rms(got - whole[RATE : RATE + len(got)]) < 0.05 * rms(got)


def test_the_keyframe_mode_copies_from_the_key_frame_before(
    engine: EngineHarness, films: dict[str, Path]
) -> None:
    params = {"start": 0.6, "end": 2.0, "mode": "keyframe"}
    made = engine.make("trim", params, media=films["often"])
    got, whole = frames(made.path("video"), WIDTH, HEIGHT), frames(films["often"], WIDTH, HEIGHT)
    assert psnr(got[0], whole[15]) == 99
    assert all(psnr(got[at], whole[15 + at]) == 99 for at in range(40))


@pytest.mark.parametrize(("end", "mode"), [(0.6, "exact"), (0.6, "keyframe"), (1.6, "keyframe")])
def test_sound_is_heard_from_before_the_first_picture_on(
    engine: EngineHarness, tmp_path: Path, end: float, mode: str
) -> None:
    # In Matroska, a seek to a time without a picture goes to the first one.
    late = make(
        tmp_path / "late.mkv",
        *("-itsoffset", "1", "-f", "lavfi", "-i", f"testsrc2=s={WIDTH}x{HEIGHT}:r=30:d=1"),
        *("-f", "lavfi", "-i", "sine=d=2:r=48000", "-c:v", "libx264", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac"),
    )
    made = engine.make("trim", {"start": 0.2, "end": end, "mode": mode}, media=late)
    assert len(frames(made.path("video"), WIDTH, HEIGHT)) == round((end - 0.2) * 30)
    heard = samples(made.path("video"))
    assert len(heard) == pytest.approx((end - 0.2) * RATE, abs=RATE // 100)
    tenths = np.array_split(heard[RATE // 50 : -RATE // 50], 10)
    assert min(rms(tenth) for tenth in tenths) > 0.05


def test_a_start_past_the_end_and_a_picture_are_refused(
    engine: EngineHarness, films: dict[str, Path], tmp_path: Path
) -> None:
    error = engine.make("trim", {"start": 9}, media=films["often"]).error
    assert error.code == "VALIDATION_ERROR"
    assert "params.start" in error.message
    assert "4.0" in error.message
    picture = make(
        tmp_path / "picture.png", "-f", "lavfi", "-i", "testsrc2=d=0.1", "-frames:v", "1"
    )
    error = engine.make("trim", {}, media=picture).error
    assert "inputs.media_asset_id" in error.message


def test_a_repeated_cut_gives_the_same_bytes(engine: EngineHarness, films: dict[str, Path]) -> None:
    def cut() -> Made:
        return engine.make("trim", {"start": 0.2, "end": 3.2}, media=films["pyramid"])

    assert cut().outputs["video"].sha256 == cut().outputs["video"].sha256


def test_progress_rises_steadily_to_the_end(
    engine: EngineHarness, films: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # All that the steps report: of what comes together, as on a busy machine, only the latest is
    # sent.
    reported: list[float] = []
    begin_step = ProgressTracker.begin_step

    def noting(tracker: ProgressTracker, step: str, *, share: float) -> Report:
        report = begin_step(tracker, step, share=share)

        def note(fraction: float) -> None:
            report(fraction)
            reported.append(tracker.progress.fraction)

        return note

    monkeypatch.setattr(ProgressTracker, "begin_step", noting)
    made = engine.make("trim", {"start": 0.2, "end": 3.8}, media=films["seldom"])
    assert isinstance(made.events[-1], Done)
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1.0
    assert reported == sorted(reported)
    assert len({fraction for fraction in reported if 0.1 < fraction < 0.9}) >= 3


def test_a_cancelled_cut_leaves_no_process_and_no_file(
    films: dict[str, Path], tmp_path: Path
) -> None:
    harness = EngineHarness(tmp_path)
    job_id = new_id(Prefix.JOB)
    folder = tmp_path / attempt_folder(job_id, 1)
    (folder / "in").mkdir(parents=True)
    shutil.copyfile(films["seldom"], folder / "in" / "film.mp4")
    request = RenderRequest(
        job_id=job_id,
        attempt=1,
        type="trim",
        params={"start": 0.2, "quality": "production"},
        inputs={"media": (StagedInput(path="in/film.mp4", mime="video/mp4"),)},
        deadline_seconds=60,
    )

    started = started_since()

    async def until_it_splices() -> list[psutil.Process]:
        events = harness.engine.render(request)
        async for event in events:
            if isinstance(event, Progress) and event.step == "splicing":
                break
        working = await asyncio.to_thread(wait_until, started, 10, what="the splicing program")
        await events.aclose()
        return working

    working = asyncio.run(until_it_splices())
    assert working
    # Programs in a namespace end with its first process, a moment after their launcher.
    wait_until(lambda: not any(runs(program) for program in working), 5)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["film.mp4"]
    harness.close()
