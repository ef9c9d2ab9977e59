"""``python3 run.py bench ambient-loop``: an hour of a looped video with looped music.

GALA renders the composition by its command line; beside it, the same hour by FFmpeg written by
hand: the clip encoded once, copied as often as needed, and the sound encoded in the same run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.platform.report import Figure, Section, machine, seconds, show
from bench.platform.setup import private_folder
from gala_renderer.ffmpeg.binary import find_ffmpeg

_CLIP_SECONDS: Final = 10
_AIM_SECONDS: Final = 120
_ENCODED: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p")
_METHOD: Final = (
    f"One render each: a clip of {_CLIP_SECONDS} s, 1920 x 1080 at 30 fps, under a text, and music"
    " of 93 s, both repeated; the time includes the start of the program."
)


def main() -> None:
    """Measure and print; remove all files afterwards."""
    parser = argparse.ArgumentParser(prog="run.py bench ambient-loop", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60, help="Length of the film.")
    minutes = parser.parse_args().minutes
    console = Console(width=max(Console().width, 100))
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder), highlight=False)
        _make_files(folder)
        figure = Figure(
            what=f"{minutes} minutes",
            unit="s",
            ours=seconds(lambda: _by_gala(folder, 60 * minutes)),
            reference=seconds(lambda: _by_hand(folder, 60 * minutes)),
            below=float(_AIM_SECONDS),
        )
    section = Section(
        title="An ambient loop", method=_METHOD, against="FFmpeg by hand", figures=[figure]
    )
    show(section, console)


def _make_files(folder: Path) -> None:
    _ffmpeg(
        *("-f", "lavfi", "-i", f"gradients=s=1920x1080:r=30:d={_CLIP_SECONDS}:speed=0.02"),
        *(*_ENCODED, str(folder / "clip.mp4")),
    )
    music = "anoisesrc=d=93:c=pink:a=0.3,aformat=channel_layouts=stereo"
    _ffmpeg("-f", "lavfi", "-i", music, str(folder / "song.mp3"))


def _by_gala(folder: Path, length: int) -> None:
    video = {"type": "video", "src": "clip.mp4", "loop": True, "volume": 0, "duration": "end"}
    music = {"type": "audio", "src": "song.mp3", "loop": True, "duration": "end"}
    text = {"type": "text", "text": "An hour", "position": "top"}
    tracks = [{"clips": [clip]} for clip in (video, text, music)]
    film = folder / "film.json"
    film.write_text(json.dumps({"duration": length, "tracks": tracks}))
    options = ("--size", "1920x1080", "--fps", "30", "--local", "-o", str(folder / "gala.mp4"))
    _run([sys.executable, "-m", "gala.cli", "timeline", "render", str(film), *options])


def _by_hand(folder: Path, length: int) -> None:
    text = "drawtext=text='An hour':x=(w-tw)/2:y=54:fontsize=64:fontcolor=white"
    once = folder / "once.mp4"
    _ffmpeg("-i", str(folder / "clip.mp4"), "-vf", text, "-an", *_ENCODED, str(once))
    _ffmpeg(
        *("-stream_loop", "-1", "-i", str(once)),
        *("-stream_loop", "-1", "-i", str(folder / "song.mp3")),
        *("-map", "0:v", "-map", "1:a", "-t", str(length), "-c:v", "copy"),
        *("-af", "loudnorm=I=-16", "-ar", "48000", "-c:a", "aac", "-b:a", "160k"),
        str(folder / "hand.mp4"),
    )


def _ffmpeg(*arguments: str) -> None:
    _run([str(find_ffmpeg(None)), "-v", "error", "-nostdin", "-y", *arguments])


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
