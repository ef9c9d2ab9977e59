"""Options of the hardware encoders, without any hardware."""

from __future__ import annotations

from pathlib import Path

import ffmpeg
import pytest

from gala.render_types.params.video_encoding import Encoder, Quality
from gala_renderer.ffmpeg.encoder_options import h264, hardware, software, uploaded
from gala_renderer.ffmpeg.hardware_encoders import trial

CHIPS = [chip for chip in Encoder if chip not in {Encoder.SOFTWARE, Encoder.AUTO}]
NODE = Path("/dev/dri/renderD128")


def options(chip: Encoder, quality: Quality = Quality.PREVIEW) -> dict[str, object]:
    return dict(hardware(chip, quality, device=NODE).options)


@pytest.mark.parametrize("chip", CHIPS)
def test_every_quality_of_a_chip_is_another_one(chip: Encoder) -> None:
    assert len({str(options(chip, quality)) for quality in Quality}) == len(Quality)


@pytest.mark.parametrize(
    ("chip", "level", "larger_is_better"),
    [
        (Encoder.NVENC, "cq", False),
        (Encoder.QSV, "global_quality", False),
        (Encoder.VAAPI, "qp", False),
        (Encoder.VIDEOTOOLBOX, "q:v", True),
    ],
)
def test_production_asks_for_the_finest_pictures(
    chip: Encoder, level: str, larger_is_better: bool
) -> None:
    found = [
        options(chip, quality)[level]
        for quality in (Quality.DRAFT, Quality.PREVIEW, Quality.PRODUCTION)
    ]
    assert found == sorted(found, reverse=not larger_is_better)  # type: ignore[type-var]


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_makes_what_every_player_shows(chip: Encoder) -> None:
    chosen = h264(hardware(chip, Quality.PREVIEW, device=NODE), fps=30, threads=2)
    assert chosen["profile:v"] == "high"
    assert chosen["g"] == 60
    assert chosen["color_range"] == "tv"
    assert chosen.get("pix_fmt", "nv12") in {"yuv420p", "nv12"}


def test_vaapi_gets_its_device_first_and_frames_in_its_memory() -> None:
    arguments = trial(hardware(Encoder.VAAPI, Quality.PREVIEW, device=NODE))
    assert arguments[:4] == (
        *("-init_hw_device", "vaapi=gala:/dev/dri/renderD128"),
        *("-filter_hw_device", "gala"),
    )
    graph = arguments[arguments.index("-filter_complex") + 1]
    assert graph.endswith("format=nv12[s1];[s1]hwupload[s2]")


def test_the_processor_takes_frames_as_they_are() -> None:
    stream = ffmpeg.input("x").video
    assert uploaded(stream, software(Quality.PREVIEW)) is stream


@pytest.mark.parametrize("name", [Encoder.SOFTWARE, Encoder.AUTO])
def test_what_is_no_chip_has_no_options_of_one(name: Encoder) -> None:
    with pytest.raises(ValueError, match="not a hardware encoder"):
        hardware(name, Quality.PREVIEW)
