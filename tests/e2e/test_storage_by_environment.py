"""The same job is stored in localfs, S3 or Drive, chosen by the environment only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gala.job import JobStatus, Lane
from gala.supervisor.program import ServiceFailed
from tests.e2e.conftest import Platform
from tests.fakes.drive import Drive, drive_fault, fake_drive
from tests.fakes.faults import Fault
from tests.fakes.s3 import S3Proxy, moto_server, s3_fault, s3_proxy
from tests.support import http

pytestmark = pytest.mark.slow

Start = Callable[..., Platform]
HELLO = {"name": "hello-e2e", "params": {"text": "GALA E2E"}}
SMALL = {"output": {"format": {"width": 270, "height": 480, "fps": 10}}}


@contextmanager
def local(_folder: Path) -> Iterator[dict[str, str]]:
    yield {"STORAGE_PROVIDER": "localfs"}


@contextmanager
def s3(_folder: Path) -> Iterator[dict[str, str]]:
    with moto_server() as url, s3_proxy(url) as proxy:
        spoil_s3(proxy)
        yield {**proxy.env(), "STORAGE_PROVIDER": "s3"}
        assert proxy.faults.all_happened


@contextmanager
def gdrive(folder: Path) -> Iterator[dict[str, str]]:
    with fake_drive(folder) as drive:
        spoil_drive(drive)
        yield {**drive.env(), "STORAGE_PROVIDER": "gdrive"}
        assert drive.faults.all_happened


def spoil_s3(proxy: S3Proxy) -> None:
    proxy.faults.add(s3_fault("PUT ", 503, "SlowDown"))
    proxy.faults.add(s3_fault("PUT ", 500, "InternalError"))


def spoil_drive(drive: Drive) -> None:
    drive.faults.add(drive_fault("POST /upload", 429, "rateLimitExceeded"))
    drive.faults.add(drive_fault("POST /upload", 403, "userRateLimitExceeded"))
    drive.faults.add(drive_fault("PUT ", 500, "backendError"))
    drive.faults.add(Fault(on="PUT ", accept_only=0))
    drive.expire_tokens()


@pytest.mark.parametrize(
    "provider",
    [
        # All other tests store there.
        pytest.param(local, id="localfs", marks=pytest.mark.exhaustive),
        pytest.param(s3, id="s3"),
        pytest.param(gdrive, id="gdrive"),
    ],
)
def test_a_job_lands_where_the_environment_says_and_streams_back(
    own_platform: Start, tmp_path: Path, provider: Callable[[Path], Any]
) -> None:
    folder = tmp_path / "cloud"
    folder.mkdir()
    with provider(folder) as env:
        gala = own_platform(slots={Lane.BATCH: 1}, WORKER_LEASE_SECONDS="30", **env)
        job = http.post(f"{gala.stack.base_url}/jobs", json={**HELLO, **SMALL}).json()["job"]["id"]
        gala.until(job, JobStatus.DONE, within=60)
        rows = gala.rows(
            "SELECT id, kind, provider, object_key, mime, size_bytes, sha256 FROM assets"
            " WHERE job_id = :id ORDER BY kind",
            id=job,
        )
        assert [(row.kind, row.provider, row.mime) for row in rows] == [
            ("render_output", env["STORAGE_PROVIDER"], "video/mp4"),
            ("thumbnail", env["STORAGE_PROVIDER"], "image/jpeg"),
        ]
        for row in rows:
            assert_right_key(env["STORAGE_PROVIDER"], row.object_key, job)
            assert_streams_back(f"{gala.stack.base_url}/assets/{row.id}/content", row)
        assert not (gala.data_root / "jobs" / job).exists()
        asset = rows[0].id
        assert http.delete(f"{gala.stack.base_url}/assets/{asset}").status_code == 204
        gone = http.get(f"{gala.stack.base_url}/assets/{asset}/content")
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "ASSET_NOT_FOUND")
        gala.stack.close()


def assert_right_key(provider: str, key: str, job: str) -> None:
    if provider == "gdrive":
        assert "/" not in key  # a file id that Drive generated beforehand
    else:
        assert key.startswith(f"renders/{job}/")


def assert_streams_back(url: str, row: Any) -> None:
    whole = http.get(url)
    assert whole.status_code == 200
    assert hashlib.sha256(whole.content).hexdigest() == row.sha256
    assert len(whole.content) == row.size_bytes
    assert whole.headers["content-type"] == row.mime
    size = row.size_bytes
    for first, last in ((0, 0), (100, 999), (size - 10, size - 1)):
        part = http.get(url, headers={"Range": f"bytes={first}-{last}"})
        assert part.status_code == 206
        assert part.content == whole.content[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"


def test_credentials_that_are_not_there_are_told_by_name(make_stack: Callable[..., Any]) -> None:
    # boto3 searches for credentials itself (profile, instance role); only a request shows them.
    stack = make_stack(slots={}, STORAGE_PROVIDER="s3", S3_BUCKET="b")
    stack.start("api")
    health = http.get(f"{stack.base_url}/health?deep=true", timeout=30).json()
    assert health["status"] == "degraded"
    assert "S3_ACCESS_KEY_ID" in health["checks"]["storage"]["detail"]


@pytest.mark.parametrize(
    ("provider", "named"), [("gdrive", "GDRIVE_REFRESH_TOKEN"), ("floppy", "STORAGE_PROVIDER")]
)
def test_a_storage_without_settings_is_refused_at_the_start(
    make_stack: Callable[..., Any], provider: str, named: str
) -> None:
    stack = make_stack(slots={}, STORAGE_PROVIDER=provider)
    with pytest.raises(ServiceFailed, match="api ended"):
        stack.start("api")
    assert named in stack.log("api")
