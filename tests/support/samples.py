"""Sample media by name, for the examples of render types; created at first use.

``RenderType.example_inputs`` names these. All are short and small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.fakes.media_files import make

_TONE = ("-f", "lavfi", "-i", "sine=f=330:d=3:r=48000")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


def _video(path: Path) -> None:
    source = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=3")
    make(path, *source, *_TONE, *_H264, "-g", "30", "-shortest")


def _other_video(path: Path) -> None:
    source = ("-f", "lavfi", "-i", "mandelbrot=s=180x320:r=25")
    make(path, *source, "-t", "2", *_H264)


def _green_screen(path: Path) -> None:
    drawn = "color=c=0x00ff00:s=160x160:r=30:d=1,drawbox=x=40:y=40:w=80:h=80:c=red:t=fill"
    make(path, "-f", "lavfi", "-i", drawn, *_H264)


def _picture(path: Path) -> None:
    make(path, "-f", "lavfi", "-i", "testsrc2=s=640x480:d=0.1", "-frames:v", "1")


def _other_picture(path: Path) -> None:
    drawn = "gradients=s=480x640:c0=navy:c1=orange:d=0.1:seed=1"
    make(path, "-f", "lavfi", "-i", drawn, "-frames:v", "1")


def _song(path: Path) -> None:
    make(path, "-f", "lavfi", "-i", "sine=f=220:d=4:r=44100", "-c:a", "libmp3lame")


def _voice(path: Path) -> None:
    # Bursts of noise with pauses, with the level changes of speech.
    drawn = "anoisesrc=d=3:c=pink:a=0.4:r=24000,volume='if(lt(mod(t,1),0.7),1,0.001)':eval=frame"
    make(path, "-f", "lavfi", "-i", drawn, "-ac", "1")


def _subtitles(path: Path) -> None:
    path.write_text(
        "1\n00:00:00,200 --> 00:00:01,200\nHello there\n\n"
        "2\n00:00:01,500 --> 00:00:02,800\nSecond line\n"
    )


SAMPLES: Final[Mapping[str, tuple[str, Callable[[Path], None]]]] = {
    "video": (".mp4", _video),
    "other_video": (".mp4", _other_video),
    "green_screen": (".mp4", _green_screen),
    "picture": (".png", _picture),
    "other_picture": (".jpg", _other_picture),
    "song": (".mp3", _song),
    "voice": (".wav", _voice),
    "subtitles": (".srt", _subtitles),
}
"""The suffix and the writer of each sample."""


def sample(name: str, folder: Path) -> Path:
    """Return the sample file of that name, creating it in ``folder`` if it does not exist."""
    suffix, make_it = SAMPLES[name]
    path = folder / f"{name}{suffix}"
    if not path.exists():
        make_it(path)
    return path
