"""S3 when things go wrong: moto's server behind a proxy in which a test can cause faults."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gala_storage import (
    IntegrityError,
    ObjectExists,
    ObjectNotFound,
    StorageConfigError,
    StorageDenied,
    StorageError,
    StorageFull,
    StorageUnavailable,
    SupportsSignedUrl,
)
from gala_storage.providers.s3 import open_s3
from gala_storage.providers.s3.store import S3Storage
from tests.fakes.clock import Clock
from tests.fakes.faults import Fault
from tests.fakes.s3 import BUCKET, S3Proxy, s3_fault
from tests.fakes.storage_rigs import MIB, StorageRig, file_of, noise, settings_of
from tests.support import http

SMALL = 100_000
BIG = 17 * MIB
ONE_PUT = r"^PUT .*\.mp4(\?x-id=PutObject)?$"
PART_2 = r"^PUT .*partNumber=2"
COMPLETE = r"^POST .*uploadId="
GET = r"^GET .*\.mp4"
HEAD = r"^HEAD .*\.mp4"


@pytest.fixture
def rig(s3: S3Storage) -> StorageRig:
    return StorageRig(s3, lambda: 0)


def unfinished_uploads(proxy: S3Proxy, key: str) -> int:
    return http.get(f"{proxy.url}/{BUCKET}?uploads&prefix={key}").text.count("<Upload>")


def test_a_deleted_key_keeps_no_parts_of_an_upload_that_was_given_up(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path
) -> None:
    key = rig.new_key()
    proxy.faults.add(s3_fault(PART_2, 503, "SlowDown", times=6))
    with pytest.raises(StorageUnavailable):
        rig.put(file_of(tmp_path, noise(BIG)), key)
    assert unfinished_uploads(proxy, key) == 1
    rig.storage.delete(key)
    assert unfinished_uploads(proxy, key) == 0


def test_whoever_waits_for_a_provider_that_is_away_hears_that_it_shall_stop(
    rig: StorageRig, proxy: S3Proxy, clock: Clock, tmp_path: Path
) -> None:
    def stop_after_three_seconds(_sent: int) -> None:
        if clock.now >= 3:
            raise InterruptedError("the job was cancelled")

    proxy.faults.add(s3_fault(HEAD, 503, "SlowDown", times=20))
    key, path = rig.new_key(), file_of(tmp_path, noise(SMALL))
    with pytest.raises(InterruptedError):
        rig.storage.put(key, path, "video/mp4", name=key, on_progress=stop_after_three_seconds)
    assert clock.now < 5


@pytest.mark.parametrize(
    "fault",
    [
        s3_fault(ONE_PUT, 503, "SlowDown", times=3),
        s3_fault(ONE_PUT, 500, "InternalError", times=2),
        s3_fault(ONE_PUT, 429, "TooManyRequests"),
        s3_fault(ONE_PUT, 409, "ConditionalRequestConflict"),
        Fault(on=ONE_PUT, cut_request_after=1000),
        Fault(on=ONE_PUT, lose_answer=True),
    ],
    ids=["slow down", "internal", "429", "conflict", "cut", "answer lost"],
)
def test_a_passing_failure_of_a_small_upload_is_outlived(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path, fault: Fault
) -> None:
    proxy.faults.add(fault)
    key = rig.put(file_of(tmp_path, noise(SMALL))).object_key
    assert proxy.faults.all_happened
    assert rig.read(key) == noise(SMALL)


@pytest.mark.parametrize(
    "fault",
    [
        s3_fault(PART_2, 503, "SlowDown", times=3),
        Fault(on=PART_2, cut_request_after=3 * MIB, times=2),
        Fault(on=PART_2, lose_answer=True),
        s3_fault(COMPLETE, 500, "InternalError"),
        Fault(on=COMPLETE, lose_answer=True),
        s3_fault(r"^GET .*\?.*uploads", 403, "AccessDenied"),
    ],
    ids=["slow down", "cut", "answer lost", "complete fails", "complete's answer lost", "no list"],
)
def test_a_passing_failure_of_an_upload_in_parts_is_outlived(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path, fault: Fault
) -> None:
    proxy.faults.add(fault)
    key = rig.put(file_of(tmp_path, noise(BIG))).object_key
    assert proxy.faults.all_happened
    assert rig.read(key) == noise(BIG)
    assert unfinished_uploads(proxy, key) == 0


def test_pauses_grow_and_retry_after_is_honoured(
    rig: StorageRig, proxy: S3Proxy, clock: Clock, tmp_path: Path
) -> None:
    proxy.faults.add(s3_fault(ONE_PUT, 503, "SlowDown", times=2))
    proxy.faults.add(s3_fault(ONE_PUT, 429, "TooManyRequests", retry_after="7"))
    rig.put(file_of(tmp_path, noise(SMALL)))
    first, second, third = clock.pauses
    assert 0.25 <= first <= 0.5 <= second <= 1
    assert third == 7


def test_a_provider_that_stays_away_is_given_up(
    rig: StorageRig, proxy: S3Proxy, clock: Clock, tmp_path: Path
) -> None:
    proxy.faults.add(s3_fault(ONE_PUT, 503, "SlowDown", times=1000))
    with pytest.raises(StorageUnavailable, match="SlowDown"):
        rig.put(file_of(tmp_path, noise(SMALL)))
    assert len(clock.pauses) == 5


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path, clock: Clock) -> None:
    env = {"S3_BUCKET": BUCKET, "S3_ENDPOINT_URL": "http://127.0.0.1:1"}
    keys = {"S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY": "b"}
    nowhere = open_s3(settings_of({**env, **keys}), clock.policy(attempts=2))
    with pytest.raises(StorageUnavailable):
        nowhere.check()
    with pytest.raises(StorageUnavailable):
        nowhere.open("renders/x.mp4")


def test_an_interrupted_upload_goes_on_where_it_was(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path
) -> None:
    path, key = file_of(tmp_path, noise(BIG)), rig.new_key()
    proxy.faults.add(s3_fault(PART_2, 503, "SlowDown", times=6))
    with pytest.raises(StorageUnavailable):
        rig.put(path, key)
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)
    sent_before = proxy.uploaded_bytes
    rig.put(path, key)
    assert rig.read(key) == noise(BIG)
    assert proxy.uploaded_bytes - sent_before < BIG - 7 * MIB
    assert unfinished_uploads(proxy, key) == 0


def test_an_upload_that_somebody_else_ended_may_be_tried_again(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path
) -> None:
    path, key = file_of(tmp_path, noise(BIG)), rig.new_key()
    proxy.faults.add(s3_fault(PART_2, 404, "NoSuchUpload"))
    with pytest.raises(StorageUnavailable):
        rig.put(path, key)
    rig.put(path, key)
    assert rig.read(key) == noise(BIG)


def test_parts_of_other_bytes_are_not_gone_on_from(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path
) -> None:
    key = rig.new_key()
    proxy.faults.add(s3_fault(PART_2, 503, "SlowDown", times=6))
    with pytest.raises(StorageUnavailable):
        rig.put(file_of(tmp_path, noise(BIG, seed=1)), key)
    rig.put(file_of(tmp_path, noise(BIG, seed=2)), key)
    assert rig.read(key) == noise(BIG, seed=2)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (s3_fault(PART_2, 403, "AccessDenied"), StorageDenied),
        (s3_fault(PART_2, 507, "XMinioStorageFull"), StorageFull),
        (s3_fault(PART_2, 400, "InvalidArgument"), StorageError),
    ],
    ids=["denied", "full", "wrong"],
)
def test_an_upload_that_cannot_succeed_is_taken_back(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path, fault: Fault, error: type[StorageError]
) -> None:
    key = rig.new_key()
    proxy.faults.add(fault)
    with pytest.raises(error):
        rig.put(file_of(tmp_path, noise(BIG)), key)
    assert unfinished_uploads(proxy, key) == 0
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)


@pytest.mark.parametrize(("size", "on"), [(SMALL, ONE_PUT), (BIG, PART_2)])
def test_bytes_spoilt_on_the_way_are_noticed_and_removed(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path, size: int, on: str
) -> None:
    key = rig.new_key()
    proxy.faults.add(Fault(on=on, corrupt=True))
    with pytest.raises(IntegrityError):
        rig.put(file_of(tmp_path, noise(size)), key)
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)


@pytest.mark.parametrize(
    "lie",
    [{"x-amz-checksum-sha256": "A" * 43 + "="}, {"Content-Length": "99"}],
    ids=["checksum", "size"],
)
def test_a_checksum_or_size_that_is_not_ours_is_never_accepted(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path, lie: dict[str, str]
) -> None:
    key = rig.new_key()
    path = file_of(tmp_path, noise(SMALL))
    # The first HEAD asks what is there before the upload.
    proxy.faults.add(Fault(on=HEAD))
    proxy.faults.add(Fault(on=HEAD, answer_headers=lie))
    with pytest.raises(IntegrityError):
        rig.put(path, key)
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)


@pytest.mark.parametrize("size", [SMALL, BIG])
def test_a_server_without_checksums_has_its_bytes_read_back(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path, size: int
) -> None:
    silent = {"x-amz-checksum-sha256": ""}
    proxy.faults.add(Fault(on=HEAD, answer_headers=silent, times=100))
    key = rig.put(file_of(tmp_path, noise(size))).object_key
    assert any(request.startswith("GET ") and key in request for request in proxy.seen)

    spoilt = rig.new_key()
    proxy.faults.add(Fault(on=r"^PUT .*\.mp4", corrupt=True))
    with pytest.raises(IntegrityError):
        rig.put(file_of(tmp_path, noise(size)), spoilt)


def test_a_server_without_conditions_is_sent_plain_requests(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path
) -> None:
    proxy.faults.add(s3_fault(ONE_PUT, 501, "NotImplemented"))
    key = rig.put(file_of(tmp_path, noise(SMALL))).object_key
    assert rig.read(key) == noise(SMALL)
    with pytest.raises(ObjectExists):
        rig.put(file_of(tmp_path, b"other"), key)


def test_a_download_that_breaks_goes_on_where_it_broke(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path
) -> None:
    key = rig.put(file_of(tmp_path, noise(3 * MIB))).object_key
    proxy.seen.clear()
    proxy.faults.add(Fault(on=GET, cut_answer_after=1_000_000, times=2))
    assert rig.read(key) == noise(3 * MIB)
    assert proxy.faults.all_happened
    assert len(proxy.seen) == 3


def test_a_download_that_keeps_breaking_is_given_up(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path
) -> None:
    key = rig.put(file_of(tmp_path, noise(SMALL))).object_key
    proxy.faults.add(Fault(on=GET, cut_answer_after=0, times=1000))
    with pytest.raises(StorageUnavailable):
        rig.read(key)


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"])
def test_wrong_credentials_name_the_variables(
    rig: StorageRig, proxy: S3Proxy, tmp_path: Path, code: str
) -> None:
    proxy.faults.add(s3_fault(".", 403, code, times=1000))
    for use in (rig.storage.check, lambda: rig.put(file_of(tmp_path, b"x"))):
        with pytest.raises(StorageDenied, match="S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY"):
            use()


def test_a_bucket_that_is_not_there_names_the_variable(
    proxy: S3Proxy, clock: Clock, tmp_path: Path
) -> None:
    env = {**proxy.env(), "S3_BUCKET": "no-such-bucket"}
    rig = StorageRig(open_s3(settings_of(env), clock.policy()), lambda: 0)
    for use in (rig.storage.check, lambda: rig.put(file_of(tmp_path, b"x"))):
        with pytest.raises(StorageConfigError, match="S3_BUCKET"):
            use()


def test_a_signed_link_serves_the_object_without_credentials(
    rig: StorageRig, tmp_path: Path
) -> None:
    key = rig.put(file_of(tmp_path, noise(SMALL))).object_key
    assert isinstance(rig.storage, SupportsSignedUrl)
    link = rig.storage.signed_url(key, timedelta(minutes=5), filename="año nuevo.mp4", inline=False)
    answer = http.get(link)
    assert answer.content == noise(SMALL)
    assert answer.headers["Content-Type"] == "video/mp4"
    saved_as = answer.headers["Content-Disposition"]
    assert saved_as == "attachment; filename*=UTF-8''a%C3%B1o%20nuevo.mp4"


@pytest.mark.parametrize("expires", [timedelta(0), timedelta(days=8)])
def test_a_signed_link_lasts_seven_days_at_most(s3: S3Storage, expires: timedelta) -> None:
    with pytest.raises(ValueError, match="seven days"):
        s3.signed_url("renders/x.mp4", expires, filename=None, inline=True)


def test_keys_keep_the_prefix_they_were_reserved_with(
    proxy: S3Proxy, clock: Clock, tmp_path: Path
) -> None:
    env = {**proxy.env(), "S3_PREFIX": "media/gala/"}
    before = open_s3(settings_of(env), clock.policy())
    key = before.reserve("renders/prefixed.mp4")
    assert key == "media/gala/renders/prefixed.mp4"
    StorageRig(before, lambda: 0).put(file_of(tmp_path, b"x"), key)
    after = open_s3(settings_of(proxy.env()), clock.policy())
    assert StorageRig(after, lambda: 0).read(key) == b"x"
