"""Renderer processes: a shared one, and others that tests may kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.integration.renderer.service import Attempt, RendererProcess


@pytest.fixture(scope="session")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RendererProcess]:
    """A renderer that all tests share; do not kill it."""
    process = RendererProcess(tmp_path_factory.mktemp("renderer"), RENDERER_SLOTS="2")
    yield process
    process.stop()


@pytest.fixture
def make_renderer(tmp_path: Path) -> Iterator[Callable[..., RendererProcess]]:
    """Starts a renderer for one test, with the settings given as arguments."""
    made: list[RendererProcess] = []

    def make(*, within: Sequence[str] = (), **env: str) -> RendererProcess:
        made.append(RendererProcess(tmp_path, within=within, **env))
        return made[-1]

    yield make
    for process in made:
        process.stop()


@pytest.fixture
def attempt(renderer: RendererProcess) -> Attempt:
    """The folder of a new attempt of the shared renderer."""
    return renderer.attempt()
