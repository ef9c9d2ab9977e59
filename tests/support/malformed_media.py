"""Media files with unusual properties, damage or wrong names."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image

from gala.media import MediaClass
from tests.fakes.media_files import make

_TONE = ("-f", "lavfi", "-i", "sine=f=330:d=0.8:r=44100")
_FAST = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
_HDR = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=error"


def _pictures(size: str = "96x64", rate: int = 30) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d=0.8")


def _variable(path: Path) -> None:
    dropped = "select='lt(n,8)+eq(mod(n,5),3)'"
    make(path, *_pictures(), *_TONE, "-vf", dropped, "-fps_mode", "vfr", *_FAST)


def _rotated(path: Path) -> None:
    upright = make(path.with_name("upright.mp4"), *_pictures(), *_TONE, *_FAST)
    make(path, "-display_rotation", "90", "-i", str(upright), "-c", "copy")


def _hdr(path: Path) -> None:
    make(path, *_pictures(), *_TONE, "-c:v", "libx265", "-preset", "ultrafast",
         "-pix_fmt", "yuv420p10le", "-x265-params", _HDR, "-tag:v", "hvc1",
         "-c:a", "aac")  # fmt: skip


def _silent(path: Path) -> None:
    make(path, *_pictures(), *_FAST)


def _surround(path: Path) -> None:
    tones = "aevalsrc=" + "|".join(f"0.2*sin({300 + 40 * n}*2*PI*t)" for n in range(6))
    make(path, *_pictures(), "-f", "lavfi", "-i", f"{tones}:c=5.1:d=0.8:s=48000", *_FAST)


def _odd(path: Path) -> None:
    make(path, *_pictures("97x63"), *_TONE, *_FAST, "-pix_fmt", "yuv444p")


def _one_frame(path: Path) -> None:
    make(path, *_pictures(), "-frames:v", "1", *_FAST)


def _truncated(path: Path) -> None:
    whole = make(
        path.with_name("whole.mp4"), *_pictures(), *_TONE, *_FAST, "-movflags", "+faststart"
    )
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])


def _picture_named_video(path: Path) -> None:
    Image.new("RGB", (64, 48), "teal").save(path, format="PNG")


def _video_named_picture(path: Path) -> None:
    path.write_bytes(make(path.with_name("named.mp4"), *_pictures(), *_TONE, *_FAST).read_bytes())


def _animated(path: Path) -> None:
    frames = [Image.new("RGBA", (64, 48), (40 * n, 90, 200 - 40 * n, 255)) for n in range(5)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)


def _cmyk(path: Path) -> None:
    Image.new("CMYK", (64, 48), (0, 200, 200, 20)).save(path, format="JPEG")


def _huge(path: Path) -> None:
    Image.new("1", (16_000, 16_000)).save(path, format="PNG")


def _cut_picture(path: Path) -> None:
    whole = make(path.with_name("whole.png"), *_pictures(), "-frames:v", "1")
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])


def _wav(path: Path, *, claimed: int) -> None:
    """Write the header of a WAV file that claims so many bytes of samples, and no samples."""
    rate, width = 16_000, 2
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * width, width, 8 * width)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data"
    riff = b"RIFF" + struct.pack("<I", len(chunks) + 4 + claimed)
    path.write_bytes(riff + chunks + struct.pack("<I", claimed))


def _noise_as_aac(path: Path) -> None:
    whole = bytearray(make(path.with_name("whole.m4a"), *_TONE, "-c:a", "aac").read_bytes())
    at = whole.index(b"mdat")
    end = at - 4 + int.from_bytes(whole[at - 4 : at], "big")
    whole[at + 4 : end] = random.Random(1).randbytes(end - at - 4)
    path.write_bytes(whole)


def _empty_track(path: Path) -> None:
    make(path, *_pictures(), *_TONE, *_FAST, "-af", "atrim=start=5", "-c:a", "pcm_s16le")


@dataclass(frozen=True)
class Rough:
    """One file: its claimed media class, and whether it is usable."""

    suffix: str
    claims: MediaClass
    write: Callable[[Path], object]
    usable: bool | None = True
    """``None``: both a result and a clear refusal are correct."""
    seconds: float | None = 0.8


_VIDEO, _IMAGE, _AUDIO = MediaClass.VIDEO, MediaClass.IMAGE, MediaClass.AUDIO

ROUGH: Final[Mapping[str, Rough]] = {
    "variable frame rate": Rough(".mp4", _VIDEO, _variable),
    "rotated": Rough(".mp4", _VIDEO, _rotated),
    "10-bit HEVC in PQ": Rough(".mp4", _VIDEO, _hdr),
    "no audio": Rough(".mp4", _VIDEO, _silent, usable=None),
    "an empty sound track": Rough(".mkv", _VIDEO, _empty_track, usable=None),
    "WAV without samples": Rough(".wav", _AUDIO, partial(_wav, claimed=0), usable=False),
    "WAV cut off after its header": Rough(
        ".wav", _AUDIO, partial(_wav, claimed=320_000), usable=False
    ),
    "noise as AAC": Rough(".m4a", _AUDIO, _noise_as_aac, usable=False),
    "5.1": Rough(".mkv", _VIDEO, _surround),
    "odd size": Rough(".mp4", _VIDEO, _odd),
    "one frame": Rough(".mp4", _VIDEO, _one_frame, usable=None, seconds=None),
    "truncated": Rough(".mp4", _VIDEO, _truncated, usable=False),
    "zero bytes": Rough(".mp4", _VIDEO, Path.touch, usable=False),
    "a picture named .mp4": Rough(".mp4", _VIDEO, _picture_named_video, usable=None, seconds=None),
    "a video named .jpg": Rough(".jpg", _IMAGE, _video_named_picture, usable=None, seconds=None),
    "animated WebP": Rough(".webp", _IMAGE, _animated, usable=None, seconds=None),
    "CMYK JPEG": Rough(".jpg", _IMAGE, _cmyk, seconds=None),
    "huge PNG": Rough(".png", _IMAGE, _huge, usable=False),
    "truncated PNG": Rough(".png", _IMAGE, _cut_picture, usable=False),
    "PNG of zero bytes": Rough(".png", _IMAGE, Path.touch, usable=False),
}


def rough(name: str, folder: Path) -> Path:
    """Return the file of that name, creating it in ``folder`` if it does not exist."""
    path = folder / (name.replace(" ", "-").replace(".", "") + ROUGH[name].suffix)
    if not path.exists():
        ROUGH[name].write(path)
    return path
