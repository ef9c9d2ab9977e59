"""Small media files, created by FFmpeg at first use."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg

VIDEO = ("-f", "lavfi", "-i", "testsrc=s=128x96:r=25:d=0.4")
SOUND = ("-f", "lavfi", "-i", "sine=d=0.4")
PICTURE = ("-f", "lavfi", "-i", "testsrc=s=32x32:d=0.1", "-frames:v", "1")
BOTH = VIDEO + SOUND


def make(path: Path, *arguments: str) -> Path:
    """Run FFmpeg with the arguments to write ``path``; return ``path``."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-nostdin", "-v", "error", "-y", *arguments),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return path
