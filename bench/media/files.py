"""Input files of all programs, as described in FACTS."""

from __future__ import annotations

from pathlib import Path

from bench.media.setup import Bench

_SOUND = "sine=f=440:r=48000"


def clip(bench: Bench, seconds: int, *, key_frames: int = 250, hue: int = 0) -> Path:
    """Return a 720p30 video with motion and sound, and a key frame every ``key_frames`` frames."""
    path = bench.folder / f"clip-{seconds}s-{key_frames}-{hue}.mp4"
    if not path.exists():
        pictures = f"testsrc2=s=1280x720:r=30,hue=h={hue}"
        bench.ffmpeg(
            *("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", _SOUND, "-t", str(seconds)),
            *("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"),
            *("-g", str(key_frames), "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k"),
            str(path),
        )
    return path


def photo(bench: Bench) -> Path:
    """Return a 1080x1920 JPEG with gradients and edges."""
    path = bench.folder / "photo.jpg"
    if not path.exists():
        drawn = "gradients=s=1080x1920:c0=navy:c1=orange:n=4:seed=7:d=0.1"
        drawn += ",drawgrid=w=120:h=120:c=white@0.2"
        bench.ffmpeg("-f", "lavfi", "-i", drawn, "-frames:v", "1", "-q:v", "3", str(path))
    return path
