"""Scenes of films are kept: what was not changed is not rendered again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from gala.render_protocol import Progress
from gala_renderer.timeline import film_passes
from tests.fakes.media_files import make
from tests.support.drawn_sprites import SIZE as SPRITE_SIZE
from tests.support.drawn_sprites import draw_sprites, save_sprites
from tests.support.engine import EngineHarness, Made
from tests.support.films import Frames, edges, frames_of, is_near, made, shape, sound_of
from tests.support.lotties import jumping_square

SOUND_KEPT = "sound of the film: as rendered before"


def film(*prices: str, moves: bool = False) -> dict[str, Any]:
    """Return a film of scenes of 0.6 s; a shape may move over all of them."""
    moving = shape("#00ff00", width="10%", height="10%", keyframes=[
        {"time": 0, "x": "10%", "y": "20%", "easing": "linear"},
        {"time": "100%", "x": "90%", "y": "20%"},
    ])  # fmt: skip
    return {
        "scenes": [
            {"elements": [{"type": "text", "text": price, "font_size": "30%"}], "duration": 0.6,
             "background": color}
            for price, color in zip(prices, ("#800000", "#000080", "#800080"), strict=False)
        ],
        "tracks": [{"clips": [moving]}] if moves else [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path_factory.mktemp("kept"), renderer_cache_bytes=1 << 26)
    yield harness
    harness.close()


def test_one_changed_price_renders_one_scene_of_three(keeping: EngineHarness) -> None:
    first = made(keeping, film("5", "6", "7"))
    assert "parts of the film: 3 rendered, 0 as rendered before" in first.logs
    changed = made(keeping, film("5", "9", "7"))
    assert "parts of the film: 1 rendered, 2 as rendered before" in changed.logs
    before, after = (frames_of(one.path("video")) for one in (first, changed))
    assert before.shape == after.shape == (36, 120, 160, 3)
    same = [bool(np.array_equal(a, b)) for a, b in zip(before, after, strict=True)]
    assert same == [True] * 12 + [False] * 12 + [True] * 12


def test_a_kept_scene_that_is_seen_twice_is_not_rendered_again(keeping: EngineHarness) -> None:
    wanted = film("30", "40")
    made(keeping, wanted)
    wanted["scenes"] = [wanted["scenes"][number] for number in (0, 1, 0)]
    again = made(keeping, wanted)
    assert "parts of the film: 0 rendered, 3 as rendered before" in again.logs
    frames = frames_of(again.path("video"))
    assert len(frames) == 36
    assert np.array_equal(frames[3], frames[27])


def in_one_pass(engine: EngineHarness, params: dict[str, Any], *media: Path) -> Made:
    """Return a film that is rendered as those without parts are."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(film_passes, "goes_in_parts", lambda *_: False)
        film = made(engine, params, *media)
    assert not any("parts" in line for line in film.logs)
    return film


def test_another_look_of_a_group_renders_its_scene_again(
    keeping: EngineHarness, tmp_path: Path
) -> None:
    def graded(size: int) -> dict[str, Any]:
        table = tmp_path / "look.cube"
        values = [
            f"{r / (size - 1):g} {g / (size - 1):g} {0.5 * b / (size - 1):g}"
            for b in range(size) for g in range(size) for r in range(size)
        ]  # fmt: skip
        table.write_text(f"LUT_3D_SIZE {size}\n" + "\n".join(values) + "\n")
        wanted = film("1", "2")
        elements = wanted["scenes"][1]["elements"]
        wanted["scenes"][1]["elements"] = [
            {"type": "group", "elements": elements, "lut": "look.cube"}
        ]
        return {"params": wanted, "table": table}

    for size, told in ((2, "2 rendered, 0"), (3, "1 rendered, 1")):
        one = graded(size)
        logs = made(keeping, one["params"], one["table"]).logs
        assert f"parts of the film: {told} as rendered before" in logs


def test_a_film_of_parts_looks_like_one_that_was_rendered_at_once(
    keeping: EngineHarness, engine: EngineHarness
) -> None:
    parts = frames_of(made(keeping, film("5", "6", moves=True)).path("video"))
    whole = frames_of(in_one_pass(engine, film("5", "6", moves=True)).path("video"))
    assert len(parts) == len(whole) == 24
    assert np.abs(parts.astype(int) - whole.astype(int)).mean() < 2
    seen = [is_near(parts[11][110, 5], (128, 0, 0)), is_near(parts[12][110, 5], (0, 0, 128))]
    assert seen == [True, True]


ESPEAK = {"engine": "espeak", "voice": "en-us"}


def spoken(*texts: str) -> dict[str, Any]:
    """Return a film of scenes, in each of which a presenter says a text."""
    scenes = [
        {"elements": [{"type": "presenter", "character": {"name": "leo"}, "text": text}]}
        for text in texts
    ]
    return {"scenes": scenes, "voice": ESPEAK}


def test_a_changed_sentence_of_a_presenter_renders_its_scene_alone(
    keeping: EngineHarness,
) -> None:
    first = made(keeping, spoken("Papa.", "Mama."))
    assert "parts of the film: 2 rendered, 0 as rendered before" in first.logs
    changed = made(keeping, spoken("Papa.", "Bobo."))
    assert "parts of the film: 1 rendered, 1 as rendered before" in changed.logs


def test_another_picture_of_a_sprite_renders_its_scenes_again(
    keeping: EngineHarness, tmp_path: Path
) -> None:
    paths = save_sprites(draw_sprites(), tmp_path)
    wanted = spoken("Papa.", "Mama.")
    sprites = {"pictures": {name: f"{name}.png" for name in paths}}
    speaker = {"type": "presenter", "sprites": sprites, "text": "Mama."}
    wanted["scenes"][1]["elements"] = [speaker]
    made(keeping, wanted, *paths.values())
    Image.new("RGBA", SPRITE_SIZE, (0, 255, 0, 255)).save(paths["base"])
    changed = made(keeping, wanted, *paths.values())
    assert "parts of the film: 1 rendered, 1 as rendered before" in changed.logs
    assert is_near(frames_of(changed.path("video"))[-1][100, 80], (0, 255, 0))


def test_presenters_and_waveforms_go_on_where_a_part_ends(
    engine: EngineHarness, tone: Path
) -> None:
    text = "Papa, wow, mama, one, two, three."
    speaker = {"type": "presenter", "character": {"name": "leo"}, "text": text,
               "position": "bottom-left", "height": "80%"}  # fmt: skip
    heard = {"type": "audio", "src": "tone", "name": "tone", "volume": 0.1, "duration": 1.2}
    shown = {"type": "waveform", "of": "tone", "style": "progress", "height": "20%",
             "position": "top"}  # fmt: skip
    tracks = [{"clips": [one]} for one in (speaker, heard, shown)]
    scene = {"elements": [shape("#204060", width="100%", height="100%")], "duration": 0.6}
    wanted = {"scenes": [scene, scene], "tracks": tracks, "voice": ESPEAK, "quality": "production"}
    made_in_parts = made(engine, wanted, tone)
    assert any(line.startswith("parts of the film: 2") for line in made_in_parts.logs)
    parts = frames_of(made_in_parts.path("video"))
    whole = frames_of(in_one_pass(engine, wanted, tone).path("video"))
    assert len(parts) == len(whole) >= 24
    assert np.abs(parts.astype(int) - whole.astype(int)).mean(axis=(1, 2, 3)).max() < 3
    # What is seen after the cut is not what was seen from the start on.
    seen = {"mouth": np.s_[:, 60:80, 34:58], "waveform": np.s_[:, :20]}
    for name, area in seen.items():
        later, expected, first = (
            frames[area].astype(int) for frames in (parts[12:24], whole[12:24], whole[:12])
        )
        wrong, moved = np.abs(later - expected).mean(), np.abs(later - first).mean()
        assert wrong < 0.75 * moved, (name, wrong, moved)


def test_an_animation_is_drawn_in_each_part_in_which_it_is_seen(
    engine: EngineHarness, tmp_path: Path
) -> None:
    path = tmp_path / "square.json"
    path.write_text(json.dumps(jumping_square((0, 1, 0))))
    jumping = {"type": "lottie", "src": "square.json", "width": "50%", "loop": True,
               "duration": 1.2}  # fmt: skip
    wanted = {**film("1", "2"), "tracks": [{"clips": [jumping]}], "quality": "production"}
    done = made(engine, wanted, path)
    assert "parts of the film: 2 rendered, 0 as rendered before" in done.logs
    # Left for half a second, then right.
    seen = [edges(frame, (0, 255, 0))[0] for frame in frames_of(done.path("video"))]
    assert seen[0] == seen[9] == seen[20] < seen[10] == seen[19]


def sounding(*prices: str, volume: float = 0.5, moves: bool = False) -> dict[str, Any]:
    """Return a film with a tone from its first to its last frame."""
    heard = {"type": "audio", "src": "tone", "volume": volume, "duration": "end"}
    silent = film(*prices, moves=moves)
    return {**silent, "tracks": [*silent["tracks"], {"clips": [heard]}]}


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    return make(path, "-f", "lavfi", "-i", "sine=f=330:r=48000:d=3")


def test_an_unchanged_sound_is_neither_mixed_nor_encoded_again(
    keeping: EngineHarness, tone: Path
) -> None:
    first = made(keeping, sounding("5", "6"), tone)
    assert SOUND_KEPT not in first.logs
    changed = made(keeping, sounding("5", "9"), tone)
    assert SOUND_KEPT in changed.logs
    before, after = (sound_of(one.path("video"))[0] for one in (first, changed))
    assert len(before) > 0
    assert np.array_equal(before, after)
    quieter = made(keeping, sounding("5", "9", volume=0.1), tone)
    assert SOUND_KEPT not in quieter.logs


@pytest.mark.parametrize("moves", [False, True], ids=["beside a part", "after all parts"])
def test_a_kept_sound_is_that_of_a_film_that_was_rendered_at_once(
    keeping: EngineHarness, engine: EngineHarness, tone: Path, *, moves: bool
) -> None:
    wanted = sounding("7", "8", volume=0.3, moves=moves)
    parts, again = (made(keeping, wanted, tone) for _ in range(2))
    whole = made(engine, {**wanted, "file_format": "m4a"}, tone)
    heard, copied, expected = (sound_of(one.path("video"))[0] for one in (parts, again, whole))
    steps = [one.step for one in parts.events if isinstance(one, Progress)]
    assert ("encoding the sound" in steps) == moves
    assert np.array_equal(heard, copied)
    assert len(heard) == len(expected)
    assert np.abs(heard - expected).max() < 1e-6


def test_segments_of_all_sizes_are_cut_from_the_joined_parts_at_the_same_times(
    keeping: EngineHarness, tone: Path, tmp_path: Path
) -> None:
    wanted = {**sounding("5", "6", "7"), "file_format": "hls", "quality": "draft",
              "contact_sheet": True}  # fmt: skip
    wanted["scenes"] = [{**scene, "duration": 3} for scene in wanted["scenes"]]
    ladder = keeping.make("timeline", wanted, size=(640, 400, 10), media=[tone])
    assert "parts of the film: 3 rendered, 0 as rendered before" in ladder.logs
    with zipfile.ZipFile(ladder.path("video")) as archive:
        archive.extractall(tmp_path)
    lengths = [
        [line for line in (tmp_path / name).read_text().splitlines() if "EXTINF" in line]
        for name in ("v0.m3u8", "v1.m3u8")
    ]
    assert lengths[0] == lengths[1]
    assert len(lengths[0]) >= 2
    for name in ("v0.m3u8", "v1.m3u8"):
        frames = frames_of(tmp_path / name)
        assert len(frames) == 90
        assert is_near(frames[29][5, 5], (128, 0, 0))
        assert is_near(frames[30][5, 5], (0, 0, 128))
    assert len(sound_of(tmp_path / "v2.m3u8")[0]) >= 9 * 48000
    with Image.open(ladder.path("contact_sheet")) as sheet:
        assert sheet.width > 500
    again = keeping.make("timeline", {**wanted, "quality": "draft", "contact_sheet": False},
                         size=(640, 400, 10), media=[tone])  # fmt: skip
    assert "parts of the film: 0 rendered, 3 as rendered before" in again.logs


LEVELS = 40
CLIP_SECONDS = 0.2


@pytest.fixture(scope="module")
def ramp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of two seconds whose frames become brighter, by four levels each."""
    path = tmp_path_factory.mktemp("ramp") / "ramp.mp4"
    source = f"color=black:s=160x120:r=20:d={LEVELS / 20},format=yuv420p,geq='16+4*N':128:128"
    return make(path, "-f", "lavfi", "-i", source, "-c:v", "libx264", "-crf", "5")


def cuts(count: int, **fields: Any) -> dict[str, Any]:
    """Return a film of clips, one after another, each from a later time of the ramp."""
    clips = [
        {
            "type": "video",
            "src": "ramp",
            "start": number * CLIP_SECONDS,
            "trim": {"start": CLIP_SECONDS * (number % 8), "end": CLIP_SECONDS * (number % 8 + 1)},
        }
        for number in range(count)
    ]
    return {"tracks": [{"clips": clips}], **fields}


def levels_of(frames: Any) -> list[int]:
    """Return the number of the ramp's frame that each frame shows."""
    luma = frames[:, 60, 80].astype(float).mean(axis=1) * 219 / 255
    return [round(level / 4) for level in luma]


def test_a_film_of_many_clips_is_encoded_in_parts_with_every_frame_at_its_place(
    engine: EngineHarness, ramp: Path
) -> None:
    film = made(engine, cuts(10), ramp)
    assert "parts of the film: 3 rendered, 0 as rendered before" in film.logs
    expected = [number % 32 for number in range(40)]
    assert levels_of(frames_of(film.path("video"))) == expected


@pytest.mark.parametrize(
    ("clip", "once"),
    [
        ({}, list(range(LEVELS))),
        ({"trim": {"start": 0.5, "end": 1}, "reverse": True}, list(range(19, 9, -1))),
    ],
)
def test_a_video_that_repeats_over_scenes_is_decoded_once_for_all(
    engine: EngineHarness, ramp: Path, clip: dict[str, Any], once: list[int]
) -> None:
    background = {"type": "video", "src": "ramp", "loop": True, "duration": 5, **clip}
    small = shape("#ffffff", width="5%", height="5%", position="top-left")
    scenes = [{"elements": [small], "duration": seconds} for seconds in (3.15, 1.85)]
    wanted = {"scenes": scenes, "tracks": [{"clips": [background]}], "quality": "production"}
    done = made(engine, wanted, ramp)
    assert "parts of the film: 2 rendered, 0 as rendered before" in done.logs
    expected = [once[number % len(once)] for number in range(100)]
    assert levels_of(frames_of(done.path("video"))) == expected
    steps = [event.step for event in done.events if isinstance(event, Progress)]
    assert [name for name, _ in groupby(steps)].count("decoding") == 1


@pytest.mark.parametrize(
    "wanted",
    [
        {"file_format": "webm"},
        {"codec": "hevc"},
        {"codec": "av1"},
        {"file_format": "mov", "codec": "prores"},
        {"file_format": "webm", "transparent": True},
        {"file_format": "mov", "transparent": True},
    ],
)
def test_parts_of_every_codec_are_joined_without_a_gap(
    engine: EngineHarness, ramp: Path, tone: Path, wanted: dict[str, Any]
) -> None:
    film = cuts(6, **wanted)
    heard = {"type": "audio", "src": "tone", "duration": "end"}
    film["tracks"].append({"clips": [heard]})
    done = made(engine, film, ramp, tone)
    assert "parts of the film: 2 rendered, 0 as rendered before" in done.logs
    with av.open(done.path("video")) as opened:
        base = opened.streams.video[0].time_base
        times = [float(frame.pts * base) for frame in opened.decode(video=0)]
    assert times == pytest.approx([number / 20 for number in range(24)], abs=0.0006)
    shown = levels_of(frames_of(done.path("video")))
    assert max(abs(level - number) for number, level in enumerate(shown)) <= 1
    with av.open(done.path("video")) as opened:
        sound = [(frame.samples, frame.to_ndarray()) for frame in opened.decode(audio=0)]
    assert sum(length for length, _ in sound) / 48_000 == pytest.approx(1.2, abs=0.06)
    assert max(float(np.abs(samples).max()) for _, samples in sound) > 0


@pytest.mark.parametrize("wanted", [{}, {"codec": "hevc"}, {"file_format": "mov"}])
def test_a_film_with_a_part_of_one_frame_has_an_even_frame_rate(
    engine: EngineHarness, wanted: dict[str, Any]
) -> None:
    scenes = [
        {"background": color, "duration": seconds, "elements": [shape("white", width="10%")]}
        for color, seconds in (("navy", 0.05), ("maroon", 0.8), ("black", 0.05))
    ]
    # B-frames, which refer to one another.
    done = made(engine, {"scenes": scenes, "quality": "production", **wanted})
    assert "parts of the film: 3 rendered, 0 as rendered before" in done.logs
    with av.open(done.path("video")) as opened:
        video = opened.streams.video[0]
        assert video.average_rate == 20
        times = [float(frame.pts * video.time_base) for frame in opened.decode(video)]
    assert times == pytest.approx([number / 20 for number in range(18)])


@pytest.mark.parametrize("clear", [False, True], ids=["opaque", "transparent"])
@pytest.mark.parametrize("file_format", ["gif", "webp"])
def test_an_animation_of_parts_is_that_of_one_pass(
    engine: EngineHarness, ramp: Path, file_format: str, clear: bool
) -> None:
    wanted = cuts(6, file_format=file_format, transparent=clear, poster=1.0)
    wanted["tracks"][0]["clips"][0] |= {"width": "50%"}
    parts, whole = made(engine, wanted, ramp), in_one_pass(engine, wanted, ramp)
    assert "parts of the film: 2 rendered, 0 as rendered before" in parts.logs
    (pictures, times), (expected, expected_times) = (
        animated(one.path("video")) for one in (parts, whole)
    )
    assert times == expected_times
    assert sum(times) == pytest.approx(1200, abs=20)
    assert np.array_equal(pictures, expected)
    assert parts.path("poster").read_bytes() == whole.path("poster").read_bytes()


def animated(path: Path) -> tuple[Frames, list[int]]:
    """Return the pictures of a GIF or WebP with transparency, and milliseconds of each."""
    pictures, times = [], []
    with Image.open(path) as animation:
        for one in ImageSequence.Iterator(animation):
            pictures.append(np.asarray(one.convert("RGBA")))
            times.append(one.info["duration"])
    return np.stack(pictures), times


def test_a_film_of_parts_has_a_poster_and_a_contact_sheet(
    engine: EngineHarness, ramp: Path
) -> None:
    done = made(engine, cuts(6, poster=1.0, contact_sheet=True), ramp)
    assert "parts of the film: 2 rendered, 0 as rendered before" in done.logs
    with Image.open(done.path("poster")) as poster:
        assert poster.size == (160, 120)
        shown = np.asarray(poster.convert("L"))[60, 80]
    assert round(float(shown) * 219 / 255 / 4) == 20
    with Image.open(done.path("contact_sheet")) as sheet:
        gray = np.asarray(sheet.convert("L")).astype(float)
    # Four columns and three rows of pictures of 320 x 240 pixels with gaps of eight.
    middles = [gray[8 + 120 + 248 * row, 8 + 160 + 328 * at] for row in range(3) for at in range(4)]
    seen = [round(level * 219 / 255 / 4) for level in middles]
    assert seen == [2 * number + 1 for number in range(12)]
