"""The running API checked with its contract: generated valid and invalid requests and sequences."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from gala.job import Lane
from tests.contracts.api.documents import ROOT
from tests.platform.stack import Stack

CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.slow
@pytest.mark.timeout(400)  # a slow machine is no fault of the API
def test_the_api_answers_as_its_contract_says(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(
        slots={Lane.BATCH: 1}, API_MAX_UPLOAD_BYTES="1000000", MODEL_CHECK_SECONDS="1"
    )
    stack.start()
    # Some of the jobs are hours of 4096x4096: they get only the time that the tests leave.
    psutil.Process(stack.process("renderer").pid).nice(19)
    argv = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        *("--url", stack.base_url, "--workers", "1", "--max-examples", "3", "--warnings", "off"),
        str(ROOT / "docs" / "openapi.yaml"),
    )
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    # Some of the jobs would render hours of 4096x4096; the test does not wait for them.
    stack.kill_all()
    assert done.returncode == 0, done.stdout + done.stderr
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in done.stdout
