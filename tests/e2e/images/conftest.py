"""The container engine and the images, built once."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.images.engine import ROOT, Engine, missing

FAKES = Path(__file__).parent / "fakes"


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    asked = "images" in request.config.option.markexpr
    reason = missing() if asked else "only with -m images"
    if reason:
        pytest.skip(f"images: {reason}")
    engine = Engine()
    engine.make_base()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def images(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine with our three images, and fakes of the two public ones."""
    context = _committed(tmp_path_factory.mktemp("context"))
    for service in ("api", "worker", "renderer"):
        engine.build(
            service, f"gala-{service}", dockerfile=context / "infra/Dockerfile", context=context
        )
    dockerfile = FAKES / "Dockerfile"
    engine.build("postgres", "postgres:18-bookworm", dockerfile=dockerfile, context=FAKES)
    valkey = "docker.io/valkey/valkey:9-alpine"
    engine.build("valkey", valkey, dockerfile=dockerfile, context=FAKES)
    return engine


def _committed(folder: Path) -> Path:
    """Copy the files that git tracks from the working tree, like a fresh clone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder
