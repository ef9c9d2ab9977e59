"""Every benchmark command starts and shows its help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bench

ROOT = Path(bench.__file__).parent
NAMES = sorted(
    {path.parent.name for path in ROOT.glob("*/__main__.py")}
    | {path.stem for path in ROOT.glob("*.py") if path.stem != "__init__"}
)


@pytest.mark.parametrize("name", NAMES)
def test_a_bench_tells_how_it_is_called(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", "--help"],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"usage: run.py bench {name}" in done.stdout
