"""Every benchmark command starts and shows its help."""

from __future__ import annotations

import subprocess
import sys

import pytest

from run import ROOT, benchmark, benchmarks


@pytest.mark.parametrize(("name", "module"), benchmarks().items())
def test_a_bench_tells_how_it_is_called(name: str, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"usage: run.py bench {name}" in done.stdout


def test_a_name_may_be_written_with_hyphens_or_underscores() -> None:
    assert benchmark("voice-quality") == benchmark("voice_quality") == "bench.voice_quality"
    assert benchmark("voices") is None
