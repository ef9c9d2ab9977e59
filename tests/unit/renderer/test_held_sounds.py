"""Sound that FFmpeg would hold in memory is bounded, for all clips of a film together."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.measurements import KnownMeasurements, Media
from gala.timeline.problems import InvalidTimeline
from gala.timeline.reader import read_timeline
from gala_renderer.probe.media import AudioStream
from gala_renderer.probe.media import Media as Inspected
from gala_renderer.timeline.sounds import heard, mixed_to_file

HOUR = 3600
SONG = Inspected(
    path=Path("/a.mp3"), demuxer="mp3", seconds=HOUR, sound=AudioStream(rate=48_000, channels=2)
)
SILENT = Inspected(path=Path("/a.mp4"), demuxer="mov", seconds=HOUR)


def film(*clips: dict[str, Any]) -> CompiledTimeline:
    known = KnownMeasurements({"a": Media(Fraction(HOUR))})
    tracks = [{"clips": [{"type": "audio", "src": "a", **one}]} for one in clips]
    frame = Format(width=160, height=90, fps=10)
    return compile_timeline(read_timeline({"tracks": tracks}), frame, known)


@pytest.mark.parametrize(
    "clips",
    [
        [{"reverse": True, "trim": {"end": 900}}],
        [{"loop": True, "trim": {"start": 1}, "speed": 4.0, "duration": 9000}],
        [{"loop": True, "duration": 9000}, {"duration": HOUR}],
    ],
)
def test_what_fits_is_mixed(clips: list[dict[str, Any]], tmp_path: Path) -> None:
    assert heard(film(*clips), {"a": SONG}, {}, tmp_path) is not None


@pytest.mark.parametrize(
    ("clips", "pointer", "remedy"),
    [
        ([{"reverse": True}], "/tracks/0/clips/0/reverse", "`reverse` job"),
        ([{"loop": True, "trim": {"start": 1}, "duration": 9000}],
         "/tracks/0/clips/0/loop", "`cut`"),
        ([{"reverse": True, "loop": True, "trim": {"end": 451}, "duration": 9}],
         "/tracks/0/clips/0/reverse", "Trim it"),
        ([{"reverse": True, "trim": {"end": 451}}] * 2, "/tracks/1/clips/0/reverse", "Trim it"),
    ],
)  # fmt: skip
def test_what_is_too_long_is_refused_at_its_clip(
    clips: list[dict[str, Any]], pointer: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidTimeline) as refused:
        heard(film(*clips), {"a": SONG}, {}, tmp_path)
    [problem] = refused.value.problems
    assert problem.pointer == pointer
    assert "at most 15 minutes" in problem.rule
    assert remedy in problem.remedy


def test_what_is_never_heard_is_not_decoded(tmp_path: Path) -> None:
    muted = {"reverse": True, "volume": 0.0}
    alone = heard(film(muted), {"a": SONG}, {}, tmp_path)
    assert alone is not None
    assert "areverse" not in " ".join(mixed_to_file(alone, tmp_path / "a.wav"))
    both = heard(film(muted, {"duration": 9}), {"a": SONG}, {}, tmp_path)
    arguments = mixed_to_file(both, tmp_path / "a.wav") if both is not None else ()
    assert arguments.count("/a.mp3") == 1
    faded = [{"time": 0, "volume": 0.0}, {"time": 1, "volume": 1.0}]
    with pytest.raises(InvalidTimeline):
        heard(film({**muted, "keyframes": faded}), {"a": SONG}, {}, tmp_path)


def test_files_without_sound_are_not_counted(tmp_path: Path) -> None:
    assert heard(film({"reverse": True}), {"a": SILENT}, {}, tmp_path) is None
