"""Fixtures for programs that use the library: a home with tiny weights, and sample files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gala_renderer import in_process
from tests.support.chatterbox import chatterbox_server
from tests.support.model_weights import ModelWeights
from tests.support.samples import sample


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the sample file of a name; see ``tests/support/samples.py``."""
    folder = tmp_path_factory.mktemp("samples")
    return lambda name: sample(name, folder)


@pytest.fixture(scope="session")
def home(model_weights: ModelWeights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GALA's home as after ``gala weights pull kokoro`` and a Whisper."""
    home = tmp_path_factory.mktemp("home")
    model_weights.install(home / "weights")
    return home


@pytest.fixture(scope="session")
def chatterbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Chatterbox server with a fake model."""
    with chatterbox_server(tmp_path_factory.mktemp("chatterbox")) as url:
        yield url


@pytest.fixture(scope="module")
def installed(home: Path, model_weights: ModelWeights, chatterbox_url: str) -> Iterator[Path]:
    """The environment of a program with all models; its engine is closed afterwards.

    Not session-scoped: the processes that other tests start inherit the environment.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GALA_HOME", str(home))
        environment.setenv("WHISPER_MODEL", model_weights.whisper_model)
        environment.setenv("CHATTERBOX_URL", chatterbox_url)
        yield home
        in_process.engine().close()
