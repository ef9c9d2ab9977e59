"""The fixture ``rig``: each provider, and live accounts if the environment has any.

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
from tests.fakes.clock import Clock
from tests.fakes.drive import fake_drive
from tests.fakes.s3 import moto_server, s3_proxy
from tests.fakes.storage_rigs import StorageRig, connections_to, open_files_under, settings_of


def _live() -> list[str]:
    settings = StorageSettings()
    configured = {
        "s3": settings.s3_bucket and settings.s3_access_key_id,
        "gdrive": settings.gdrive_refresh_token,
    }
    return [name for name, there in configured.items() if there]


@pytest.fixture(scope="session")
def localfs(tmp_path_factory: pytest.TempPathFactory) -> StorageRig:
    root = tmp_path_factory.mktemp("localfs")
    return StorageRig(LocalStorage(root), open_files_under(root))


@pytest.fixture(scope="session")
def memory() -> StorageRig:
    return StorageRig(MemoryStorage(), lambda: 0, in_memory=True)


@pytest.fixture(scope="session")
def s3() -> Iterator[StorageRig]:
    with moto_server() as upstream, s3_proxy(upstream) as proxy:
        storage = open_s3(settings_of(proxy.env()), Clock().policy())
        yield StorageRig(storage, connections_to(proxy.url))


@pytest.fixture(scope="session")
def gdrive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageRig]:
    folder: Path = tmp_path_factory.mktemp("drive")
    with fake_drive(folder) as drive:
        storage = open_gdrive(settings_of(drive.env()), Clock().policy())
        yield StorageRig(storage, connections_to(drive.root))


@pytest.fixture(
    params=[
        "localfs",
        "memory",
        "s3",
        "gdrive",
        *(pytest.param(f"live-{name}", marks=pytest.mark.live) for name in _live()),
    ]
)
def rig(request: pytest.FixtureRequest) -> StorageRig:
    """A storage provider under test."""
    name: str = request.param
    if name.startswith("live-"):
        return StorageRig(
            StorageRegistry(StorageSettings()).get(name.removeprefix("live-")), lambda: 0
        )
    there: StorageRig = request.getfixturevalue(name)
    return there
