"""Videos of any kind are converted to BT.709, limited range, 8 bit, 4:2:0."""

from __future__ import annotations

from typing import Any

import ffmpeg
import pytest

from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.probe.media import ColourSpace, VideoStream


def chain(**picture: Any) -> str:
    """Return the filters for a video with these properties."""
    given = {"width": 1280, "height": 720, "pixel_format": "yuv420p", **picture}
    stream = normalise_colour(ffmpeg.input("in").video, VideoStream(**given), background="#ff8000")
    arguments = ffmpeg.output(stream, "out").get_args()
    return str(arguments[arguments.index("-filter_complex") + 1])


def test_usual_footage_is_only_labelled() -> None:
    assert "scale" not in chain()
    assert "setparams=color_primaries=bt709" in chain()


def test_what_says_nothing_is_taken_as_players_take_it() -> None:
    assert "in_color_matrix=bt601" in chain(width=640, height=480)
    assert "in_color_matrix" not in chain(width=1920, height=1080)
    assert "in_color_matrix=bt601" in chain(colour=ColourSpace(matrix="smpte170m"))


def test_full_range_becomes_limited() -> None:
    filters = chain(colour=ColourSpace(full_range=True))
    assert "in_range=pc" in filters
    assert "out_range=tv" in filters


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_is_tone_mapped(transfer: str) -> None:
    colour = ColourSpace(primaries="bt2020", transfer=transfer, matrix="bt2020nc")
    filters = chain(colour=colour, bits=10, pixel_format="yuv420p10le")
    assert f"tin={transfer}" in filters
    assert filters.index("tonemap=") < filters.index("format=yuv420p")


def test_wide_colours_without_hdr_are_narrowed_but_not_tone_mapped() -> None:
    filters = chain(colour=ColourSpace(primaries="bt2020", matrix="bt2020nc"), bits=10)
    assert "zscale" in filters
    assert "tonemap" not in filters


def test_what_is_transparent_shows_the_background() -> None:
    filters = chain(alpha=True, pixel_format="rgba")
    assert "lutrgb=a=255:b=0:g=128:r=255" in filters
    assert "lutrgb" not in chain(pixel_format="rgb24")


def test_rgb_has_no_matrix() -> None:
    assert "in_color_matrix" not in chain(pixel_format="rgba", alpha=True)
    assert "in_color_matrix" not in chain(pixel_format="rgb24")
