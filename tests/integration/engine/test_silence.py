"""Silence detection."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gala.errors import UnprocessableMedia
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.probe.media import AudioStream, Media
from gala_renderer.transcription.silence import find_silences, silence_arguments
from tests.fakes.media_files import VIDEO, make
from tests.support.engine import EngineHarness


def context(engine: EngineHarness, folder: Path) -> RenderContext:
    return RenderContext(
        ffmpeg=engine.engine.ffmpeg,
        services=engine.engine.services,
        scratch=folder,
        part=folder.joinpath,
        threads=1,
    )


def silences(
    engine: EngineHarness, path: Path, *, threshold_db: float = -40, min_seconds: float = 0.3
) -> list[tuple[float, float]]:
    here = context(engine, path.parent)

    async def look() -> list[tuple[float, float]]:
        media = await here.inspect(InputFile(path, "", "inputs.audio_asset_id"))
        return await find_silences(here, media, threshold_db=threshold_db, min_seconds=min_seconds)

    return asyncio.run(look())


def bursts(path: Path, *more: str) -> Path:
    """A tone from 0.5 to 1.0 and from 1.5 to 2.0 of 3 seconds, and near silence elsewhere."""
    drawn = "sine=d=3:r=48000,volume='if(between(mod(t,1),0.5,1)*lt(t,2),1,0.001)':eval=frame"
    return make(path, "-f", "lavfi", "-i", drawn, *more)


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".m4a"])
def test_silences_are_where_the_tone_is_not(
    engine: EngineHarness, tmp_path: Path, suffix: str
) -> None:
    found = silences(engine, bursts(tmp_path / f"a{suffix}"))
    flat = [time for span in found for time in span]
    assert flat == pytest.approx([0, 0.5, 1.0, 1.5, 2.0, 3.0], abs=0.06)


def test_shorter_silences_than_asked_for_are_none(engine: EngineHarness, tmp_path: Path) -> None:
    path = bursts(tmp_path / "a.wav")
    assert len(silences(engine, path, min_seconds=0.8)) == 1


def test_a_lower_threshold_hears_what_a_higher_one_does_not(
    engine: EngineHarness, tmp_path: Path
) -> None:
    assert silences(engine, bursts(tmp_path / "a.wav"), threshold_db=-90) == []


def test_sound_in_one_channel_of_six_is_sound(engine: EngineHarness, tmp_path: Path) -> None:
    path = bursts(tmp_path / "a.wav", "-af", "pan=5.1|BR=c0")
    assert len(silences(engine, path)) == 3


def test_where_a_video_has_no_sound_yet_it_is_silent(engine: EngineHarness, tmp_path: Path) -> None:
    late = ("-itsoffset", "1", "-f", "lavfi", "-i", "sine=d=1:r=48000")
    path = make(tmp_path / "a.mkv", *VIDEO, *late, "-c:a", "pcm_s16le")
    (silence,) = silences(engine, path)
    assert silence == pytest.approx((0, 1), abs=0.03)


def test_digital_silence_is_one_silence(engine: EngineHarness, tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", "-f", "lavfi", "-i", "anullsrc=r=8000", "-t", "1.5")
    (silence,) = silences(engine, path)
    assert silence == pytest.approx((0, 1.5), abs=0.001)


def test_media_without_sound_are_refused(engine: EngineHarness, tmp_path: Path) -> None:
    with pytest.raises(UnprocessableMedia, match="has no sound"):
        silences(engine, make(tmp_path / "a.mp4", *VIDEO))


def test_the_threshold_and_the_length_are_printed_by_us() -> None:
    media = Media(
        path=Path("/in/a"), demuxer="wav", seconds=1, sound=AudioStream(rate=8000, channels=1)
    )
    arguments = silence_arguments(media, threshold_db=-35.55555, min_seconds=1 / 3)
    (chain,) = (value for value in arguments if "silencedetect" in value)
    assert "silencedetect=duration=0.333333:noise=-35.56dB" in chain
