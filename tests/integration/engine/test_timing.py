"""Rough files keep their time: picture against sound, every frame, both ends, colours."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import av
import numpy as np
import pytest
from PIL import Image

from gala.render_types import all_types
from tests.fakes.media_files import make
from tests.support import clock_video
from tests.support.clock_video import HEIGHT, RATE, SECONDS, WIDTH, Seen, number_of, watch
from tests.support.engine import EngineHarness, Made

pytestmark = pytest.mark.slow

Make: TypeAlias = Callable[[str], Path]

SYNC: Final = 0.020
"""Seconds by which a flash and its beep may be apart."""
COLOUR_LEVELS: Final = 3
FAST: Final = {"quality": "draft"}

FILM: Final = "{film}"
PICTURE: Final = ("-i", FILM, "-map", "0:v")
VARIABLE: Final = (
    *("-i", FILM, "-vf", "select='not(mod(floor(n*7.3)\\,3))+lt(mod(t+0.5\\,1)\\,0.12)'"),
    *("-fps_mode", "vfr", "-c:a", "copy"),
)
SPARSE: Final = (
    *("-i", FILM, "-vf", "select='lt(t\\,1.2)+between(t\\,4.45\\,4.7)'"),
    *("-fps_mode", "vfr", "-c:a", "copy"),
)
H264: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "10", "-bf", "2")
BT601: Final = (
    *("-vf", "scale=out_color_matrix=bt601:flags=accurate_rnd", "-colorspace", "smpte170m"),
)


@dataclass(frozen=True)
class Rough:
    """How a file is made from the film, and what is true of it."""

    arguments: tuple[str, ...]
    seconds: float = SECONDS
    video: int = 0
    audio: int = 0


FILES: Final[dict[str, Rough]] = {
    "off.ts": Rough(("-i", FILM, "-c", "copy"), 6.022),
    "camera.m2ts": Rough(
        ("-i", FILM, "-c", "copy", "-f", "mpegts", "-mpegts_m2ts_mode", "1"), 6.022
    ),
    "disc.mpg": Rough(
        ("-i", FILM, *BT601, "-c:v", "mpeg2video", "-q:v", "2", "-g", "30", "-c:a", "mp2")
    ),
    "vlate.mp4": Rough(
        ("-itsoffset", "0.5", "-i", FILM, "-i", FILM, "-map", "0:v", "-map", "1:a", "-c", "copy"),
        SECONDS + 0.5,
    ),
    "vlate.mkv": Rough(
        ("-itsoffset", "0.5", "-i", FILM, "-i", FILM, "-map", "0:v", "-map", "1:a", "-c", "copy"),
        SECONDS + 0.5,
    ),
    "alate.mp4": Rough(
        ("-itsoffset", "0.7", "-i", FILM, "-i", FILM, "-map", "1:v", "-map", "0:a", "-c", "copy"),
        SECONDS + 0.7,
    ),
    "short_video.mp4": Rough(
        ("-t", "3", "-i", FILM, "-i", FILM, "-map", "0:v", "-map", "1:a", "-c", "copy")
    ),
    "short_video.mkv": Rough(
        ("-t", "3", "-i", FILM, "-i", FILM, "-map", "0:v", "-map", "1:a", "-c", "copy")
    ),
    "short_sound.mp4": Rough(
        ("-t", "2", "-i", FILM, "-i", FILM, "-map", "1:v", "-map", "0:a", "-c", "copy")
    ),
    "song.mp4": Rough(("-i", FILM, "-vf", "trim=end_frame=1", *H264, "-c:a", "copy")),
    "vfr.mp4": Rough((*VARIABLE, *H264), 5.967),
    "vfr.mkv": Rough((*VARIABLE, *H264), 5.967),
    "vfr.webm": Rough(
        (*VARIABLE[:-2], *BT601[2:], "-c:v", "libvpx", "-b:v", "2M", "-c:a", "libopus"), 5.967
    ),
    # Its last frame, of the time 4.667, lasts as long as the gap before.
    "sparse.mp4": Rough((*SPARSE, *H264), 4.667 + 3.1),
    "live.mkv": Rough(("-i", FILM, "-c", "copy", "-f", "matroska", "-live", "1")),
    "fragments.mp4": Rough(
        seconds=6.067,
        arguments=(
            "-i",
            FILM,
            "-c",
            "copy",
            "-movflags",
            "frag_keyframe+empty_moov+default_base_moof",
        ),
    ),
    "film.flv": Rough(("-i", FILM, "-c", "copy"), 6.021),
    "film.avi": Rough(
        seconds=6.033,
        arguments=("-i", FILM, *BT601, "-c:v", "mpeg4", "-q:v", "2", "-c:a", "libmp3lame"),
    ),
    "film.asf": Rough(
        seconds=6.043,
        arguments=("-i", FILM, *BT601, "-c:v", "msmpeg4", "-q:v", "2", "-c:a", "wmav2"),
    ),
    "tracks.mkv": Rough(
        (
            *("-f", "lavfi", "-i", f"anullsrc=d={SECONDS}", "-i", FILM),
            *("-map", "1:v", "-map", "0:a", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"),
            *("-metadata:s:a:1", "language=spa", "-disposition:a:0", "0"),
            *("-disposition:a:1", "default"),
        ),
        audio=1,
    ),
    # An edit list hides the first 0.7 seconds.
    "cut_by_edit.mp4": Rough(("-ss", "0.7", "-i", FILM, "-c", "copy"), 5.3),
    "five_frames.mp4": Rough(("-i", FILM, "-vf", "fps=5", *H264, "-c:a", "copy")),
    "begins_late.mkv": Rough(("-i", FILM, "-c", "copy", "-output_ts_offset", "100")),
}


@dataclass(frozen=True)
class Job:
    """A render of one file, and which time of the file its output shows at a time."""

    type: str
    params: dict[str, Any]
    key: str
    seconds: Callable[[float], float]
    source: Callable[[float, float], float]
    """From the output's time and the file's length."""
    more: tuple[str, ...] = ()
    """Names of the film's other inputs."""
    factor: float = 1.0
    """How many times faster the output is."""


JOBS: Final[dict[str, Job]] = {
    "trim": Job("trim", {"start": 1.5, "end": 4.5}, "media", lambda _: 3.0, lambda at, _: at + 1.5),
    "trim from the start": Job(
        "trim", {"start": 0, "end": 2}, "media", lambda _: 2.0, lambda at, _: at
    ),
    "trim the end": Job(
        "trim", {"start": 3.6}, "media", lambda whole: whole - 3.6, lambda at, _: at + 3.6
    ),
    "cut": Job(
        "cut",
        {"ranges": [{"start": 0.2, "end": 1.2}, {"start": 3.4, "end": 4.8}]},
        "media",
        lambda _: 2.4,
        lambda at, _: at + (0.2 if at < 1.0 - 1e-6 else 2.4),
    ),
    "concatenate": Job(
        "concatenate",
        {},
        "clips",
        lambda whole: whole + SECONDS,
        lambda at, whole: at if at < whole else at - whole,
        ("clips",),
    ),
    "add_text": Job(
        "add_text", {"text": "x", "font_size": 8}, "video", lambda whole: whole, lambda at, _: at
    ),
    "caption_video": Job(
        "caption_video",
        {"words": [{"text": "x", "start_ts": 0.1, "end_ts": 0.2}]},
        "video",
        lambda whole: whole,
        lambda at, _: at,
    ),
    "reframe": Job("reframe", {}, "video", lambda whole: whole, lambda at, _: at),
    "speed": Job(
        "speed",
        {"factor": 2},
        "video",
        lambda whole: whole / 2,
        lambda at, _: 2 * at,
        factor=2.0,
    ),
    "loop": Job(
        "loop", {"count": 2}, "video", lambda whole: 2 * whole, lambda at, whole: at % whole
    ),
    "reverse": Job(
        "reverse",
        {},
        "video",
        lambda whole: whole,
        lambda at, whole: max(0.0, whole - at - 1 / RATE),
    ),
    "picture_in_picture": Job(
        "picture_in_picture",
        {"size": 0.05, "position": "top-right", "margin": 0.0},
        "video",
        lambda whole: whole,
        lambda at, _: at,
        ("inset",),
    ),
    "merge": Job(
        "merge",
        {},
        "videos",
        lambda whole: whole + SECONDS,
        lambda at, whole: at if at < whole else at - whole,
        ("videos",),
    ),
}


def _cases() -> Iterator[Any]:
    """Yield all pairs of a job and a file; those of other turns are only run on demand.

    The types share the readers of files: each file goes through one job, each job reads one or two.
    """
    others = [name for name in JOBS if name != "trim"]
    for at, file in enumerate(FILES):
        turn = "trim" if at % 2 else others[at // 2 % len(others)]
        for job in JOBS:
            marks = [] if job == turn else [pytest.mark.exhaustive]
            yield pytest.param(job, file, id=f"{job}: {file}", marks=marks)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return the file of a name; ``film.mp4`` is the film itself."""
    folder = tmp_path_factory.mktemp("timing")

    @cache
    def made(name: str) -> Path:
        if name == "film.mp4":
            return clock_video.make_clock_video(folder / name)
        film = str(made("film.mp4"))
        arguments = [film if word == FILM else word for word in FILES[name].arguments]
        return make(folder / name, *arguments)

    return made


@pytest.fixture(scope="module")
def seen(file: Make) -> Callable[[str], Seen]:
    """Return what a file shows, decoded by another program than FFmpeg's own."""

    @cache
    def watched(name: str) -> Seen:
        rough = FILES.get(name, Rough(()))
        return watch(file(name), video=rough.video, audio=rough.audio)

    return watched


def render(engine: EngineHarness, job: Job, file: Make, name: str) -> Made:
    """Render a job from a file, with the film in its other inputs."""
    inputs: dict[str, list[Path]] = {job.key: [file(name)]}
    for key in job.more:
        inputs.setdefault(key, []).append(file("film.mp4"))
    takes_quality = "quality" in all_types()[job.type].params.model_fields
    size = (WIDTH, HEIGHT, RATE) if job.type == "reframe" else None
    params = {**job.params, **(FAST if takes_quality else {})}
    return engine.make(job.type, params, size=size, **inputs)


@pytest.mark.parametrize(("job_name", "name"), list(_cases()))
def test_a_rough_file_keeps_its_time(
    job_name: str, name: str, engine: EngineHarness, file: Make, seen: Callable[[str], Seen]
) -> None:
    check(job_name, name, engine, file, seen)


def check(
    job_name: str, name: str, engine: EngineHarness, file: Make, seen: Callable[[str], Seen]
) -> None:
    """Assert that the result of a job shows the right frame, sound and colour at each time."""
    job, whole = JOBS[job_name], FILES[name].seconds
    shown = watch(render(engine, job, file, name).path("video"))
    expected = job.seconds(whole)
    frame = (shown.times[-1] - shown.times[0]) / (len(shown.times) - 1)
    assert shown.picture_end == pytest.approx(expected, abs=0.07)
    assert shown.times[0] == pytest.approx(0, abs=0.001)
    # The sound may end earlier; it goes on for less than a tenth of a second after the picture.
    assert shown.sound_end <= expected + 0.09
    original = seen(name)
    # A first frame that is less than a tenth of a second late may be shown at once.
    late = 0.035 + (original.times[0] if original.times[0] < 0.1 else 0.0)
    for at in np.linspace(0, shown.picture_end - frame / 2, 37):
        # Within a part: what follows a cut or an end is another file's time.
        source = job.source(float(at), whole)
        if min(abs(at - whole), abs(at - 2 * whole)) < 0.07:
            continue
        truth = original if not _is_second(job, float(at), whole) else seen("film.mp4")
        near = truth.numbers_near(source, 0.5 * frame * job.factor + (late if at else 0.003))
        if job.factor > 1:
            near |= {number - 1 for number in near}
        assert shown.number_at(float(at)) in near, f"at {at:.3f} s, of the file's {source:.3f} s"
    if shown.patches and job_name != "picture_in_picture":
        assert np.abs(_patch(shown) - _patch(original)).max() <= COLOUR_LEVELS
    _assert_in_step(job, shown, original, whole)


def _patch(shown: Seen) -> Any:
    return np.median(np.array(shown.patches), axis=0)


def _is_second(job: Job, at: float, whole: float) -> bool:
    return job.type in ("concatenate", "merge") and at >= whole


def _assert_in_step(job: Job, shown: Seen, original: Seen, whole: float) -> None:
    """Assert that each beep that comes with a flash in the file does so in the result."""
    if job.type == "reverse":
        return
    together = {beep: _apart(beep, original) for beep in original.beeps}
    together = {beep: apart for beep, apart in together.items() if abs(apart) <= SYNC}
    # A frame stands for two at double speed.
    slack = SYNC if job.factor == 1.0 else 0.036
    found = set()
    for beep in shown.beeps:
        if not 0.05 < beep < shown.picture_end - 0.05:
            continue
        source = job.source(beep, whole)
        if _is_second(job, beep, whole):
            near = {source: 0.0}
        else:
            near = {one: apart for one, apart in together.items() if abs(source - one) < 0.1}
        for one, apart in near.items():
            assert abs(_apart(beep, shown) - apart) <= slack
            found.add(round(one))
    times = np.arange(0.1, shown.picture_end - 0.2, 0.005)
    reached = [job.source(float(at), whole) for at in times]
    expected = {round(one) for one in together if min(abs(one - at) for at in reached) < 0.004}
    assert found >= expected


def _apart(beep: float, shown: Seen) -> float:
    """Return the time from the nearest flash to a beep."""
    return min((beep - flash for flash in shown.flashes), key=abs, default=float("inf"))


@pytest.mark.parametrize(
    "name", ["off.ts", "vfr.mp4", "sparse.mp4", "short_video.mp4", "vlate.mp4"]
)
def test_single_frames_are_those_shown_at_their_time(
    name: str, engine: EngineHarness, file: Make, seen: Callable[[str], Seen]
) -> None:
    times = [0.0, 0.75, 2.25, 3.99, 5.2]
    made = engine.make("frames", {"timestamps": times, "picture_format": "png"}, video=file(name))
    with zipfile.ZipFile(made.path("frames")) as archive:
        for at, entry in zip(times, sorted(archive.namelist()), strict=True):
            with archive.open(entry) as stored:
                number = number_of(np.asarray(Image.open(stored).convert("RGB")))
            assert number in seen(name).numbers_near(at, 0.002), at
    thumbnail = engine.make(
        "thumbnail", {"timestamp": 4.6, "picture_format": "png"}, video=file(name)
    )
    drawn = np.asarray(Image.open(thumbnail.path("thumbnail")).convert("RGB"))
    assert number_of(drawn) in seen(name).numbers_near(4.6, 0.002)


@pytest.mark.parametrize("name", ["off.ts", "vfr.mp4", "sparse.mp4", "short_video.mp4"])
def test_a_preview_shows_its_part(
    name: str, engine: EngineHarness, file: Make, seen: Callable[[str], Seen]
) -> None:
    params = {"start": 3.5, "duration": 2.0, "fps": 10, "width": WIDTH, "preview_format": "gif"}
    made = engine.make("preview", params, video=file(name))
    with Image.open(made.path("preview")) as preview:
        assert getattr(preview, "n_frames", 1) == 20
        for at in (0, 7, 19):
            preview.seek(at)
            drawn = np.asarray(preview.convert("RGB"))
            assert number_of(drawn) in seen(name).numbers_near(3.5 + at / 10, 0.055)


@pytest.mark.parametrize("job_name", ["trim", "cut", "add_text", "loop", "reverse", "concatenate"])
def test_the_default_track_is_heard_and_its_language_is_kept(
    job_name: str, engine: EngineHarness, file: Make
) -> None:
    job = JOBS[job_name]
    made = render(
        engine, Job(job.type, job.params, job.key, job.seconds, job.source), file, "tracks.mkv"
    )
    with av.open(str(made.path("video"))) as container:
        (sound,) = container.streams.audio
        assert sound.metadata["language"] == "spa"
    assert watch(made.path("video")).beeps


def test_a_probe_tells_the_tracks_and_how_the_length_is_known(
    engine: EngineHarness, file: Make
) -> None:
    def info(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            engine.make("probe", media=file(name)).path("info").read_text()
        )
        return found

    tracks = info("tracks.mkv")
    assert (tracks["audio_tracks"], tracks["audio"]["track"]) == (2, 1)
    assert tracks["audio"]["language"] == "spa"
    assert info("film.mp4")["duration_source"] == "stored"
    assert info("off.ts")["duration_source"] == "measured"
    variable = info("vfr.mp4")["video"]
    assert (variable["frame_rate"], variable["constant_frame_rate"]) == ("30/1", False)
    assert variable["longest_frame"] == pytest.approx(5 / RATE, abs=0.01)
    late = info("vlate.mkv")
    assert (late["video"]["start"], late["audio"]["start"]) == (0.5, 0.0)


def test_a_reversed_sound_is_that_of_its_part(
    engine: EngineHarness, file: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gala_renderer.types.reverse._PART_BYTES", WIDTH * HEIGHT * 3 * 20 // 2)
    made = engine.make("reverse", FAST, video=file("film.mp4"))
    shown = watch(made.path("video"))
    assert len(shown.beeps) == SECONDS
    for second, beep in enumerate(shown.beeps):
        assert beep == pytest.approx(second + 0.4, abs=0.003)
