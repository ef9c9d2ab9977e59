"""Presenters: drawn characters that speak, listen, and stand on backgrounds."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import imageio_ffmpeg
import numpy as np
import psutil
import pytest
from PIL import Image

from gala.brand_kits import BrandKit
from gala.errors import ErrorCode, InvalidRequest
from gala.media import Format, SpokenBy
from gala.render_types import all_types
from gala.templates.branding import branded
from gala.templates.filling import Setting
from tests.fakes.media_files import make
from tests.support import xmp
from tests.support.engine import EngineHarness, Made
from tests.support.media_probe import has_audio, read_frames
from tests.support.processes import command_of

SIZE = (180, 320, 15)
WIDE = (320, 180, 15)
SPOKEN: dict[str, Any] = {"engine": "espeak", "language": "es", "quality": "draft"}
MUTE: dict[str, Any] = {**SPOKEN, "captions": None}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path_factory.mktemp("presenters"))
    yield harness
    harness.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of pure green with a tone."""
    path = tmp_path_factory.mktemp("clip") / "green.mp4"
    make(path, "-f", "lavfi", "-i", "color=0x00ff00:s=320x180:r=15:d=1", "-f", "lavfi", "-i",
         "sine=300:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac",
         "-colorspace", "bt709")  # fmt: skip
    return path


@pytest.fixture(scope="module")
def spoken(engine: EngineHarness) -> Made:
    return engine.make("presenter", {**SPOKEN, "text": "Mamá, hola."}, size=SIZE)


def test_the_video_is_as_long_as_the_voice_and_has_captions_words_and_a_thumbnail(
    spoken: Made,
) -> None:
    times, frames = read_frames(spoken.path("video"))
    words = json.loads(spoken.path("words").read_text())
    assert frames.shape[1:] == (320, 180)
    assert words[-1]["end_ts"] <= len(times) / 15 <= words[-1]["end_ts"] + 1
    assert has_audio(spoken.path("video"))
    assert [word["text"] for word in words] == ["Mamá,", "hola."]
    assert "hola" in spoken.path("captions").read_text()
    with Image.open(spoken.path("thumbnail")) as thumbnail:
        assert thumbnail.size == (180, 320)


def test_the_video_and_the_log_tell_who_spoke(spoken: Made) -> None:
    by = SpokenBy(engine="espeak", voice="es+f3", language="es")
    assert spoken.outputs["video"].speech == (by,)
    assert spoken.outputs["words"].speech == ()
    assert f"spoken by {by}" in spoken.logs


def test_each_drawing_is_encoded_once_and_every_frame_is_there(engine: EngineHarness) -> None:
    made = engine.make("presenter", {**MUTE, "text": "Hola."}, size=(90, 160, 30))
    with av.open(str(made.path("video"))) as container:
        packets = [one for one in container.demux(container.streams.video[0]) if one.size]
    repeats = [packet for packet in packets if packet.size < 20]
    assert len(packets) / 3 < len(repeats) < len(packets) * 2 / 3
    times, frames = read_frames(made.path("video"))
    assert np.allclose(np.diff(times), 1 / 30, atol=1e-3)
    assert len(frames) == len(packets)
    same = [np.array_equal(one, other) for one, other in pairwise(frames)]
    assert sum(same) >= len(repeats)


def test_the_mouth_moves_while_the_presenter_speaks(engine: EngineHarness) -> None:
    made = engine.make("presenter", {**MUTE, "text": "Hola, mapa."}, size=SIZE)
    _, frames = read_frames(made.path("video"))
    moved = movement(frames)
    # The mouth of the character is in the middle, below the eyes.
    mouth = moved[120:150, 75:105].max()
    assert mouth > 40
    assert moved[:40].max() < 8


def test_the_same_request_gives_the_same_video(engine: EngineHarness) -> None:
    params = {**MUTE, "text": "Sí.", "presenters": [{"energy": 1.0}], "seed": 5}
    first, second = (engine.make("presenter", params, size=SIZE) for _ in range(2))
    other = engine.make("presenter", {**params, "seed": 6}, size=SIZE)
    assert first.path("video").read_bytes() == second.path("video").read_bytes()
    assert first.path("video").read_bytes() != other.path("video").read_bytes()


def test_drawn_characters_have_voices_of_their_gender_and_no_two_the_same(
    engine: EngineHarness,
) -> None:
    presenters = [{"character": {"name": name}} for name in ("gala", "leo", "maya")]
    turns = [{"text": "Hola."}] * 4
    params = {**MUTE, "presenters": presenters, "turns": turns, "quality": "draft"}
    made = engine.make("presenter", params, size=WIDE)
    assert [by.voice for by in made.outputs["video"].speech] == ["es+f3", "es", "es+f5"]


def test_in_a_dialogue_the_one_who_speaks_moves_the_lips_and_the_other_listens(
    engine: EngineHarness,
) -> None:
    made = engine.make(
        "presenter",
        {
            **MUTE,
            "presenters": [{"name": "Ann"}, {"name": "Bob", "voice": "es+m3"}],
            "turns": [{"text": "Mamá mapa, mamá."}, {"text": "Papá, pasa papa."}],
        },
        size=WIDE,
    )
    _, frames = read_frames(made.path("video"))
    words = json.loads(made.path("words").read_text())
    change = round(words[2]["end_ts"] * 15)
    assert [word["text"] for word in words[:4]] == ["Mamá", "mapa,", "mamá.", "Papá,"]
    left, right = frames[:, 80:98, 72:88], frames[:, 80:98, 232:248]
    first, second = slice(0, change - 1), slice(change + 4, None)
    assert movement(left[first]).mean() > 1.5 * movement(right[first]).mean()
    assert movement(right[second]).mean() > 1.5 * movement(left[second]).mean()


@pytest.fixture(scope="module", params=["webm", "mov"])
def transparent(engine: EngineHarness, request: pytest.FixtureRequest) -> Path:
    params = {**MUTE, "text": "Sí.", "background": "none", "transparent_format": request.param}
    path = engine.make("presenter", params, size=SIZE).path("video")
    assert path.suffix == f".{request.param}"
    return path


def test_without_a_background_the_video_is_transparent_around_the_presenter(
    transparent: Path,
) -> None:
    rgba = first_rgba(transparent)
    assert rgba[5, 5, 3] == 0
    assert rgba[300, 90, 3] == 255
    assert has_audio(transparent)
    # A straight edge: what is half transparent has the colour of the person, not of a background.
    edge = rgba[(rgba[..., 3] > 40) & (rgba[..., 3] < 200)]
    assert len(edge)
    assert np.median(edge[:, :3].max(1)) > 50


@pytest.mark.parametrize("color", ["white", "black", "0xff00ff"])
def test_laid_over_a_colour_by_ffmpeg_the_edge_has_no_fringe(transparent: Path, color: str) -> None:
    rgba = first_rgba(transparent)
    alpha, colours = rgba[..., 3], rgba[..., :3].astype(int)
    laid = over_color(transparent, color).astype(int)
    behind = laid[5, 5]
    # An edge is what is behind it, and by its opacity one of the opaque colours near it.
    opaque, share = (alpha > 250)[..., None], alpha[..., None] / 255
    near = np.ones((7, 7), np.uint8)
    darkest = cv2.erode(np.where(opaque, colours, 255).astype(np.float32), near)
    brightest = cv2.dilate(np.where(opaque, colours, 0).astype(np.float32), near)
    edge = (alpha > 25) & (alpha < 230) & (cv2.dilate(opaque.astype(np.uint8), near) > 0)
    assert edge.sum() > 50
    below = darkest * share + behind * (1 - share) - laid
    above = laid - brightest * share - behind * (1 - share)
    halo = np.maximum(below, above).max(-1)[edge]
    assert np.percentile(halo, 95) <= 10


def test_a_transparent_presenter_as_pictures_is_one_png_a_frame(engine: EngineHarness) -> None:
    params = {**SPOKEN, "text": "Sí.", "background": "none", "transparent_format": "png"}
    made = engine.make("presenter", params, size=SIZE)
    words = json.loads(made.path("words").read_text())
    with zipfile.ZipFile(made.path("video")) as archive:
        names = archive.namelist()
        with archive.open(names[0]) as first, Image.open(first) as picture:
            assert picture.mode == "RGBA"
            assert picture.size == (180, 320)
            assert picture.getpixel((5, 5))[3] == 0
            assert "Synthetic presenter" in xmp.comment(xmp.picture_packet(first))
    assert len(names) >= words[-1]["end_ts"] * 15


def test_a_presenter_in_a_circle_leaves_the_rest_of_the_video_as_it_is(
    engine: EngineHarness, clip: Path
) -> None:
    params = {**MUTE, "text": "Sí.", "inset": {"size": 0.6, "shadow": False}}
    made = engine.make("presenter", params, size=WIDE, background=clip)
    _, frames = read_frames(made.path("video"), form="rgb24")
    frame = frames[3]
    assert is_green(frame[90, 40])
    # The corner of the square around the circle, and its middle.
    assert is_green(frame[66, 206])
    assert not is_green(frame[120, 258])


@pytest.mark.parametrize(("kind", "control"), [("video", b"rc=crf"), ("picture", b"rc=cqp")])
def test_bits_are_allotted_by_a_look_ahead_only_where_a_video_moves(
    engine: EngineHarness, clip: Path, tmp_path: Path, kind: str, control: bytes
) -> None:
    background = clip
    if kind == "picture":
        background = tmp_path / "green.png"
        Image.new("RGB", (64, 64), "#00ff00").save(background)
    params = {**MUTE, "quality": "preview", "text": "Sí.", "inset": {}}
    made = engine.make("presenter", params, size=WIDE, background=background)
    # x264 writes its options into the stream.
    assert control in made.path("video").read_bytes()


@pytest.mark.parametrize("kind", ["video", "picture"])
def test_a_background_is_shown_around_the_presenter(
    engine: EngineHarness, clip: Path, tmp_path: Path, kind: str
) -> None:
    background = clip
    if kind == "picture":
        background = tmp_path / "green.png"
        Image.new("RGB", (64, 64), "#00ff00").save(background)
    params = {**MUTE, "text": "Sí.", "background": "replace"}
    made = engine.make("presenter", params, size=WIDE, background=background)
    _, frames = read_frames(made.path("video"), form="rgb24")
    assert is_green(frames[3][20, 20])
    assert not is_green(frames[3][150, 160])


def test_a_recorded_voice_moves_the_mouth_although_nothing_is_known_of_its_words(
    engine: EngineHarness, clip: Path
) -> None:
    made = engine.make("presenter", {"captions": None, "quality": "draft"}, size=SIZE, voice=clip)
    times, frames = read_frames(made.path("video"))
    assert len(times) == 15
    assert movement(frames)[120:150, 75:105].max() > 25


def test_a_logo_lies_on_top(engine: EngineHarness, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (80, 40), "#00ff00").save(logo)
    made = engine.make("presenter", {**MUTE, "text": "Sí."}, size=SIZE, logo=logo)
    _, frames = read_frames(made.path("video"), form="rgb24")
    assert is_green(frames[3][14, 158])


def test_a_preview_shows_the_body_at_rest_and_in_motion(engine: EngineHarness) -> None:
    made = engine.make("presenter_preview", size=(180, 240, 15))
    times, frames = read_frames(made.path("clip"))
    assert len(times) == 30
    assert movement(frames).max() > 40
    assert json.loads(made.path("faces").read_text()) == []
    with Image.open(made.path("neutral")) as neutral:
        assert neutral.size == (180, 240)
    assert "Synthetic presenter" in xmp.comment(xmp.box_packet(made.path("clip")))


def test_the_parts_of_a_preview_are_those_of_the_whole(engine: EngineHarness) -> None:
    size = (180, 240, 15)
    whole = engine.make("presenter_preview", size=size)
    for only, roles in (("still", {"neutral"}), ("clip", {"clip"})):
        part = engine.make("presenter_preview", {"only": only}, size=size)
        assert set(part.outputs) == {"faces", *roles}
        for role in roles:
            assert part.path(role).read_bytes() == whole.path(role).read_bytes()


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "params.text"),
        ({"text": "a", "presenters": [{"points": {"chin": [0, 0]}}]}, "params.presenters.0.points"),
        ({"text": "a", "presenters": [{"portrait": 1}]}, "params.presenters.0.portrait"),
        ({"turns": [{"text": "a", "presenter": "X"}]}, "params.turns.0.presenter"),
        ({"text": "a", "turns": [{"text": "b"}]}, "params.text"),
        ({"text": "a", "inset": {}, "background": "none"}, "params.inset"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_field(
    engine: EngineHarness, params: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        engine.make("presenter", params, size=SIZE)
    assert refusal.value.code is ErrorCode.VALIDATION_ERROR
    assert field.partition(".")[2] in str(refusal.value)


def test_a_presenter_cancelled_while_it_is_drawn_leaves_neither_file_nor_process(
    engine: EngineHarness,
) -> None:
    text = "Una frase larga para que dure. " * 10
    folder = engine.cancelled(
        "presenter", {**MUTE, "text": text}, size=SIZE, when=lambda news: news.step == "encoding"
    )
    assert not [path for path in folder.rglob("*") if path.is_file()]
    commands = [command_of(one) for one in psutil.Process().children(recursive=True)]
    assert not [one for one in commands if "frame_program" in one or str(folder) in one]


def test_the_same_request_is_answered_from_the_cache_with_the_same_bytes(tmp_path: Path) -> None:
    harness = EngineHarness(tmp_path, renderer_cache_bytes=10_000_000)
    try:
        made = [harness.make("presenter", {**MUTE, "text": "Sí."}, size=SIZE) for _ in range(2)]
    finally:
        harness.close()
    assert ["answered from the cache of results" in one.logs for one in made] == [False, True]
    assert made[0].path("video").read_bytes() == made[1].path("video").read_bytes()


def movement(frames: Any) -> Any:
    """Return by how much each pixel changes over time."""
    return frames.max(0).astype(int) - frames.min(0)


def is_green(pixel: Any) -> bool:
    red, green, blue = (int(part) for part in pixel)
    return green > 200 and red < 60 and blue < 60


def over_color(path: Path, color: str) -> Any:
    """Return the first frame, laid over a colour by FFmpeg, sRGB."""
    width, height, fps = SIZE
    source = ("-f", "lavfi", "-i", f"color={color}:s={width}x{height}:r={fps}")
    laid = ("-filter_complex", "[1][0]overlay=format=gbrp")
    return first_frame(path, *source, *laid, "-pix_fmt", "rgb24").reshape(height, width, 3)


def first_rgba(path: Path) -> Any:
    return first_frame(path, "-pix_fmt", "rgba").reshape(SIZE[1], SIZE[0], 4)


def first_frame(path: Path, *options: str) -> Any:
    """Return the bytes of the first frame, decoded with its transparency."""
    decoder = ("-c:v", "libvpx-vp9") if path.suffix == ".webm" else ()
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *decoder, "-i", str(path)]
    output = ("-frames:v", "1", "-f", "rawvideo", "-")
    done = subprocess.run([*command, *options, *output], check=True, capture_output=True)
    return np.frombuffer(done.stdout, np.uint8)


def test_without_whisper_a_recording_without_text_has_no_captions_unless_they_are_asked_for(
    spoken: Made, tmp_path: Path
) -> None:
    said = tmp_path / "said.wav"
    make(said, "-i", str(spoken.path("video")), "-vn")
    harness = EngineHarness(tmp_path / "engine", gala_weights_dir=tmp_path / "none")
    try:
        made = harness.make("presenter", {"quality": "draft"}, size=SIZE, voice=said)
        asked = harness.make(
            "presenter", {"quality": "draft", "captions": {}}, size=SIZE, voice=said
        )
        kit = Setting(
            format=Format(width=SIZE[0], height=SIZE[1], fps=SIZE[2]),
            brand=BrandKit.parse({"fonts": {"body": "Inter"}}),
        )
        looks = branded({"quality": "draft"}, kit, all_types()["presenter"])
        of_kit = harness.make("presenter", looks, size=SIZE, voice=said)
    finally:
        harness.close()
    assert [line for line in of_kit.logs if line.startswith("no captions: ")]
    (line,) = [line for line in made.logs if line.startswith("no captions: ")]
    assert "gala weights pull whisper" in line
    assert json.loads(made.path("words").read_text()) == []
    _, frames = read_frames(made.path("video"))
    assert movement(frames)[120:150, 75:105].max() > 40
    assert asked.error.code is ErrorCode.ENGINE_MISSING
