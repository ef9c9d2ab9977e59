"""Wrong usage of the command line: exit status 2, the name of the option, and a remedy."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Gala

Samples = Callable[[str], Path]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, samples: Samples) -> None:
    """Create the files that the commands below name."""
    (tmp_path / "video.mp4").write_bytes(samples("video").read_bytes())
    (tmp_path / "picture.png").write_bytes(samples("picture").read_bytes())
    (tmp_path / "song.mp3").write_bytes(samples("song").read_bytes())
    (tmp_path / "taken.mp4").write_text("mine")
    (tmp_path / "taken.wav").write_text("mine")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.txt").write_text("What is to be said.")
    (tmp_path / "latin1.txt").write_bytes("año".encode("latin-1"))
    os.mkfifo(tmp_path / "pipe.mp4")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        # Files
        ("info missing.mp4", "there is no such file"),
        ("info folder", "this is a folder"),
        ("info https://example.org/a.mp4", "FILE: https://example.org/a.mp4 is a URL"),
        ("run thumbnail -i video=https://example.org/a.mp4", "gala submit TYPE -i NAME=URL"),
        ("info \x1b[31mred.mp4", "\\x1b[31mred.mp4"),
        ("info empty.mp4", "this file is empty"),
        ("info pipe.mp4", "this is not a regular file"),
        ("info \udce9.mp4", "is not UTF-8"),
        ("concat video.mp4 missing.mp4 -o x.mp4", "CLIPS: 'missing.mp4'"),
        ("merge video.mp4 --music missing.mp3 -o x.mp4", "--music: 'missing.mp3'"),
        ("say --file latin1.txt", "not UTF-8 text"),
        ("say --file missing.txt", "--file: 'missing.txt'"),
        ("caption notes.txt", "MEDIA: notes.txt is a text"),
        # Outputs
        ("trim video.mp4 0 1 -o taken.mp4", "taken.mp4 already exists"),
        ("say Hi -o taken.wav", "--force"),
        ("say Hi -o x.wav --captions taken.wav", "--captions: taken.wav"),
        ("say Hi -o x.xyz", "tts makes .flac, .m4a, .mp3, .ogg, .wav"),
        (f"trim video.mp4 0 1 -o {'a' * 300}.mp4", "is too long"),
        ("say Hi -o x", "x has no ending"),
        ("trim video.mp4 0 1 -o x.mp3", "trim makes no audio of this input"),
        ("trim song.mp3 0 1 -o x.mp4", "trim makes .m4a"),
        ("run trim -i media=song.mp3 -p start=0 -o x.mp4", "end the name in .m4a"),
        ("trim video.mp4 0 1 -o video.mp4/x.mp4", "video.mp4 is not a folder"),
        ("trim video.mp4 0 1 -o /proc/x.mp4", "nothing can be written to /proc"),
        ("trim video.mp4 0 1 -o \udce9.mp4", "is not UTF-8"),
        ("run tts -p text=Hi -p audio_format=mp3 -o x.wav", "end the name in .mp3"),
        ("run frames -i video=video.mp4 -o a.jpg -o b.jpg", "the same output"),
        ("transcribe song.mp3 -o x.doc", "none of the endings"),
        ("transcribe song.mp3 -o x.srt --format vtt", "--format"),
        # Params
        ("say", "there is nothing to say"),
        ("say ...", "TEXT: must contain something to speak"),
        ("say \x07", "TEXT: Text to be seen is required"),
        ("run hello_render -p text=Hi -p text_color=none", "params.text_color: "),
        ("say Hi --file latin1.txt", "not both"),
        ("say \udce9", "not UTF-8"),
        ("say Hi -p sped=1", "did you mean speed?"),
        ("say Hi -p speed=1", "KEY:=JSON"),
        ("say Hi -p speed", "is not KEY=TEXT or KEY:=JSON"),
        ("say Hi -p speed:=fast", "is not JSON"),
        ("say Hi -p voice.a=1 -p voice.a.b=1", "a is not an object"),
        ("say Hi --language not-a-language-at-all!", "--language: "),
        ("trim video.mp4 2 1", "END: must be later than start"),
        ("trim video.mp4 soon", "START: must be seconds"),
        ("trim video.mp4 0 1 --duration 3", "END: set end or duration"),
        ("caption picture.png", "--text: a picture needs a text"),
        ("caption video.mp4 --text Hi --captions latin1.txt", "--text: give it, or --captions"),
        ("caption video.mp4 --text Hi --voice es", "--voice: a video keeps its own sound"),
        ("caption video.mp4 --text Hi --music song.mp3", "--music: "),
        ("caption video.mp4 --text Hi --position 3", "--position: "),
        ("caption video.mp4 --text Hi --size 100x100", "does not support a size"),
        ("slideshow picture.png --size 100", "1280x720"),
        ("slideshow picture.png --size 101x100", "both even"),
        ("slideshow picture.png --size ²x100", "1280x720"),
        ("slideshow picture.png --size 100x100 --aspect-ratio 1:1", "not both"),
        ("slideshow picture.png --fps 10", "--fps: "),
        ("slideshow picture.png --seconds 1 --transition-seconds 2", "half of --seconds"),
        ("run thumbnale -i video=video.mp4", "did you mean thumbnail?"),
        ("run thumbnail -i vidoe=video.mp4", "did you mean video?"),
        ("run thumbnail -i video.mp4", "is not NAME=FILE"),
        ("run thumbnail", "inputs.video: a file is required"),
        ("run thumbnail -i video=video.mp4 -i video=video.mp4", "accepts only one file"),
        ("run hello_render -p txt=Hi", "did you mean text?"),
        ("run hello_render", "params.text: this is required"),
        ("info video.mp4 --url localhost:8080", "--url: 'localhost:8080'"),
        ("info video.mp4 --remote http://", "--url: "),
    ],
)
def test_a_slip_is_told_by_its_name_with_a_remedy(
    command: str, message: str, gala: Gala, tmp_path: Path
) -> None:
    before = {path: path.lstat().st_size for path in tmp_path.iterdir()}
    refused = gala(*command.split())
    assert refused.code == 2, refused.out + refused.err
    assert message in refused.err
    assert refused.out == ""
    assert {path: path.lstat().st_size for path in tmp_path.iterdir()} == before


def test_a_slip_is_json_for_programs(gala: Gala) -> None:
    error = gala("trim", "video.mp4", "2", "1", "--json").json["error"]
    assert error == {
        "code": "VALIDATION_ERROR",
        "message": "END: must be later than start",
        "details": {"field": "END"},
    }
    assert "used for the JSON" in gala("say", "Hi", "-o", "-", "--json").json["error"]["message"]
    wrong = gala("transcribe", "song.mp3", "--format", "srt", "-o", "-", "--json")
    assert "used for the JSON" in wrong.json["error"]["message"]
    # Also for options that typer rejects.
    wrong = gala("say", "Hi", "--speed", "nine", "--json")
    assert wrong.code == 2
    assert "--speed" in wrong.json["error"]["message"]


def test_what_is_there_is_replaced_only_by_force(gala: Gala, tmp_path: Path) -> None:
    taken = tmp_path / "taken.mp4"
    assert gala("trim", "video.mp4", "0", "1", "-o", taken).code == 2
    assert taken.read_text() == "mine"
    assert gala("trim", "video.mp4", "0", "1", "-o", taken, "--force").code == 0
    assert taken.stat().st_size > 1000


def test_a_file_can_be_replaced_by_its_own_trim(gala: Gala) -> None:
    assert gala("trim", "video.mp4", "1", "2", "-o", "video.mp4", "--force").code == 0
    assert gala("info", "video.mp4", "--json").json["duration"] == 1.0


def test_names_of_any_kind_are_names_and_nothing_else(gala: Gala, tmp_path: Path) -> None:
    video = (tmp_path / "video.mp4").read_bytes()
    hostile = ["-i.mp4", "ünï cödé 日本 [bold].mp4", "a;rm -rf $HOME.mp4", "line\nbreak.mp4"]
    for number, name in enumerate(hostile):
        (tmp_path / name).write_bytes(video)
        made = gala("trim", "-o", f"[red]{number} ü.mp4", "--", name, "0", "1")
        assert made.out == f"[red]{number} ü.mp4\n", made.err
    assert gala("trim", "-o", "folder", "--", "-i.mp4", "0", "1").out == "folder/-i-trimmed.mp4\n"
