"""One fixture, ``place``: every provider in turn, and live accounts where the environment has any.

A live account is used when its variables are set: ``S3_BUCKET`` and keys, ``GDRIVE_REFRESH_TOKEN``
and client.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gala_storage import LocalStorage, MemoryStorage, StorageRegistry, StorageSettings
from gala_storage.providers.gdrive import open_gdrive
from gala_storage.providers.s3 import open_s3
from tests.standins.clock import Clock
from tests.standins.drive import drive_standin
from tests.standins.s3 import moto_server, s3_door
from tests.standins.storages import Place, connections_to, open_files_under, settings_of


def _live() -> list[str]:
    settings = StorageSettings()
    configured = {
        "s3": settings.s3_bucket and settings.s3_access_key_id,
        "gdrive": settings.gdrive_refresh_token,
    }
    return [name for name, there in configured.items() if there]


@pytest.fixture(scope="session")
def localfs(tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("localfs")
    return Place(LocalStorage(root), open_files_under(root))


@pytest.fixture(scope="session")
def memory() -> Place:
    return Place(MemoryStorage(), lambda: 0, in_memory=True)


@pytest.fixture(scope="session")
def s3() -> Iterator[Place]:
    with moto_server() as upstream, s3_door(upstream) as door:
        storage = open_s3(settings_of(door.env()), Clock().policy())
        yield Place(storage, connections_to(door.url))


@pytest.fixture(scope="session")
def gdrive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("drive")
    with drive_standin(folder) as drive:
        storage = open_gdrive(settings_of(drive.env()), Clock().policy())
        yield Place(storage, connections_to(drive.root))


@pytest.fixture(
    params=[
        "localfs",
        "memory",
        "s3",
        "gdrive",
        *(pytest.param(f"live-{name}", marks=pytest.mark.live) for name in _live()),
    ]
)
def place(request: pytest.FixtureRequest) -> Place:
    """A provider and where it stores."""
    name: str = request.param
    if name.startswith("live-"):
        return Place(StorageRegistry(StorageSettings()).get(name.removeprefix("live-")), lambda: 0)
    there: Place = request.getfixturevalue(name)
    return there
