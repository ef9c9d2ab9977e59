"""A shared engine, and sample files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.engine import EngineHarness
from tests.support.samples import sample
from tests.support.whisper_weights import make_whisper


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    """An engine with two slots."""
    harness = EngineHarness(tmp_path_factory.mktemp("engine"))
    yield harness
    harness.close()


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the sample file of a name; see ``tests/support/samples.py``."""
    folder = tmp_path_factory.mktemp("samples")
    return lambda name: sample(name, folder)


@pytest.fixture(scope="session")
def whisper_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as ``gala weights pull whisper:tiny`` leaves it, with a Whisper of 9 MB."""
    folder = tmp_path_factory.mktemp("weights")
    folder.chmod(0o755)  # as pulled: programs run as another user than the tests
    return make_whisper(folder / "whisper-tiny")
