"""The files that everybody works on: what FACTS' table was measured with."""

from __future__ import annotations

from pathlib import Path

from bench.media.house import House

_SOUND = "sine=f=440:r=48000"


def clip(house: House, seconds: int, *, key_frames: int = 250, hue: int = 0) -> Path:
    """720p30 with moving pictures and sound; a key frame at least every so many frames."""
    path = house.folder / f"clip-{seconds}s-{key_frames}-{hue}.mp4"
    if not path.exists():
        pictures = f"testsrc2=s=1280x720:r=30,hue=h={hue}"
        house.ffmpeg(
            *("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", _SOUND, "-t", str(seconds)),
            *("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"),
            *("-g", str(key_frames), "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k"),
            str(path),
        )
    return path


def photo(house: House) -> Path:
    """A 1080x1920 JPEG with gradients and edges."""
    path = house.folder / "photo.jpg"
    if not path.exists():
        drawn = "gradients=s=1080x1920:c0=navy:c1=orange:n=4:seed=7:d=0.1"
        drawn += ",drawgrid=w=120:h=120:c=white@0.2"
        house.ffmpeg("-f", "lavfi", "-i", drawn, "-frames:v", "1", "-q:v", "3", str(path))
    return path
