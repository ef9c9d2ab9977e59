"""A fake generating service, and an engine in the test process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gala_renderer import in_process
from tests.fakes.generation_service import Service, serving
from tests.support.chatterbox import chatterbox_server
from tests.support.samples import sample


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running fake service."""
    with serving(tmp_path_factory.mktemp("service")) as found:
        yield found


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The local engine with a fake Chatterbox server and no models."""
    with (
        chatterbox_server(tmp_path_factory.mktemp("chatterbox")) as url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("GALA_HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("CHATTERBOX_URL", url)
        # Closes an engine of another home; the next one uses this home.
        in_process.engine().close()
        yield
        in_process.engine().close()


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the sample file of a name; see ``tests/support/samples.py``."""
    folder = tmp_path_factory.mktemp("samples")
    return lambda name: sample(name, folder)
