"""The running API checked with its contract: generated valid and invalid requests and sequences."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gala.job import Lane
from tests.contracts.api.documents import kept_as_json
from tests.platform.stack import Stack

CONFIG = Path(__file__).with_name("schemathesis.toml")


NO_BOUNDS = "phases.coverage.enabled = false\n"


@pytest.mark.slow
@pytest.mark.timeout(400)  # a slow machine is no fault of the API
def test_the_api_answers_as_its_contract_says(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    assert "✅ Stateful" in _checked(make_stack, CONFIG, kept_as_json(tmp_path))


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_the_api_answers_as_its_contract_says_at_every_bound(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    config = CONFIG.read_text()
    whole = tmp_path / "schemathesis.toml"
    whole.write_text(config.replace(NO_BOUNDS, NO_BOUNDS.replace("false", "true")))
    operations = re.findall(r'operation-id(?:-regex)? = "(.*)"\n' + re.escape(NO_BOUNDS), config)
    assert len(operations) == config.count(NO_BOUNDS) == 2
    # Sequences need the other operations.
    only = ("--include-operation-id-regex", "|".join(operations))
    document = kept_as_json(tmp_path)
    _checked(make_stack, whole, document, *only, "--phases", "examples,coverage,fuzzing")


def _checked(make_stack: Callable[..., Stack], config: Path, document: Path, *options: str) -> str:
    """Check the contract; return what schemathesis printed."""
    stack = make_stack(
        slots={Lane.BATCH: 1}, API_MAX_UPLOAD_BYTES="1000000", MODEL_CHECK_SECONDS="0.1"
    )
    # Without a worker: thousands of jobs would be rendered for nothing.
    stack.start("renderer", "api")
    argv = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *("--url", stack.base_url, "--workers", "1", "--max-examples", "3", "--warnings", "off"),
        *(*options, str(document)),
    )
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for phase in ("Examples", "Coverage", "Fuzzing"):
        assert f"✅ {phase}" in done.stdout
    return done.stdout
