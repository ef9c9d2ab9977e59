"""The colours of pictures are converted to sRGB as littlecms says, whatever describes them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av
import pillow_heif
import pytest
from PIL import Image, ImageCms

from gala_renderer.pictures.inspection import colour_fields
from gala_renderer.pictures.program import convert
from tests.support import icc_profiles
from tests.support.tiled_heic import write_tiled_heic

SIZE: Final = (24, 16)
RED: Final = (220, 40, 40)
RED_IN_P3: Final = (240, 0, 21)
UNNAMED: Final = {"primaries": None, "transfer": None}

P3_CORNERS: Final = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB_CORNERS: Final = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)


def expected(profile: bytes, mode: str, colour: Any) -> tuple[int, ...]:
    """Return the colour in sRGB by littlecms."""
    image = ImageCms.profileToProfile(
        Image.new(mode, (1, 1), colour),
        ImageCms.ImageCmsProfile(BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert image is not None
    found = image.getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


def fields(path: Path, demuxer: str = "png_pipe", **named: str) -> dict[str, Any]:
    picture = {"colour": named, "still": True, "width": SIZE[0], "height": SIZE[1]}
    return colour_fields(path, demuxer, picture)


def shown(path: Path, at: tuple[int, int] = (12, 8)) -> tuple[int, ...]:
    """Return a pixel after the conversion."""
    target = path.with_name("converted.png")
    convert(path, target, UNNAMED)
    with Image.open(target) as image:
        assert "icc_profile" not in image.info
        found = image.getpixel(at)
    assert isinstance(found, tuple)
    return found


def near(found: tuple[int, ...], colour: tuple[int, ...], levels: int = 2) -> bool:
    return all(abs(one - other) <= levels for one, other in zip(found, colour, strict=False))


def png(path: Path, **chunks: bytes) -> Path:
    """Write a red PNG with these chunks before its pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(RED) * SIZE[0]) * SIZE[1]
    inner = b"".join(chunk(name.encode(), data) for name, data in chunks.items())
    pixels = chunk(b"IDAT", zlib.compress(rows))
    whole = chunk(b"IHDR", header) + inner + pixels + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + whole)
    return path


def iccp(profile: bytes) -> bytes:
    return b"profile\0\0" + zlib.compress(profile)


def gama(value: int) -> bytes:
    return struct.pack(">I", value)


PROFILES: Final[dict[str, Callable[[], bytes]]] = {
    "Display P3": icc_profiles.display_p3,
    "AdobeRGB": icc_profiles.adobe_rgb,
    "ProPhoto": icc_profiles.prophoto,
}
FORMATS: Final[dict[str, dict[str, Any]]] = {
    "jpg": {"quality": 98, "subsampling": 0},
    "png": {},
    "webp": {"lossless": True},
    "tif": {"compression": "tiff_lzw"},
    "avif": {"quality": 98, "subsampling": "4:4:4"},
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", PROFILES)
def test_an_rgb_picture_is_converted_by_its_profile(tmp_path: Path, name: str, suffix: str) -> None:
    profile = PROFILES[name]()
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", SIZE, RED).save(path, icc_profile=profile, **FORMATS[suffix])
    assert fields(path)["to_srgb"] == "picture"
    assert near(shown(path), expected(profile, "RGB", RED))


def test_a_photo_of_a_phone_comes_in_heic(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    image = pillow_heif.from_pillow(Image.new("RGB", (64, 64), RED))
    image.save(path, quality=95, icc_profile=icc_profiles.display_p3())
    found = fields(path, "mov")
    assert (found["to_srgb"], found["still"], found["width"]) == ("picture", True, 64)
    assert near(shown(path), RED_IN_P3, 3)


def test_a_photo_of_tiles_is_whole(tmp_path: Path) -> None:
    path = write_tiled_heic(tmp_path / "photo.heic", "0xdc2828", icc_profiles.display_p3())
    found = fields(path, "mov")
    assert (found["width"], found["height"], found["to_srgb"]) == (120, 100, "picture")
    for place in ((10, 10), (110, 90)):
        assert near(shown(path, place), RED_IN_P3, 4)


@pytest.mark.parametrize(
    ("mode", "colour", "profile"),
    [
        ("L", 100, icc_profiles.grey(1.8)),
        ("L", 100, icc_profiles.adobe_rgb()),
        ("CMYK", (20, 200, 180, 30), icc_profiles.cmyk()),
    ],
    ids=["grey", "grey in an RGB space", "four inks"],
)
@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_grey_and_inks_are_converted_too(
    tmp_path: Path, mode: str, colour: Any, profile: bytes, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.new(mode, SIZE, colour).save(path, icc_profile=profile, quality=98)
    whole = Image.new(mode, (1, 1), colour)
    if profile == icc_profiles.adobe_rgb():
        whole = whole.convert("RGB")
    assert near(shown(path), expected(profile, whole.mode, whole.getpixel((0, 0))), 3)


def test_inks_without_a_profile_are_light(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("CMYK", SIZE, (20, 200, 180, 30)).save(path, quality=98)
    assert fields(path)["to_srgb"] == "picture"
    assert near(shown(path), (207, 48, 66), 3)


@pytest.mark.parametrize(
    ("chunks", "colour"),
    [
        ({"cICP": bytes((12, 13, 0, 1))}, RED_IN_P3),
        ({"cICP": bytes((1, 13, 0, 1)), "iCCP": iccp(icc_profiles.display_p3())}, RED),
        ({"sRGB": b"\0", "iCCP": iccp(icc_profiles.display_p3())}, RED_IN_P3),
        ({"gAMA": gama(100_000), "cHRM": P3_CORNERS, "sRGB": b"\0"}, RED),
        ({"gAMA": gama(45_455), "cHRM": SRGB_CORNERS}, RED),
        ({"gAMA": gama(100_000)}, (239, 110, 110)),
        ({"gAMA": gama(0), "cHRM": bytes(32)}, RED),
        ({"cICP": bytes((77, 99, 3, 1))}, RED),
    ],
    ids=[
        "cICP", "cICP before iCCP", "iCCP before sRGB", "sRGB before gAMA", "sRGB said by gAMA",
        "gAMA", "gAMA and cHRM of nothing", "unknown cICP",
    ],
)  # fmt: skip
def test_chunks_of_a_png_count_in_their_order(
    tmp_path: Path, chunks: dict[str, bytes], colour: tuple[int, ...]
) -> None:
    path = png(tmp_path / "a.png", **chunks)
    converts = fields(path).get("to_srgb") == "picture"
    assert converts is (colour != RED)
    assert near(shown(path), colour)


def test_primaries_of_a_png_are_converted(tmp_path: Path) -> None:
    path = png(tmp_path / "a.png", gAMA=gama(45_455), cHRM=P3_CORNERS)
    # With a gamma of 2.2 dark levels are a little darker than with the curve of sRGB.
    assert near(shown(path), (240, 0, 10))


def test_srgb_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", SIZE, RED).save(path, icc_profile=icc_profiles.srgb())
    assert "to_srgb" not in fields(path)
    Image.new("RGB", SIZE, RED).save(path)
    assert fields(path) == {}


@pytest.mark.parametrize("name", icc_profiles.hostile())
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_broken_profile_is_ignored(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    image = Image.new("RGB", SIZE, RED)
    image.save(path, icc_profile=icc_profiles.hostile()[name], **FORMATS[suffix])
    found = fields(path)
    if name != "offset":  # littlecms does without that tag
        assert found["profile_damaged"]
        assert near(shown(path), RED)


@pytest.mark.parametrize(
    "data",
    [b"x\0\0garbage", b"x", b"x\0\0" + zlib.compress(bytes(64_000_000))],
    ids=["not packed", "nothing", "far too large"],
)
def test_a_png_with_a_profile_that_decoders_fail_at_is_shown(tmp_path: Path, data: bytes) -> None:
    path = png(tmp_path / "a.png", iCCP=data)
    found = fields(path)
    assert (found["profile_damaged"], found["to_srgb"]) == (True, "picture")
    assert near(shown(path), RED)


def test_a_turned_photo_is_upright_after_the_conversion(tmp_path: Path) -> None:
    image = Image.new("RGB", (48, 32), RED)
    image.paste((40, 40, 220), (0, 0, 16, 32))
    exif = Image.Exif()
    exif[0x112] = 6
    path = tmp_path / "a.jpg"
    profile = icc_profiles.display_p3()
    image.save(path, icc_profile=profile, exif=exif, quality=98, subsampling=0)
    found = convert(path, tmp_path / "b.png", UNNAMED)
    assert (found["width"], found["height"]) == (32, 48)
    assert near(shown(path, (16, 4)), expected(profile, "RGB", (40, 40, 220)), 4)


@pytest.mark.parametrize("suffix", ["png", "webp", "avif", "tif"])
def test_transparency_survives_the_conversion(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    image = Image.new("RGBA", SIZE, (*RED, 128))
    image.save(path, icc_profile=icc_profiles.display_p3(), **FORMATS[suffix])
    assert near(shown(path), (*RED_IN_P3, 128), 3)


def test_a_palette_has_transparency(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    image = Image.new("RGBA", SIZE, (*RED, 0))
    image.quantize(4).save(path, icc_profile=icc_profiles.display_p3())
    assert fields(path)["alpha"] is True
    assert shown(path)[3] == 0


def test_samples_of_16_bits_keep_their_value(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    image = Image.frombytes("I;16", SIZE, struct.pack("<H", 100 * 257) * SIZE[0] * SIZE[1])
    profile = icc_profiles.grey(1.8)
    image.save(path, icc_profile=profile)
    assert near(shown(path), expected(profile, "L", 100))


@pytest.mark.parametrize("suffix", ["webp", "apng"])
def test_every_frame_of_an_animation_is_converted(tmp_path: Path, suffix: str) -> None:
    path, target = tmp_path / f"a.{suffix}", tmp_path / "b.mkv"
    first, second = (Image.new("RGBA", SIZE, (*RED, opacity)) for opacity in (255, 64))
    options: dict[str, Any] = {"format": "PNG"} if suffix == "apng" else {"lossless": True}
    profile = icc_profiles.display_p3()
    first.save(
        path, save_all=True, append_images=[second], duration=[300, 500], icc_profile=profile,
        **options,
    )  # fmt: skip
    assert convert(path, target, UNNAMED) == {"animated": True}
    with av.open(str(target)) as container:
        assert container.duration == 800_000, "the last frame has its time, too"
        frames = [
            (frame.time, tuple(int(n) for n in frame.to_ndarray(format="rgba")[8, 12]))
            for frame in container.decode(video=0)
        ]
    assert [time for time, _ in frames] == [0.0, 0.3]
    assert near(frames[0][1], (*RED_IN_P3, 255))
    assert near(frames[1][1], (*RED_IN_P3, 64))
