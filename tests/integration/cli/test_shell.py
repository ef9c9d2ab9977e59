"""The command line in a shell: pipes, terminals and completion."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

GALA = (sys.executable, "-m", "gala.cli")


def test_speech_goes_through_a_pipe(tmp_path: Path) -> None:
    spoken = subprocess.run(
        [*GALA, "say", "-", "--engine", "espeak", "-o", "-"],
        input=b"Hello from a pipe.",
        cwd=tmp_path,
        env={**os.environ, "GALA_HOME": str(tmp_path / "home")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert spoken.returncode == 0, spoken.stderr
    assert spoken.stdout[:4] == b"RIFF"
    assert len(spoken.stdout) > 10_000
    assert spoken.stderr == b""
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_terminal_sees_how_far_it_is_and_standard_output_only_the_file(
    tmp_path: Path, samples: Callable[[str], Path]
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*GALA, "trim", str(samples("video")), "0.5", "1.5", "-o", "t.mp4"],
        cwd=tmp_path,
        env={**os.environ, "GALA_HOME": str(tmp_path / "home"), "TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = _everything(ours)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, shown
    assert out == b"t.mp4\n"
    assert b"%" in shown


def _everything(terminal: int) -> bytes:
    """Return what is written to the terminal until its other end is closed."""
    shown = b""
    with os.fdopen(terminal, "rb", buffering=0) as file:
        try:
            while piece := file.read(65536):
                shown += piece
        except OSError:
            # On Linux, this means that the other end is closed.
            pass
    return shown


def offered(typed: str) -> list[str]:
    words = typed.split(" ")
    done = subprocess.run(
        [*GALA],
        env=os.environ
        | {
            "_GALA_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.split()


def test_tab_offers_commands_types_and_voices() -> None:
    assert offered("gala sub") == ["submit"]
    assert offered("gala run thumb") == ["thumbnail"]
    assert offered("gala say Hi --voice af_he") == ["af_heart"]
