"""Play a sound file with a program of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

_PLAYERS: Final = (
    ("afplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("mpv", "--no-video", "--really-quiet"),
    ("mpg123", "-q"),
    ("cvlc", "--play-and-exit", "--quiet"),
    ("play", "-q"),
    ("pw-play",),
    ("paplay",),
)
"""Programs that play MP3 files and end with them; aplay does not decode MP3."""


def play(file: Path) -> bool:
    """Play the file to its end. Return False if no program of this machine can."""
    for program, *options in _PLAYERS:
        found = shutil.which(program)
        if found and _succeeds(found, *options, str(file.absolute())):
            return True
    if sys.platform == "win32":
        os.startfile(file)  # noqa: S606 - the file is a sample that we wrote
        return True
    return False


def _succeeds(*command: str) -> bool:
    # Without a sound card they fail; the next one may know another way.
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0
