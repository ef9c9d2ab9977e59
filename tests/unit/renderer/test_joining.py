"""FFmpeg's arguments for joining clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from gala.render_types.params.framing import Fit
from gala_renderer.cutting.concat_graph import Join, Take, joined_pictures, joined_sound
from gala_renderer.probe.media import AudioStream, Media, VideoStream

SIZE, RATE = (320, 180), Fraction(30)


def film(name: str = "film.mp4", *, sound: bool = True, **picture: Any) -> Media:
    given = {"width": 320, "height": 180, "rate": RATE, "pixel_format": "yuv420p", **picture}
    heard = AudioStream(rate=48000, channels=2) if sound else None
    return Media(path=Path("/in") / name, demuxer="mov", picture=VideoStream(**given), sound=heard)


def arguments(join: Join) -> list[str]:
    streams = [stream for stream in (joined_pictures(join), joined_sound(join)) if stream]
    return [str(word) for word in ffmpeg.output(*streams, "out.mp4").get_args()]


def graph(join: Join) -> str:
    words = arguments(join)
    return words[words.index("-filter_complex") + 1]


def join(*takes: Take, **more: Any) -> Join:
    return Join(**{"takes": takes, "size": SIZE, "rate": RATE, **more})


def test_a_take_is_opened_early_enough_for_the_frame_that_is_shown_at_its_start() -> None:
    words = arguments(join(Take(media=film(seconds=4.0), start=Fraction(2), frames=30)))
    assert words[words.index("-ss") + 1] == "1.933000"
    assert "atrim=start=0.067000" in " ".join(words)
    variable = film(seconds=4.0, steady=False, longest_frame=0.5)
    words = arguments(join(Take(media=variable, start=Fraction(2), frames=30)))
    assert words[words.index("-ss") + 1] == "1.466000"


def test_a_take_of_what_follows_the_picture_is_opened_at_its_last_frame() -> None:
    held = film(seconds=4.0)
    words = arguments(join(Take(media=held, start=Fraction(9), frames=30)))
    assert 3.85 < float(words[words.index("-ss") + 1]) < 4.0 - 1 / 30


def test_equal_takes_are_two_inputs() -> None:
    take = Take(media=film(), frames=30)
    words = arguments(join(take, take))
    assert words.count("-i") == 2


def test_only_takes_of_another_shape_are_fitted() -> None:
    same, tall = film(), film("tall.mp4", width=90, height=160)
    assert "]pad=" not in graph(join(Take(media=same, frames=30)))
    assert "]pad=" in graph(join(Take(media=same, frames=30), Take(media=tall, frames=30)))
    cropped = join(Take(media=tall, frames=30), fit=Fit.COVER)
    assert "crop=" in graph(cropped)


def test_each_transition_begins_where_the_clip_before_ends() -> None:
    takes = [Take(media=film(f"{at}.mp4"), frames=60) for at in range(3)]
    made = join(*takes, transition="fade", transition_frames=15)
    assert made.frames == 150
    assert "offset=1.500000" in graph(made)
    assert "offset=3.000000" in graph(made)
    assert graph(made).count("nb_samples=24000") == 2


def test_a_clip_without_sound_is_silent_as_long_as_its_pictures() -> None:
    takes = (Take(media=film(), frames=45), Take(media=film("mute.mp4", sound=False), frames=45))
    words = arguments(join(*takes))
    silence = words.index("anullsrc=r=48000:cl=stereo")
    assert "1.500000" in words[silence - 5 : silence]
    assert joined_sound(join(takes[1])) is None


def test_many_clips_are_decoded_by_one_thread_each() -> None:
    takes = [Take(media=film(f"{at}.mp4"), frames=30) for at in range(9)]
    words = arguments(join(*takes))
    assert words.count("-threads") == 9
