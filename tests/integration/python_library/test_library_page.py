"""The examples in docs/library.md run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.media_files import make
from tests.support.media_probe import first_frame, read_frames

# The examples load models and encode videos in full size.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PAGE = (Path(__file__).parents[3] / "docs" / "library.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_runs_from_top_to_bottom(
    installed: Path, tmp_path: Path, samples: Callable[[str], Path]
) -> None:
    make(tmp_path / "photo.jpg", "-i", str(samples("picture")))
    assert len(BLOCKS) == 6

    # One program for all blocks: later blocks use the results of earlier ones.
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(BLOCKS)],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "100%" in done.stdout
    assert first_frame(tmp_path / "video.mp4").shape == (1280, 720)
    assert first_frame(tmp_path / "presenter.mp4").shape == (640, 360)
    assert first_frame(tmp_path / "dialogue.mp4").shape == (360, 640)
    assert first_frame(tmp_path / "final.mp4").shape == (1920, 1080)
    assert len(read_frames(tmp_path / "short.mp4")[0]) == 15
