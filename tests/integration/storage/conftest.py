"""Fake storage services that can fail, and a clock on which waiting takes no time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gala_storage.providers.gdrive import open_gdrive
from gala_storage.providers.gdrive.store import DriveStorage
from gala_storage.providers.s3.store import S3Storage, make_client
from tests.fakes.clock import Clock
from tests.fakes.drive import Drive, fake_drive
from tests.fakes.s3 import BUCKET, S3Proxy, moto_server, s3_proxy
from tests.fakes.storage_rigs import settings_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def shared_proxy() -> Iterator[S3Proxy]:
    with moto_server() as url, s3_proxy(url) as proxy:
        yield proxy


@pytest.fixture
def proxy(shared_proxy: S3Proxy) -> S3Proxy:
    """A proxy to the bucket, without faults at first."""
    shared_proxy.faults.clear()
    shared_proxy.seen.clear()
    return shared_proxy


@pytest.fixture(scope="session")
def s3_client(shared_proxy: S3Proxy) -> S3Client:
    """A shared client, as boto3 is slow to create one."""
    return make_client(settings_of(shared_proxy.env()))


@pytest.fixture
def s3(proxy: S3Proxy, s3_client: S3Client, clock: Clock) -> S3Storage:
    return S3Storage(s3_client, BUCKET, policy=clock.policy())


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Drive]:
    folder = tmp_path / "drive"
    folder.mkdir()
    with fake_drive(folder) as drive:
        yield drive


@pytest.fixture
def gdrive(drive: Drive, clock: Clock) -> DriveStorage:
    return open_gdrive(settings_of(drive.env()), clock.policy())
