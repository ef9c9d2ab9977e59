"""The ``probe`` type reports the properties of a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gala_renderer.probe.media import VideoStream
from gala_renderer.types.probe import aspect_ratio
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness


def probe(engine: EngineHarness, path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(engine.make("probe", media=path).path("info").read_text())
    return told


def test_a_video_is_told_whole(engine: EngineHarness, samples: Callable[[str], Path]) -> None:
    told = probe(engine, samples("video"))
    assert told["duration"] == pytest.approx(3.0, abs=0.05)
    assert (told["width"], told["height"], told["fps"]) == (320, 180, "30")
    assert (told["aspect_ratio"], told["codec"]) == ("16:9", "h264")
    assert told["video"]["constant_frame_rate"] is True
    assert told["video"]["frames"] == 90
    assert told["audio"]["codec"] == "aac"


def test_a_sound_is_told_as_the_audio_tools_do(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    told = probe(engine, samples("song"))
    assert (told["channels"], told["sample_rate"], told["codec"]) == (1, "44100", "mp3")
    assert told["bitrate"] > 0
    assert told["video"] is None


def test_a_picture_has_no_length(engine: EngineHarness, samples: Callable[[str], Path]) -> None:
    told = probe(engine, samples("picture"))
    assert (told["width"], told["height"], told["aspect_ratio"]) == (640, 480, "4:3")
    assert told["fps"] is None


def test_hdr_turned_and_unsteady_video_is_recognised(engine: EngineHarness, tmp_path: Path) -> None:
    hdr = make(
        tmp_path / "hdr.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5,format=yuv420p10le"),
        *("-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"),
        *("-c:v", "libx265", "-x265-params", "log-level=error"),
    )
    told = probe(engine, hdr)["video"]
    assert (told["hdr"], told["bits"], told["color_transfer"]) == (True, 10, "smpte2084")

    flat = make(tmp_path / "flat.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5")
    turned = make(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(flat), "-c", "copy")
    told = probe(engine, turned)
    assert (told["width"], told["height"]) == (48, 64)
    assert told["video"]["rotation"] % 180 == 90

    uneven = "testsrc2=s=64x48:r=30:d=2,select='not(mod(n,3))+lt(n,30)'"
    unsteady = make(
        tmp_path / "vfr.mp4", "-f", "lavfi", "-i", uneven, "-fps_mode", "vfr", "-c:v", "libx264"
    )
    assert probe(engine, unsteady)["video"]["constant_frame_rate"] is False


def test_shapes_are_told_as_people_say_them() -> None:
    assert aspect_ratio(VideoStream(width=1080, height=1920)) == "9:16"
    assert aspect_ratio(VideoStream(width=854, height=480)) == "16:9"
    assert aspect_ratio(VideoStream(width=1080, height=1350)) == "4:5"
