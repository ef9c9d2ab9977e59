"""Every benchmark command starts and shows its help."""

from __future__ import annotations

import json
import subprocess
import sys

from run import ROOT, benchmark, benchmarks

# One process for all of them, as most import the same.
_PROGRAM = """
import contextlib, io, json, runpy, sys
printed = {}
for module in sys.argv[1:]:
    sys.argv = [module, "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        except SystemExit as end:
            printed[module] = [end.code, out.getvalue()]
print(json.dumps(printed))
"""


def test_each_bench_tells_how_it_is_called() -> None:
    modules = benchmarks()
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *modules.values()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    for name, module in modules.items():
        status, usage = printed[module]
        assert status in (0, None), module
        assert f"usage: run.py bench {name}" in usage


def test_a_name_may_be_written_with_hyphens_or_underscores() -> None:
    assert benchmark("voice-quality") == benchmark("voice_quality") == "bench.voice_quality"
    assert benchmark("voices") is None
