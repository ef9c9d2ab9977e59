"""Injection by texts and files: what FFmpeg really opens, traced in the kernel."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from gala.errors import GalaError
from gala.media import MediaClass
from gala.render_protocol import Error
from gala.render_types import all_types
from gala_renderer.ffmpeg.binary import find_ffmpeg
from tests.support.engine import EngineHarness

STRACE: Final = shutil.which("strace") or ""
pytestmark = pytest.mark.slow

SECRET: Final = "/etc/passwd"
TEXTS: Final = (
    "';movie=/etc/passwd[x];[x]null,drawtext=text='",
    "%{localtime} %{eif\\:1\\:d} ${HOME} $(cat /etc/passwd) `id`",
    "[in]movie=http\\://127.0.0.1/x[out]",
    "{\\pos(0,0)\\fn/etc/passwd}{\\p1}m 0 0 l 9 9{\\p0}\\N\\h",
    "file:///etc/passwd\nffconcat version 1.0\nfile '/etc/passwd'",
    "-i /etc/passwd -f null - \\' \" : , ; [ ] = @ #",
)
SUBTITLES: Final = (
    "1\n00:00:00,100 --> 00:00:00,900\n"
    '{\\fn/etc/passwd}<font face="/etc/passwd">%{localtime}</font>\';movie=/etc/passwd\n\n'
)
OPENED: Final = re.compile(r'(?:open|openat|creat)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"')
SYSTEM: Final = ("/usr/lib", "/lib", "/lib64", "/proc", "/sys", "/dev", "/etc/ld.so")
"""Where programs look for libraries and the number of cores; these hold no secrets."""


class Watched:
    """An engine whose FFmpeg runs under strace."""

    def __init__(self, folder: Path):
        self.traces = folder / "traces"
        self.traces.mkdir()
        wrapper = folder / "ffmpeg"
        words = [
            STRACE, "-f", "-qq", "-s", "4096", "-e", "signal=none",
            "-e", "trace=open,openat,creat,connect,execve", "-o",
        ]  # fmt: skip
        log, program = f"{shlex.quote(str(self.traces))}/$$.log", find_ffmpeg(None)
        wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(words)} {log} {program} "$@"\n')
        wrapper.chmod(0o755)
        # Without a sandbox, in which there would be nothing to open.
        self.harness = EngineHarness(folder / "data", ffmpeg_path=wrapper, gala_sandbox="off")

    def seen(self) -> list[str]:
        """Return what all runs did so far."""
        lines = [line for log in self.traces.glob("*.log") for line in log.read_text().splitlines()]
        return [line for line in lines if "ENOENT" not in line or SECRET in line]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    if not STRACE:
        pytest.skip("strace is not installed")
    one = Watched(tmp_path)
    yield one
    one.harness.close()


def assert_confined(watched: Watched) -> None:
    lines = watched.seen()
    assert not [line for line in lines if "connect(" in line]
    assert sum("execve(" in line for line in lines) == len(list(watched.traces.glob("*.log")))
    opened = [match[1] for line in lines if (match := OPENED.search(line))]
    own = str(watched.harness.settings.data_root)
    strange = [
        path for path in opened if path.startswith("/") and not path.startswith((own, *SYSTEM))
    ]
    assert strange == []
    assert not [path for path in opened if not path.startswith("/") and ".." in path]
    assert any(path.startswith(own) for path in opened), "FFmpeg was really watched"


def test_the_watch_sees_a_file_outside(watched: Watched) -> None:
    """If the trace missed it, the other tests would prove nothing."""
    command = [watched.harness.settings.ffmpeg_path, "-nostdin", "-i", SECRET]
    subprocess.run(command, check=False, capture_output=True, timeout=30)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match=SECRET):
        assert_confined(watched)


def _with_text() -> list[str]:
    """The types that render a text to video or audio."""
    return [
        one.name
        for one in all_types().values()
        if "text" in one.params.model_fields
        and any(output.mime.startswith(("video/", "audio/")) for output in one.outputs)
    ]


@pytest.mark.parametrize("name", _with_text())
def test_a_text_made_to_break_out_reaches_nothing(
    name: str, watched: Watched, samples: Callable[[str], Path]
) -> None:
    one = all_types()[name]
    # If a text is one of several sources, it is the only one here.
    inputs = {
        key: [samples(used) for used in given]
        for key, given in one.example_inputs.items()
        if one.inputs[key].media != {MediaClass.TEXT}
    }
    example = {key: value for key, value in one.example.items() if key != "words"}
    form = (64, 96, 10) if one.format else None
    # One type gets each text by itself; in the others, each is a part of one text.
    for text in TEXTS if name == "hello_render" else ("\n".join(TEXTS[:3]),):
        params = {**example, "text": text}
        length = 300 if one.duration_ms else None
        made = watched.harness.make(name, params, size=form, duration_ms=length, **inputs)
        end = made.events[-1]
        assert not isinstance(end, Error) or end.failure.code != "RENDER_FAILED", end
    assert_confined(watched)


def test_a_subtitle_file_made_to_break_out_reaches_nothing(
    watched: Watched, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    if "caption_video" not in all_types():
        pytest.skip("there is no caption_video")
    hostile = tmp_path / "hostile.srt"
    hostile.write_text(SUBTITLES)
    made = watched.harness.make("caption_video", {}, video=samples("video"), subtitles=hostile)
    assert made.outputs["video"].size > 0
    assert_confined(watched)


PLAYLISTS: Final = {
    "ffconcat": "ffconcat version 1.0\nfile '/etc/passwd'\n",
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "edl": "# mpv EDL v0\n/etc/passwd\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("name", ["reframe", "thumbnail", "merge"])
def test_a_playlist_in_a_videos_clothes_is_refused(
    name: str, kind: str, engine: EngineHarness, tmp_path: Path
) -> None:
    path = tmp_path / "innocent.mp4"
    path.write_text(PLAYLISTS[kind])
    key = "videos" if name == "merge" else "video"
    made = engine.make(name, {}, **{key: [path]})
    assert made.error.code == "UNPROCESSABLE_MEDIA"


def test_a_real_run_of_the_video_types_opens_only_its_own_files(
    watched: Watched, samples: Callable[[str], Path]
) -> None:
    for name in ("reverse", "loop", "preview", "slideshow", "merge"):
        one = all_types()[name]
        given = {
            key: [samples(used) for used in names] for key, names in one.example_inputs.items()
        }
        form = (64, 96, 10) if one.format else None
        assert watched.harness.make(name, one.example, size=form, **given).outputs
    assert_confined(watched)


HOSTILE_WORDS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("colorkey_overlay", {"color": "green:similarity=1,movie=/etc/passwd"}),
    ("reframe", {"color": "0x000000@1,movie=/etc/passwd"}),
    ("reframe", {"fit": "cover,movie=/etc/passwd"}),
    ("picture_in_picture", {"position": "top';movie=/etc/passwd"}),
    ("preview", {"start": "0;movie=/etc/passwd"}),
    ("frames", {"timestamps": ["1e999"]}),
    ("speed", {"factor": float("1e308")}),
    ("slideshow", {"transition": "custom:expr='1'"}),
)


@pytest.mark.parametrize(("name", "params"), HOSTILE_WORDS, ids=str)
def test_words_that_are_no_words_are_refused_before_anything_runs(
    name: str, params: dict[str, Any], engine: EngineHarness
) -> None:
    error: GalaError = engine.refusal(name, params)
    assert error.code == "VALIDATION_ERROR"
    assert next(iter(params)) in error.message
