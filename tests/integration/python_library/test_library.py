"""The classes of the Python library with real media and tiny weights."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.errors import EngineMissing, InvalidRequest, Unavailable, UnprocessableMedia
from gala.render_protocol import Progress
from gala_renderer import STT, Caption, ChatterboxTTS, KokoroTTS, MediaUtils, VideoBuilder
from tests.support.media_probe import has_audio, read_frames, read_samples

Samples = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _installed(installed: Path) -> None:
    """A home with everything that the library needs."""


def test_kokoro_tells_each_word_and_the_length(tmp_path: Path) -> None:
    told: list[Progress] = []
    target = tmp_path / "a.wav"
    captions, seconds = KokoroTTS().generate("Hello, world!", target, on_progress=told.append)

    assert [caption["text"] for caption in captions] == ["Hello,", "world!"]
    assert all(set(caption) == {"text", "start_ts", "end_ts"} for caption in captions)
    times = [time for one in captions for time in (one["start_ts"], one["end_ts"])]
    assert times == sorted(times)
    with wave.open(str(target)) as file:
        assert seconds == pytest.approx(file.getnframes() / file.getframerate(), abs=1e-3)
    assert times[-1] <= seconds + 0.01
    assert told[-1].fraction == 1


def test_a_voice_or_pace_that_cannot_be_is_refused_by_name(tmp_path: Path) -> None:
    for arguments, field in (
        ({"voice": "af_nobody"}, "voice"),
        ({"voice": "af_heart+"}, "voice"),
        ({"speed": 3.0}, "speed"),
        ({"text": " "}, "text"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            KokoroTTS().generate(
                **{"text": "Hello", "output_path": tmp_path / "a.wav", **arguments}
            )  # type: ignore[arg-type]
        assert refused.value.details["field"] == field
        assert str(refused.value).startswith(field)
    with pytest.raises(InvalidRequest) as refused:
        ChatterboxTTS().generate("Hello", tmp_path / "a.wav", temperature=9)
    assert refused.value.details["field"] == "temperature"
    assert list(tmp_path.iterdir()) == []


def test_whisper_gives_words_and_the_length(samples: Samples) -> None:
    captions, seconds = STT().transcribe(samples("voice"), language="en", beam_size=1)
    assert seconds == pytest.approx(3, abs=0.05)
    assert all(set(caption) == {"text", "start_ts", "end_ts"} for caption in captions)
    with pytest.raises(UnprocessableMedia):
        STT().transcribe(samples("picture"))


def test_looks_into_files_have_the_media_servers_shapes(samples: Samples) -> None:
    utils = MediaUtils()
    video, sound = utils.get_video_info(samples("video")), utils.get_audio_info(samples("voice"))
    assert video == {
        "duration": pytest.approx(3, abs=0.05), "width": 320, "height": 180, "fps": "30",
        "aspect_ratio": "16:9", "codec": "h264",
    }  # fmt: skip
    assert sound == {
        "duration": 3.0, "channels": 1, "sample_rate": "24000", "codec": "pcm_s16le",
        "bitrate": "384000",
    }  # fmt: skip
    assert utils.get_audio_info(samples("video"))["codec"] == "aac"
    with pytest.raises(UnprocessableMedia):
        utils.get_audio_info(samples("picture"))


def test_frames_overlays_and_samples(samples: Samples, tmp_path: Path) -> None:
    utils = MediaUtils()
    assert utils.extract_frame(samples("video"), tmp_path / "a.png", timestamp=99)
    with Image.open(tmp_path / "a.png") as frame:
        assert (frame.format, frame.size) == ("PNG", (320, 180))
    frames = utils.extract_frames(samples("video"), tmp_path / "frames", 3, length_seconds=1.5)
    assert [path.suffix for path in frames] == [".jpg"] * 3
    assert sorted(frames) == sorted((tmp_path / "frames").iterdir())

    over = tmp_path / "over.mp4"
    assert utils.colorkey_overlay(samples("video"), samples("green_screen"), over, color="#00ff00")
    middle = read_frames(over, form="rgb24")[1][15][90, 160]
    assert middle[0] > 200 > 60 > middle[1]

    (tmp_path / "raw.pcm").write_bytes(np.arange(24_000, dtype="<i2").tobytes())
    assert utils.convert_pcm_to_wav(tmp_path / "raw.pcm", tmp_path / "raw.wav")
    info = utils.get_audio_info(tmp_path / "raw.wav")
    assert (info["sample_rate"], info["channels"], info["duration"]) == ("44100", 1, 1.0)


def test_another_ffmpeg_can_be_named(samples: Samples, tmp_path: Path) -> None:
    import imageio_ffmpeg

    named = tmp_path / "my-ffmpeg"
    named.symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    utils = MediaUtils(ffmpeg_path=named)
    assert utils.extract_frame(samples("video"), tmp_path / "a.jpg")
    builder = VideoBuilder((64, 64)).set_media_utils(utils)
    builder.set_background_image(samples("picture")).set_audio(samples("voice"))
    command = builder.set_output_path(tmp_path / "a.mp4").build_command()
    assert command[0] == str(named.resolve())
    with pytest.raises(Unavailable, match="no-such-ffmpeg"):
        MediaUtils(ffmpeg_path="no-such-ffmpeg")


@pytest.mark.parametrize("dimensions", [(1080,), (1, 2, 3), 5, None, "ab", (1080, "x"), (7, 7)])
def test_dimensions_that_are_no_pair_of_sides_are_a_value_error(dimensions: Any) -> None:
    with pytest.raises(ValueError, match="dimensions"):
        VideoBuilder(dimensions=dimensions)


def test_what_is_missing_is_a_value_error(samples: Samples, tmp_path: Path) -> None:
    def built() -> VideoBuilder:
        return VideoBuilder((64, 64)).set_output_path(tmp_path / "a.mp4")

    picture, video = samples("picture"), samples("video")
    subtitles = samples("subtitles")
    cases = (
        (built().set_audio(samples("voice")), "background"),
        (built().set_background_video(video), "Audio or captions"),
        (built().set_background_image(picture), "Audio or captions"),
        (built().set_background_image(picture).set_captions(subtitles), "requires audio"),
        (
            VideoBuilder((64, 64)).set_background_video(video).set_captions(subtitles),
            "set_output_path",
        ),
    )
    for builder, said in cases:
        for work in (builder.build_command, builder.execute):
            with pytest.raises(ValueError, match=said):
                work()
    with pytest.raises(InvalidRequest, match=r"effect_config\.direction"):
        built().set_background_image(picture, {"effect": "pan", "direction": "up"})
    with pytest.raises(InvalidRequest, match=r"effect_config\.zoom"):
        built().set_background_image(picture, {"effect": "ken_burns", "zoom": 1})


def test_the_command_is_the_one_that_is_run(samples: Samples, tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    command = (
        VideoBuilder(dimensions=(180, 320))
        .set_media_utils(MediaUtils())
        .set_background_image(samples("picture"), effect_config={"effect": "pan", "speed": "fast"})
        .set_audio(samples("voice"))
        .set_captions(samples("subtitles"), config={"font_size": 20, "alignment": 5})
        .set_output_path(target)
        .build_command()
    )
    assert isinstance(command, list)
    assert Path(command[0]).name.startswith("ffmpeg")
    assert str(samples("voice")) in command
    assert str(target) in command
    assert command[command.index("-c:v") + 1] == "libx264"
    assert not target.exists()
    assert command.execute()
    assert read_frames(target)[1].shape == (90, 320, 180)


def test_a_still_without_captions_can_be_made_by_the_command_alone(
    samples: Samples, tmp_path: Path
) -> None:
    builder = VideoBuilder((180, 320)).set_background_image(samples("picture"))
    builder.set_audio(samples("voice")).set_output_path(tmp_path / "a.mp4")
    command = builder.build_command()
    assert len(command.lines) == 1
    assert not any("ffconcat" in word for word in command)


def test_effects_move_the_picture(samples: Samples, tmp_path: Path) -> None:
    moved = {}
    for effect in (
        None,
        {"effect": "ken_burns", "zoom_factor": 0.002, "direction": "zoom-to-top-left"},
        {"effect": "pan", "direction": "left-to-right", "speed": "slow"},
    ):
        target = tmp_path / "a.mp4"
        builder = VideoBuilder((96, 160)).set_background_image(samples("picture"), effect)
        assert builder.set_audio(samples("voice")).set_output_path(target).execute()
        frames = read_frames(target)[1].astype(int)
        moved[effect["effect"] if effect else None] = abs(frames[-1] - frames[0]).mean()
    assert moved[None] < 1
    assert moved["ken_burns"] > 3
    assert moved["pan"] > 3


def test_captions_alone_go_on_a_video_with_its_own_sound(samples: Samples, tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    builder = VideoBuilder((180, 320)).set_background_video(samples("video"))
    assert builder.set_captions(samples("subtitles")).set_output_path(target).execute()
    frames = read_frames(target)[1]
    assert frames.shape == (90, 320, 180)
    assert has_audio(target)


def test_a_sound_over_a_video_tells_the_length(samples: Samples, tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    builder = VideoBuilder((180, 320)).set_background_video(samples("other_video"))
    assert builder.set_audio(samples("voice")).set_output_path(target).execute()
    assert len(read_frames(target)[0]) == 90
    rate, samples_heard = read_samples(target)
    assert samples_heard.shape[1] / rate == pytest.approx(3, abs=0.05)


def test_the_style_of_an_ass_file_is_what_is_shown(samples: Samples, tmp_path: Path) -> None:
    black = tmp_path / "black.png"
    Image.new("RGB", (180, 320)).save(black)
    segments = [{"text": ["HHHH"], "start_ts": 0.0, "end_ts": 3.0}]
    colours = {}
    for position in ("top", "bottom"):
        ass = Caption().create_subtitle(
            segments, (180, 320), tmp_path / "a.ass", font_size=40, font_color="#ff0000",
            subtitle_position=position,
        )  # fmt: skip
        builder = VideoBuilder((180, 320)).set_background_image(black).set_captions(ass)
        builder.set_audio(samples("voice")).set_output_path(tmp_path / "a.mp4").execute()
        frame = read_frames(tmp_path / "a.mp4", form="rgb24")[1][45].astype(int)
        rows = np.flatnonzero((frame[:, :, 0] > 150).any(axis=1))
        colours[position] = (rows.mean() / 320, frame[:, :, 1].max())
    assert colours["top"][0] == pytest.approx(0.20, abs=0.04)
    assert colours["bottom"][0] == pytest.approx(0.75, abs=0.04)
    assert max(green for _, green in colours.values()) < 90


def test_a_merge_needs_clips_and_a_volume_that_can_be(samples: Samples, tmp_path: Path) -> None:
    utils = MediaUtils()
    with pytest.raises(InvalidRequest, match="video_paths"):
        utils.merge_videos([], tmp_path / "a.mp4")
    with pytest.raises(InvalidRequest, match="music_volume"):
        utils.merge_videos([samples("video")], tmp_path / "a.mp4", samples("song"), 5)


def test_weights_that_are_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from gala_renderer import in_process

    engine = in_process.local_engine.InProcessEngine  # type: ignore[attr-defined]
    monkeypatch.setenv("GALA_HOME", str(tmp_path))
    bare = engine()
    monkeypatch.setitem(in_process._engines, None, bare)
    try:
        with pytest.raises(EngineMissing, match="gala weights pull kokoro"):
            KokoroTTS().generate("Hello", tmp_path / "a.wav")
        with pytest.raises(EngineMissing, match="gala weights pull whisper"):
            STT().transcribe(__file__)
    finally:
        bare.close()
