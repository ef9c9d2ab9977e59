"""Media from the command line: the same result on this machine and on a server."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from gala.cli.rendering.session import _seconds
from gala.job import JobStatus
from gala.supervisor import free_port
from tests.integration.cli.conftest import Gala
from tests.platform.stack import Stack
from tests.support.media_probe import level_db, read_frames, read_samples

Samples = Callable[[str], Path]

WORK = {
    "say as Opus": ("say", "Hello there.", "--engine", "espeak", "-o", "{out}.opus"),
    "trim": ("trim", "{video}", "0.5", "0:01.5", "-o", "{out}.mp4"),
    "trim a sound": ("trim", "{song}", "1", "2", "-o", "{out}.mp3"),
    "caption": ("caption", "{video}", "--captions", "{subtitles}", "-o", "{out}.mp4"),
    "caption a picture": (
        *("caption", "{picture}", "--text", "Hello.", "--engine", "espeak"),
        *("--music", "{song}", "--size", "96x160", "--fps", "10", "-o", "{out}.mp4"),
    ),
    "concat": (
        *("concat", "{video}", "{other_video}", "--transition", "crossfade"),
        *("--size", "160x90", "--fps", "10", "-o", "{out}.mp4"),
    ),
    "merge": (
        *("merge", "{video}", "{video}", "--music", "{song}", "--music-volume", "0.2"),
        *("-o", "{out}.mp4"),
    ),
    "slideshow": (
        *("slideshow", "{picture}", "{other_picture}", "--seconds", "0.5", "--motion", "pan"),
        *("--size", "96x160", "--fps", "10", "-o", "{out}.mp4"),
    ),
    "run": ("run", "thumbnail", "-i", "video={video}", "-p", "width:=64", "-o", "{out}.png"),
}


BRIEF = {"say as Opus", "trim", "caption a picture", "concat", "run"}
"""Work that every run of the tests does; the rest is much the same."""


@pytest.mark.parametrize(
    "work",
    [pytest.param(name, marks=() if name in BRIEF else pytest.mark.exhaustive) for name in WORK],
)
def test_a_server_makes_what_this_machine_makes(
    work: str, gala: Gala, samples: Samples, shared_stack: Stack
) -> None:
    results = []
    for where, out in (((), "here"), (("--remote", shared_stack.base_url), "there")):
        words = [word.format_map(_Files(samples, out)) for word in WORK[work]]
        made = gala(*words, "--json", *where)
        assert made.code == 0, made.out + made.err
        file = Path(made.json["path"])
        assert file.stem == out
        assert made.json["bytes"] == file.stat().st_size
        results.append((made.json["mime"], made.json.get("duration"), _facts(gala, file)))
        assert ("job_id" in made.json) is bool(where)
    assert results[0] == results[1]


class _Files(dict[str, str]):
    """Return the sample files by name, and ``out``."""

    def __init__(self, samples: Samples, out: str):
        super().__init__(out=out)
        self._samples = samples

    def __missing__(self, name: str) -> str:
        return str(self._samples(name))


def _facts(gala: Gala, file: Path) -> dict[str, Any]:
    """Return the facts about a file, without those that vary slightly between encodings."""
    found: dict[str, Any] = gala("info", file, "--json").json
    for facts in (found, found["video"], found["audio"]):
        if facts is not None:
            facts.pop("bitrate")
    return {name: value for name, value in found.items() if name not in {"path", "size"}}


def test_a_look_into_a_file_is_the_same_there(
    gala: Gala, samples: Samples, shared_stack: Stack
) -> None:
    video = samples("video")
    here, there = (
        gala("info", video, "--json", *where).json
        for where in ((), ("--remote", shared_stack.base_url))
    )
    assert there.pop("job_id").startswith("job_")
    assert here == there
    assert (here["width"], here["height"], here["duration"]) == (320, 180, 3.0)
    output = gala("info", video).out
    assert "duration" in output
    assert "320" in output


def test_what_was_uploaded_is_deleted_and_what_was_made_stays(
    gala: Gala, samples: Samples, shared_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {asset.id for asset in shared_stack.client.assets(limit=200)}
    monkeypatch.setenv("GALA_URL", shared_stack.base_url)
    video = samples("video")
    made = gala("concat", video, video, "-o", "c.mp4", "--json").json
    job = shared_stack.client.job(made["job_id"])
    assert job.status is JobStatus.DONE
    left = {asset.id for asset in shared_stack.client.assets(limit=200)} - before
    assert left == {*job.outputs[0].asset_ids.values()}
    # `--local` overrides the environment.
    assert "job_id" not in gala("info", "c.mp4", "--local", "--json").json


def test_spoken_words_are_written_as_captions_here_and_there(
    gala: Gala, shared_stack: Stack
) -> None:
    for where, stem in (((), "here"), (("--remote", shared_stack.base_url), "there")):
        made = gala(
            *("say", "-", "--engine", "espeak", "-o", f"{stem}.wav"),
            *("--captions", f"{stem}.srt", *where),
            stdin="One, two. ¡Tres!".encode(),
        )
        assert made.out.split() == [f"{stem}.wav", f"{stem}.srt"], made.err
    assert Path("here.srt").read_text() == Path("there.srt").read_text()
    assert "One, two." in Path("here.srt").read_text()
    assert Path("here.wav").read_bytes() == Path("there.wav").read_bytes()
    assert level_db(read_samples(Path("here.wav"))[1]) > -30


def test_captions_are_really_seen(gala: Gala, samples: Samples) -> None:
    gala("caption", samples("video"), "--captions", samples("subtitles"), "--style", "boxed")
    before, after = (
        read_frames(path)[1] for path in (samples("video"), Path("video-captioned.mp4"))
    )
    changed = abs(before.astype(int) - after.astype(int)).mean(axis=(1, 2))
    # "Hello there" is spoken from 0.2 s to 1.2 s, at 30 frames a second.
    assert changed[15:30].min() > 2 * changed[:4].max()


def test_what_is_missing_here_says_so_and_names_the_other_way(gala: Gala, samples: Samples) -> None:
    missing = gala("transcribe", samples("voice"))
    assert missing.code == 1
    assert "gala weights pull" in missing.err
    assert "--url" in missing.err
    assert gala("say", "Hi", "--engine", "kokoro", "--json").json["error"]["code"] == (
        "ENGINE_MISSING"
    )


def test_work_that_fails_leaves_nothing_and_says_the_same_here_and_there(
    gala: Gala, tmp_path: Path, shared_stack: Stack
) -> None:
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(bytes(range(256)) * 20)
    for where in ((), ("--remote", shared_stack.base_url)):
        failed = gala("trim", junk, "0", "1", "-o", "x.mp4", "--json", *where)
        assert failed.code == 1
        assert failed.json["error"]["message"].startswith("MEDIA: ")
        assert "ast_" not in failed.out
    assert list(tmp_path.iterdir()) == [junk]


def test_a_server_that_is_not_there_fails_with_a_hint(gala: Gala, samples: Samples) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    failed = gala("info", samples("video"), "--remote", away)
    assert failed.code == 1
    assert "does not answer" in failed.err
    # Invalid parameters are reported before any engine or server is used.
    assert gala("trim", samples("video"), "2", "1", "--remote", away).code == 2


def test_every_output_goes_into_a_folder_or_to_the_files_that_are_named(
    gala: Gala, samples: Samples
) -> None:
    video = samples("video")
    all_of_it = gala("run", "frames", "-i", f"video={video}", "-p", "count:=2", "-o", "new")
    assert [Path(line).name for line in all_of_it.out.split()] == [
        "frames-contact_sheet.jpg",
        "frames-frames.zip",
    ]
    one = gala("run", "frames", "-i", f"video_asset_id={video}", "-p", "count:=2", "-o", "f.zip")
    assert one.out == "f.zip\n"
    assert not Path("f.jpg").exists()
    both = (
        "-p",
        'words:=[{"text": "Hi", "start_ts": 0, "end_ts": 1}]',
        "-o",
        "a.vtt",
        "-o",
        "a.srt",
    )
    assert len(gala("run", "captions", *both, "--json").json["files"]) == 2


def test_a_slideshow_is_vertical_unless_it_is_told_otherwise(gala: Gala, samples: Samples) -> None:
    made = gala("slideshow", samples("picture"), "--seconds", "0.2", "--quality", "draft", "--json")
    assert made.code == 0, made.out
    found = gala("info", "slideshow.mp4", "--json").json
    assert (found["width"], found["height"], found["fps"]) == (1080, 1920, "30")


def test_a_slideshow_has_the_shape_of_its_target(gala: Gala, samples: Samples) -> None:
    gala("slideshow", samples("picture"), "--seconds", "0.2", "--quality", "draft",
         "--target", "linkedin", "--fps", "5")  # fmt: skip
    found = gala("info", "slideshow.mp4", "--json").json
    assert (found["width"], found["height"]) == (1080, 1080)


def test_params_within_params_are_reached_by_dots(gala: Gala) -> None:
    plain, high = (
        gala("say", "Hello.", "--engine", "espeak", "-o", name, *more, "--json").json
        for name, more in (("plain.wav", ()), ("high.wav", ("-p", "effects.tempo:=2")))
    )
    assert high["duration"] < 0.7 * plain["duration"]


def test_a_trimmed_sound_goes_to_standard_output_and_takes_no_video_s_name(
    gala: Gala, samples: Samples
) -> None:
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())) as piped:
        ended = gala("trim", samples("song"), "0", "1", "-o", "-")
    assert ended.code == 0, ended.err
    assert piped.buffer.getvalue()[4:8] == b"ftyp"
    Path("song-trimmed.mp4").touch()
    assert gala("trim", samples("song"), "0", "1").out == "song-trimmed.m4a\n"


def test_settings_that_make_no_sense_are_told_by_their_variable(
    gala: Gala, samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gala_renderer import in_process

    in_process.engine().close()
    monkeypatch.setenv("RENDERER_SLOTS", "many")
    wrong = gala("info", samples("video"), "--json")
    assert wrong.code == 2
    assert "RENDERER_SLOTS" in wrong.json["error"]["message"]
    # A result of a server is kept even if no engine here can measure it.
    assert _seconds(samples("video")) is None


def test_json_is_all_that_standard_output_holds(gala: Gala, samples: Samples) -> None:
    made = gala("trim", samples("video"), "1", "-o", "a.mp4", "--json")
    assert made.err == ""
    assert json.loads(made.out)["files"] == [
        {
            "role": "video",
            "path": "a.mp4",
            "mime": "video/mp4",
            "bytes": Path("a.mp4").stat().st_size,
            "duration": 2.0,
        }
    ]
