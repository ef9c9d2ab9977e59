"""The bash examples of docs/command-line.md, and those of the README, run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gala.cli.app import COMMANDS
from tests.fakes.media_files import make
from tests.integration.cli.conftest import Gala

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "command-line.md").read_text()


def blocks(text: str, word: str) -> list[str]:
    found = re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block for block in found if word in block]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_page_runs_from_top_to_bottom(
    gala: Gala, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    for name, made_of in (("video.mp4", "video"), ("song.mp3", "song")):
        (tmp_path / name).write_bytes(samples(made_of).read_bytes())
    for name, made_of in (("photo.jpg", "picture"), ("sea.jpg", "other_picture")):
        make(tmp_path / name, "-i", str(samples(made_of)))
    (tmp_path / "story.txt").write_text("Érase una vez.")
    gala("say", "Hello there. How are you?", "--engine", "espeak", "-o", "talk.wav")
    make(tmp_path / "talk.mp4", "-i", str(samples("video")), "-i", "talk.wav", "-map", "0:v",
         "-map", "1:a", "-c:v", "copy", "-shortest")  # fmt: skip

    examples = blocks(PAGE, "gala ") + blocks((ROOT / "README.md").read_text(), "gala say")
    shown = "".join(examples).replace("\\\n", "").splitlines()
    assert len(shown) == 20 + 3
    for line in shown:
        if line.startswith("gala "):
            done = gala(*shlex.split(line)[1:])
            assert done.code == 0, f"{line}: {done.out}{done.err}"
        else:
            _in_a_shell(line, tmp_path)
        if out := re.search(r"(?:-o|>) ([\w.]+[/\w])", line):
            assert (tmp_path / out[1]).exists(), line


def _in_a_shell(line: str, folder: Path) -> None:
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": beside},
        timeout=60,
        check=True,
    )


def test_the_page_tells_of_every_command_that_makes_media() -> None:
    names = {name for name, one in COMMANDS.items() if one.panel == "Make media"}
    assert len(names) == 13
    for name in names:
        assert re.search(rf"`(?:gala )?{name}`", PAGE), name
