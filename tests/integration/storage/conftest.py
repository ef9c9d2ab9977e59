"""Stand-ins with their faults, and a clock on which waiting costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gala_storage.providers.gdrive import open_gdrive
from gala_storage.providers.gdrive.store import DriveStorage
from gala_storage.providers.s3.store import S3Storage, make_client
from tests.standins.clock import Clock
from tests.standins.drive import Drive, drive_standin
from tests.standins.s3 import BUCKET, S3Door, moto_server, s3_door
from tests.standins.storages import settings_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def shared_door() -> Iterator[S3Door]:
    with moto_server() as url, s3_door(url) as door:
        yield door


@pytest.fixture
def door(shared_door: S3Door) -> S3Door:
    """The way to the bucket, with nothing wrong yet."""
    shared_door.faults.clear()
    shared_door.seen.clear()
    return shared_door


@pytest.fixture(scope="session")
def s3_client(shared_door: S3Door) -> S3Client:
    """Made once: boto3 takes its time."""
    return make_client(settings_of(shared_door.env()))


@pytest.fixture
def s3(door: S3Door, s3_client: S3Client, clock: Clock) -> S3Storage:
    return S3Storage(s3_client, BUCKET, policy=clock.policy())


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Drive]:
    folder = tmp_path / "drive"
    folder.mkdir()
    with drive_standin(folder) as drive:
        yield drive


@pytest.fixture
def gdrive(drive: Drive, clock: Clock) -> DriveStorage:
    return open_gdrive(settings_of(drive.env()), clock.policy())
