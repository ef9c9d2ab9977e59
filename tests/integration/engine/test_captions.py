"""Captions of real files, on real frames."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gala.errors import UnprocessableMedia
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.video_encoding import Quality
from gala_renderer.captions.overlay_track import CaptionTrack, Cue, over_still
from gala_renderer.captions.pipeline import from_words
from gala_renderer.captions.rasterizer import Frame, draw_track
from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.captions.text_rules import timed
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE, h264, software
from gala_renderer.text_layout.font_registry import FontRegistry
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness

SRT = "1\n00:00:00,500 --> 00:00:01,250\n{}\n\n2\n00:00:01,500 --> 00:00:02,000\nend\n"
CHAIN = FontRegistry().chain(None, bold=True, italic=False)


def captions_of(engine: EngineHarness, path: Path, data: bytes) -> list[dict[str, Any]]:
    path.write_bytes(data)
    made = engine.make("captions", {}, subtitles=path)
    found: list[dict[str, Any]] = json.loads(made.path("words").read_text())["segments"]
    return found


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe, ¿qué, ça", "utf-8"),
        ("日本の天気", "utf-8-sig"),
        ("日本の天気", "utf-16"),
        ("Größe, plain", "utf-16-le"),
        ("Größe, ¿qué, ça", "cp1252"),
        ("Привет, как дела", "cp1251"),
        ("こんにちは、ありがとう", "cp932"),
    ],
)
def test_subtitle_files_are_read_in_the_encodings_that_are_about(
    engine: EngineHarness, tmp_path: Path, text: str, encoding: str
) -> None:
    found = captions_of(engine, tmp_path / "a.srt", SRT.format(text).encode(encoding))
    assert [one["text"].replace("\n", " ") for one in found] == [text, "end"]
    assert (found[0]["start_ts"], found[0]["end_ts"]) == (0.5, 1.25)


VTT = """\
WEBVTT

STYLE
::cue { color: red }

NOTE nothing

first
00:00.500 --> 00:01.250 line:0 align:start
<v Bob>Fish &amp; <b>chips</b> &lt;3 {sic}

00:00:01.500 --> 00:00:02.000
end
"""
ASS = r"""[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.50,0:00:02.00,Default,,0,0,0,,end
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:00.50,0:00:01.25,Default,,0,0,0,,{\an8\k20}Fish, {\b1}and{note}\hchips
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0 100 100
"""


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        ("a.vtt", VTT, "Fish & chips <3 {sic}"),
        ("a.ass", ASS, "Fish, and chips"),
        (
            "a.srt",
            SRT.format(r"{\an8}<i>Fish</i> and <font x=1>chips</font>"),
            "Fish and chips",
        ),
        ("b.srt", SRT.format("Fish").replace("\n", "\r\n").replace("2\r\n", "7\r\n"), "Fish"),
    ],
)
def test_tags_and_styles_of_subtitle_files_are_dropped(
    engine: EngineHarness, tmp_path: Path, name: str, text: str, first: str
) -> None:
    found = captions_of(engine, tmp_path / name, text.encode())
    assert [one["text"] for one in found] == [first, "end"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing of the kind",
        codecs.BOM_UTF8,
        b"\x00" * 5000,
        bytes(range(256)) * 50,
        SRT.format("big").encode() * 200_000,
        b"".join(b"%d\n00:00:01,0 --> 00:00:02,0\nx\n\n" % n for n in range(21_000)),
        b"1\n99:99:99,999 --> 99:99:99,999\nx\n",
    ],
    ids=["empty", "text", "bom", "zeros", "bytes", "large", "many", "clock"],
)
def test_what_is_no_subtitle_file_is_refused(
    engine: EngineHarness, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(data)
    made = engine.make("captions", {}, subtitles=path)
    assert made.error.code == UnprocessableMedia("").code
    assert "inputs.subtitles_asset_id" in made.error.message


def test_plain_text_and_overlaps_of_an_srt_file_go_out_as_they_came_in(
    engine: EngineHarness, tmp_path: Path
) -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:04,000\nI <3 you & me\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\n- this --> that\n- {sic} <Bob>\n\n"
        "3\n00:00:02,000 --> 00:00:03,500\n42\n\n"
    )
    path = tmp_path / "a.srt"
    path.write_text(text)
    assert engine.make("captions", {}, subtitles=path).path("srt").read_text() == text


def test_a_caption_that_cannot_be_read_is_named_in_the_log(
    engine: EngineHarness, tmp_path: Path
) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:0x,000 --> 00:00:02,000\nlost\n\n" + SRT.format("kept"))
    made = engine.make("captions", {}, subtitles=path)
    assert made.path("srt").read_text() == SRT.format("kept") + "\n"
    assert any("inputs.subtitles_asset_id: line 2: " in line for line in made.logs)


def test_hostile_subtitles_come_out_as_text(engine: EngineHarness, tmp_path: Path) -> None:
    hostile = r"a%{localtime}';movie=/etc/passwd:x {unclosed \pos(1,1) [in]overlay"
    found = captions_of(engine, tmp_path / "a.srt", SRT.format(hostile).encode())
    assert found[0]["text"].replace("\n", " ") == hostile


def grey(path: Path) -> list[NDArray[np.int16]]:
    with av.open(str(path)) as container:
        return [
            frame.to_ndarray(format="gray").astype(np.int16) for frame in container.decode(video=0)
        ]


def shown(frame: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    return bool((np.abs(frame - other) > 60).sum() > 50)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "plain.mp4"
    drawn = ("-f", "lavfi", "-i", "color=c=0x305060:s=320x240:r=25:d=2")
    tone = ("-f", "lavfi", "-i", "sine=f=330:d=2:r=48000")
    make(path, *drawn, *tone, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
    return path


def test_words_are_burnt_in_on_their_frames_and_the_sound_is_copied(
    engine: EngineHarness, plain: Path
) -> None:
    words = [
        {"text": "one", "start_ts": 0.41, "end_ts": 0.6},
        {"text": "two", "start_ts": 0.61, "end_ts": 1.0},
    ]
    captions = {"style": "word", "min_seconds": 0, "font_size": 40}
    made = engine.make("caption_video", {"words": words, "captions": captions}, video=plain)
    frames = grey(made.path("video"))
    assert len(frames) == 50
    seen = [shown(frame, frames[0]) for frame in frames]
    assert seen.index(True) == round(0.41 * 25)
    assert seen.count(True) == round(1.0 * 25) - round(0.41 * 25)
    change = [shown(b, a) for a, b in pairwise(frames)]
    assert change[round(0.61 * 25) - 1], "the second word comes on its frame"
    assert sound_packets(made.path("video")) == sound_packets(plain)
    assert made.path("captions").read_text().startswith("WEBVTT\n\n00:00:00.410 --> 00:00:00.610")
    assert made.fractions == sorted(made.fractions)


def sound_packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_a_subtitle_file_is_burnt_in(engine: EngineHarness, samples: Callable[[str], Path]) -> None:
    made = engine.make(
        "caption_video",
        {"captions": {"style": "boxed", "position": "top"}, "quality": "draft"},
        video=samples("video"),
        subtitles=samples("subtitles"),
    )
    assert made.path("captions").read_text().count("-->") == 2
    assert len(grey(made.path("video"))) == 90


def test_captions_of_the_same_time_are_both_burnt_in_one_above_the_other(
    engine: EngineHarness, plain: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.srt"
    path.write_text("00:00:00 --> 00:00:01,600\nlong\n\n00:00:00,400 --> 00:00:01\nshort\n")
    params = {"captions": {"style": "classic", "font_size": 24}, "quality": "draft"}
    made = engine.make("caption_video", params, video=plain, subtitles=path)
    frames = grey(made.path("video"))
    alone, both, alone_again, none = (
        np.abs(frames[at] - frames[49]).max(axis=1) > 60 for at in (5, 15, 30, 45)
    )
    assert not none.any()
    assert (alone == alone_again).all(), "the first caption does not move"
    own = np.flatnonzero(alone)
    assert set(own) <= set(np.flatnonzero(both))
    above = np.flatnonzero(both[: own.min()])
    assert len(above) >= len(own) / 2
    assert own.min() - above.max() > 1, "there is a gap between them"
    assert made.path("captions").read_text().count("-->") == 2


def test_known_text_is_laid_on_the_sound(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = engine.make(
        "caption_video",
        {"text": "One, two, three.", "language": "en", "captions": {"style": "karaoke"}},
        video=samples("video"),
    )
    assert "One, two, three." in made.path("captions").read_text().replace("\n", " ")


def test_a_font_that_there_is_not_is_refused_with_those_that_there_are(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = engine.make(
        "caption_video",
        {"captions": {"font": "Nosuch Sans"}},
        video=samples("video"),
        subtitles=samples("subtitles"),
    )
    assert "params.captions.font" in made.error.message
    assert "Noto Sans" in str(made.error.hint)


def drawn(text: str, folder: Path, **params: Any) -> tuple[tuple[TimedCaption, ...], CaptionTrack]:
    style = CaptionParams.parse(params)
    made = from_words(timed(text, 0, 4), style)
    return made, draw_track(made, style, Frame(540, 960, Fraction(30)), CHAIN, folder)


def alpha(track: CaptionTrack, cue: Cue) -> NDArray[np.uint8]:
    with Image.open(track.folder / cue.picture) as picture:
        return np.asarray(picture.getchannel("A"))


@pytest.mark.parametrize(
    "text",
    [
        "Nothing here ever moves",
        "שלום לכולם וברוכים הבאים",
        "नमस्ते दुनिया कैसे हो",
        "今日は天気がいいですね",
    ],
)
def test_words_stand_still_while_the_highlight_moves(text: str, tmp_path: Path) -> None:
    made, track = drawn(text, tmp_path, style="highlight", max_chars=40)
    assert len(track.cues) == len(made[0].words) > 2
    shapes = {alpha(track, cue).tobytes() for cue in track.cues}
    assert len(shapes) == 1
    assert len({(track.folder / cue.picture).read_bytes() for cue in track.cues}) == len(track.cues)


@pytest.mark.parametrize("position", [0.0, 1.0])
@pytest.mark.parametrize("style", ["classic", "word", "boxed"])
def test_captions_never_leave_the_picture(position: float, style: str, tmp_path: Path) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitänswitwe und Gäste sehen alles sehr genau"
    _, track = drawn(long, tmp_path, style=style, position=position, font_size=200, max_chars=90)
    for cue in track.cues:
        rows, columns = np.nonzero(alpha(track, cue) > 128)
        assert track.x + columns.min() >= 2
        assert track.x + columns.max() < 538
        assert track.y + rows.min() >= 2
        assert track.y + rows.max() < 958


@pytest.mark.parametrize("style", ["classic", "boxed"])
def test_captions_are_centered_at_their_x_and_not_wider_than_their_width(
    style: str, tmp_path: Path
) -> None:
    text = "Guests hear nothing and see it all"
    _, track = drawn(text, tmp_path, style=style, x=0.4, width=0.5, max_chars=90, max_lines=1)
    for cue in track.cues:
        _, columns = np.nonzero(alpha(track, cue) > 128)
        left, right = track.x + columns.min(), track.x + columns.max()
        assert abs((left + right) / 2 - 0.4 * 540) <= 4
        assert right - left <= 0.5 * 540 + 6, "with the outline"


@pytest.mark.parametrize(("x", "align"), [(0.0, "left"), (0.05, "center"), (1.0, "right")])
def test_captions_near_an_edge_stay_within_the_margins(
    x: float, align: str, tmp_path: Path
) -> None:
    _, track = drawn("Guests see it all", tmp_path, style="classic", x=x, align=align)
    for cue in track.cues:
        _, columns = np.nonzero(alpha(track, cue) > 128)
        assert track.x + columns.min() >= 0.05 * 540 - 4
        assert track.x + columns.max() <= 0.95 * 540 + 4


def test_lines_of_both_directions_read_as_the_whole_text_does(tmp_path: Path) -> None:
    pictures = {}
    texts = {"hebrew": "וקולות שונים עכשיו Shorts הם", "english": "Shorts הם are on"}
    for name, text in texts.items():
        _, track = drawn(text, tmp_path / name, style="highlight", max_chars=12, max_lines=1)
        pictures[name] = [lit(track, cue) for cue in track.cues]
    # "Shorts" is the last but one word: right of the last in Hebrew, left of the next in English.
    shorts, last = (np.nonzero(picture)[1].mean() for picture in pictures["hebrew"][-2:])
    assert shorts > last
    first, second = (np.nonzero(picture)[1].mean() for picture in pictures["english"][:2])
    assert first < second


def lit(track: CaptionTrack, cue: Cue) -> NDArray[np.bool_]:
    """Return the position of the yellow highlight."""
    with Image.open(track.folder / cue.picture) as picture:
        pixels = np.asarray(picture).astype(np.int16)
    found: NDArray[np.bool_] = (pixels[..., 0] - pixels[..., 2] > 150) & (pixels[..., 3] > 200)
    return found


def test_only_a_word_too_wide_for_any_line_is_small(tmp_path: Path) -> None:
    long = "Der Donaudampfschifffahrtsgesellschaftskapitän fährt"
    _, track = drawn(long, tmp_path, style="classic", max_chars=60)
    heights = []
    for cue in track.cues:
        rows = np.nonzero((alpha(track, cue) > 128).any(axis=1))[0]
        heights.append(int(rows.max() - rows.min()))
    assert len(heights) == 3
    assert heights[1] < heights[0] * 0.8
    assert heights[1] < heights[2] * 0.8


def test_nothing_to_show_leaves_the_video_as_it_is(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    words = [{"text": "late", "start_ts": 60.0, "end_ts": 61.0}]
    made = engine.make("caption_video", {"words": words}, video=samples("video"))
    assert any("no words" in line for line in made.logs)
    assert made.path("captions").read_text() == "WEBVTT\n\n"


def test_over_a_still_picture_everything_is_composed_once_a_caption(
    engine: EngineHarness, tmp_path: Path
) -> None:
    _, track = drawn("one two three", tmp_path, style="word")
    base = ffmpeg.input("color=c=navy:s=540x960:r=30:d=0.03", f="lavfi").video
    still = base.filter("format", "yuv420p").trim(end_frame=1)
    whole = over_still(still, track, width=540, height=960, frames=150)
    target = tmp_path / "still.mp4"
    options = {**h264(software(Quality.DRAFT), fps=30, threads=1), **REPRODUCIBLE}
    make(target, *ffmpeg.output(whole, str(target), **options).get_args()[:-1])
    frames = grey(target)
    assert len(frames) == 150
    changes = [n for n in range(1, 150) if shown(frames[n], frames[n - 1])]
    assert changes == [*(round(cue.start * 30) for cue in track.cues[1:]), 120]
