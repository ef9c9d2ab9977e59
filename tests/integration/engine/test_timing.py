"""Rough files keep their time: picture against sound, every frame, both ends, colours."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pytest
from PIL import Image

from gala.render_types import all_types
from tests.fakes.media_files import make
from tests.support import clock_video
from tests.support.clock_video import COLOUR, HEIGHT, RATE, SECONDS, WIDTH, Seen, number_of, watch
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
    "off.ts": Rough(("-i", FILM, "-c", "copy")),
    "camera.m2ts": Rough(("-i", FILM, "-c", "copy", "-f", "mpegts", "-mpegts_m2ts_mode", "1")),
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
    "song.mp4": Rough(
        ("-i", FILM, "-map", "0:v", "-map", "0:a", "-frames:v", "1", *H264, "-c:a", "copy")
    ),
    "vfr.mp4": Rough((*VARIABLE, *H264)),
    "vfr.mkv": Rough((*VARIABLE, *H264)),
    "vfr.webm": Rough(
        (*VARIABLE[:-2], *BT601[2:], "-c:v", "libvpx", "-b:v", "2M", "-c:a", "libopus")
    ),
    "sparse.mp4": Rough((*SPARSE, *H264)),
    "live.mkv": Rough(("-i", FILM, "-c", "copy", "-f", "matroska", "-live", "1")),
    "fragments.mp4": Rough(
        ("-i", FILM, "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof")
    ),
    "film.flv": Rough(("-i", FILM, "-c", "copy")),
    "film.avi": Rough(("-i", FILM, *BT601, "-c:v", "mpeg4", "-q:v", "2", "-c:a", "libmp3lame")),
    "film.asf": Rough(("-i", FILM, *BT601, "-c:v", "msmpeg4", "-q:v", "2", "-c:a", "wmav2")),
    "tracks.mkv": Rough(
        (
            *("-f", "lavfi", "-i", f"anullsrc=d={SECONDS}", "-i", FILM),
            *("-map", "1:v", "-map", "0:a", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"),
            *("-metadata:s:a:1", "language=spa", "-disposition:a:0", "0"),
            *("-disposition:a:1", "default"),
        ),
        audio=1,
    ),
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
    "speed": Job("speed", {"factor": 2}, "video", lambda whole: whole / 2, lambda at, _: 2 * at),
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
# Every file goes through these; the other types share their readers and take turns.
EVERY_FILE: Final = ("trim", "add_text", "concatenate")


def _cases() -> list[Any]:
    others = [name for name in JOBS if name not in EVERY_FILE]
    chosen = []
    for at, file in enumerate(FILES):
        turn = [others[(at + step) % len(others)] for step in (0, 4)]
        chosen += [(job, file) for job in (*EVERY_FILE, *turn)]
    return [pytest.param(job, file, id=f"{job}: {file}") for job, file in chosen]


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


@pytest.mark.parametrize(("job_name", "name"), _cases())
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
    # A film's sound may end with its sound; it never goes on after the picture.
    assert shown.sound_end <= expected + 0.07
    original = seen(name)
    for at in np.linspace(0, shown.picture_end - frame / 2, 37):
        # Within a part: what follows a cut or an end is another file's time.
        source = job.source(float(at), whole)
        truth = original if not _is_second(job, float(at), whole) else seen("film.mp4")
        near = truth.numbers_near(source, 0.5 * frame * _factor(job) + 0.035 * (at > 0.1) + 0.003)
        assert shown.number_at(float(at)) in near, f"at {at:.3f} s, of the file's {source:.3f} s"
    if shown.patches and job_name != "picture_in_picture":
        middle = np.median(np.array(shown.patches), axis=0)
        assert np.abs(middle - COLOUR).max() <= COLOUR_LEVELS
    _assert_in_step(job_name, shown, original, whole)


def _is_second(job: Job, at: float, whole: float) -> bool:
    return job.type in ("concatenate", "merge") and at >= whole


def _factor(job: Job) -> float:
    return 2.0 if job.type == "speed" else 1.0


def _assert_in_step(job_name: str, shown: Seen, original: Seen, whole: float) -> None:
    job = JOBS[job_name]
    heard = [
        beep for beep in original.beeps if any(abs(beep - one) <= SYNC for one in original.flashes)
    ]
    assert shown.beeps or not original.beeps
    checked = 0
    for beep in shown.beeps:
        source = job.source(beep, whole) if not _is_second(job, beep, whole) else None
        if source is not None and not any(abs(source - one) < 0.05 for one in heard):
            continue
        if job_name == "reverse" or not 0.05 < beep < shown.picture_end - 0.05:
            continue
        assert min(abs(beep - flash) for flash in shown.flashes) <= SYNC
        checked += 1
    if heard and job_name not in ("reverse", "trim the end"):
        assert checked


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
