"""Failures of Drive: a fake server with its protocol, in which a test can cause faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala_storage import (
    IntegrityError,
    ObjectNotFound,
    StorageConfigError,
    StorageDenied,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from gala_storage.providers.gdrive import open_gdrive
from gala_storage.providers.gdrive.store import DriveStorage
from tests.fakes.clock import Clock
from tests.fakes.drive import Drive, drive_fault
from tests.fakes.faults import Fault
from tests.fakes.storage_rigs import MIB, StorageRig, file_of, noise, settings_of

BIG = 17 * MIB
BEGIN = r"^POST /upload"
CHUNK = r"^PUT /upload"
MEDIA = r"^GET .*alt=media"
STAT = r"^GET /drive/v3/files/1\w+\?.*fields"


@pytest.fixture
def rig(gdrive: DriveStorage) -> StorageRig:
    return StorageRig(gdrive, lambda: 0)


@pytest.mark.parametrize(
    "fault",
    [
        drive_fault(BEGIN, 503, "backendError", times=2),
        drive_fault(BEGIN, 403, "rateLimitExceeded"),
        drive_fault(BEGIN, 401, "authError"),
        drive_fault(CHUNK, 500, "internalError", times=2),
        drive_fault(CHUNK, 403, "userRateLimitExceeded", times=3),
        drive_fault(CHUNK, 429, "rateLimitExceeded"),
        drive_fault(CHUNK, 401, "authError"),
        Fault(on=CHUNK, accept_only=3 * MIB, times=3),
        Fault(on=CHUNK, accept_only=0, times=2),
        Fault(on=CHUNK, cut_request_after=5 * MIB, times=2),
        drive_fault(CHUNK, 404, "notFound"),
        drive_fault(CHUNK, 410, "gone"),
        drive_fault(STAT, 500, "internalError"),
    ],
    ids=[
        "begin-503",
        "begin-rate",
        "begin-token",
        "chunk-500",
        "chunk-user-rate",
        "chunk-429",
        "chunk-token",
        "half-accepted",
        "nothing-accepted",
        "cut",
        "forgotten",
        "gone",
        "stat-500",
    ],
)
def test_a_passing_failure_of_an_upload_is_outlived(
    rig: StorageRig, drive: Drive, tmp_path: Path, fault: Fault
) -> None:
    drive.faults.add(fault)
    key = rig.put(file_of(tmp_path, noise(BIG))).object_key
    assert drive.faults.all_happened
    assert rig.read(key) == noise(BIG)
    assert len(drive.files) == 1


def test_bytes_that_arrived_before_a_cut_are_not_sent_again(
    rig: StorageRig, drive: Drive, tmp_path: Path
) -> None:
    drive.faults.add(Fault(on=CHUNK, cut_request_after=5 * MIB, times=2))
    rig.put(file_of(tmp_path, noise(BIG)))
    assert drive.uploaded_bytes == BIG


@pytest.mark.timeout(30)
def test_a_chunk_whose_answer_was_lost_does_not_stall_the_upload(
    rig: StorageRig, drive: Drive, tmp_path: Path
) -> None:
    # httplib2 repeats the chunk itself; half a stream would block until a time-out.
    drive.faults.add(Fault(on=CHUNK, lose_answer=True))
    key = rig.put(file_of(tmp_path, noise(BIG))).object_key
    assert rig.read(key) == noise(BIG)
    assert drive.uploaded_bytes == BIG


@pytest.mark.parametrize("on", [BEGIN, CHUNK])
def test_an_upload_whose_last_answer_was_lost_is_found_complete(
    rig: StorageRig, drive: Drive, tmp_path: Path, on: str
) -> None:
    drive.faults.add(Fault(on=on, lose_answer=True))
    key = rig.put(file_of(tmp_path, noise(1000))).object_key
    assert rig.read(key) == noise(1000)
    assert len(drive.files) == 1


def test_a_file_that_appears_meanwhile_under_the_id_is_taken_if_it_is_the_same(
    rig: StorageRig, drive: Drive, tmp_path: Path
) -> None:
    path, key = file_of(tmp_path, noise(1000)), rig.new_key()
    rig.put(path, key)
    # The first request finds nothing, as if the other writer had finished just afterwards.
    drive.faults.add(drive_fault(STAT, 404, "notFound"))
    rig.put(path, key)
    assert len(drive.files) == 1
    assert drive.uploaded_bytes == 1000


def test_an_expired_token_is_renewed_wherever_it_is_noticed(
    rig: StorageRig, drive: Drive, tmp_path: Path
) -> None:
    path = file_of(tmp_path, noise(1000))
    drive.expire_tokens()
    key = rig.new_key()
    drive.expire_tokens()
    rig.put(path, key)
    drive.expire_tokens()
    assert rig.read(key) == noise(1000)
    drive.expire_tokens()
    rig.storage.delete(key)
    assert drive.tokens_given == 4


def test_a_token_that_is_refused_again_and_again_is_an_error(rig: StorageRig, drive: Drive) -> None:
    drive.faults.add(drive_fault("/drive/", 401, "authError", times=1000))
    with pytest.raises(StorageDenied, match="GDRIVE_REFRESH_TOKEN"):
        rig.new_key()


def test_retry_after_is_honoured(rig: StorageRig, drive: Drive, clock: Clock) -> None:
    drive.faults.add(drive_fault("generateIds", 429, "rateLimitExceeded", retry_after="9"))
    rig.new_key()
    assert clock.pauses == [9]


def test_a_provider_that_stays_away_is_given_up(
    rig: StorageRig, drive: Drive, clock: Clock, tmp_path: Path
) -> None:
    drive.faults.add(drive_fault(CHUNK, 503, "backendError", times=1000))
    key = rig.new_key()
    with pytest.raises(StorageUnavailable, match="backendError"):
        rig.put(file_of(tmp_path, noise(1000)), key)
    assert len(clock.pauses) == 5
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)


def test_an_upload_that_gets_no_further_is_given_up(
    rig: StorageRig, drive: Drive, tmp_path: Path
) -> None:
    drive.faults.add(Fault(on=CHUNK, accept_only=0, times=1000))
    with pytest.raises(StorageUnavailable):
        rig.put(file_of(tmp_path, noise(MIB)))


def test_a_server_that_is_not_there_is_unavailable(drive: Drive, clock: Clock) -> None:
    env = {**drive.env(), "GDRIVE_API_ROOT": "http://127.0.0.1:1"}
    nowhere = open_gdrive(settings_of(env), clock.policy(attempts=2))
    with pytest.raises(StorageUnavailable):
        nowhere.reserve("renders/x.mp4")
    with pytest.raises(StorageUnavailable):
        nowhere.open("1abc")


def test_a_download_that_breaks_goes_on_where_it_broke(
    rig: StorageRig, drive: Drive, tmp_path: Path
) -> None:
    key = rig.put(file_of(tmp_path, noise(3 * MIB))).object_key
    drive.faults.add(Fault(on=MEDIA, cut_answer_after=1_000_000, times=2))
    drive.faults.add(drive_fault(MEDIA, 503, "backendError"))
    assert rig.read(key) == noise(3 * MIB)
    assert drive.faults.all_happened


@pytest.mark.parametrize("spoil", ["bytes", "claim"])
def test_a_checksum_that_is_not_ours_is_never_accepted(
    rig: StorageRig, drive: Drive, tmp_path: Path, spoil: str
) -> None:
    if spoil == "bytes":
        drive.faults.add(Fault(on=CHUNK, corrupt=True))
    else:
        drive.claimed_sha256 = "0" * 64
    key = rig.new_key()
    with pytest.raises(IntegrityError):
        rig.put(file_of(tmp_path, noise(1000)), key)
    assert drive.files == {}


@pytest.mark.parametrize(
    ("variable", "named"),
    [
        ("GDRIVE_REFRESH_TOKEN", "gala gdrive-auth"),
        ("GDRIVE_CLIENT_SECRET", "GDRIVE_CLIENT_ID, GDRIVE_CLIENT_SECRET"),
        ("GDRIVE_CLIENT_ID", "GDRIVE_CLIENT_ID, GDRIVE_CLIENT_SECRET"),
    ],
)
def test_wrong_credentials_say_what_to_do(
    drive: Drive, clock: Clock, variable: str, named: str
) -> None:
    storage = open_gdrive(settings_of({**drive.env(), variable: "wrong"}), clock.policy())
    for use in (storage.check, lambda: storage.reserve("a.mp4"), lambda: storage.open("1abc")):
        with pytest.raises(StorageDenied, match=named):
            use()
    assert clock.pauses == []


@pytest.mark.parametrize(
    ("reason", "error"),
    [("storageQuotaExceeded", StorageFull), ("insufficientFilePermissions", StorageDenied)],
)
def test_a_refusal_for_good_is_not_tried_again(
    rig: StorageRig,
    drive: Drive,
    clock: Clock,
    tmp_path: Path,
    reason: str,
    error: type[StorageError],
) -> None:
    drive.faults.add(drive_fault(BEGIN, 403, reason))
    with pytest.raises(error):
        rig.put(file_of(tmp_path, noise(1000)))
    assert clock.pauses == []


def test_files_go_into_the_folder_with_a_name_that_people_know(
    drive: Drive, clock: Clock, tmp_path: Path
) -> None:
    folder = drive.make_folder("GALA")
    storage = open_gdrive(settings_of({**drive.env(), "GDRIVE_FOLDER_ID": folder}), clock.policy())
    storage.check()
    key = StorageRig(storage, lambda: 0).put(file_of(tmp_path, b"x")).object_key
    file = drive.files[key]
    assert (file.parents, file.name, file.mime) == (
        [folder],
        "renders/a-job/video.mp4",
        "video/mp4",
    )


def test_a_folder_that_is_not_there_names_the_variable(
    drive: Drive, clock: Clock, tmp_path: Path
) -> None:
    env = {**drive.env(), "GDRIVE_FOLDER_ID": "1nowhere"}
    rig = StorageRig(open_gdrive(settings_of(env), clock.policy()), lambda: 0)
    for use in (rig.storage.check, lambda: rig.put(file_of(tmp_path, b"x"))):
        with pytest.raises(StorageConfigError, match="GDRIVE_FOLDER_ID"):
            use()


def test_a_folder_that_takes_no_files_is_refused_by_the_check(
    rig: StorageRig, drive: Drive, clock: Clock, tmp_path: Path
) -> None:
    file_id = rig.put(file_of(tmp_path, b"x")).object_key
    env = {**drive.env(), "GDRIVE_FOLDER_ID": file_id}
    with pytest.raises(StorageDenied, match="GDRIVE_FOLDER_ID"):
        open_gdrive(settings_of(env), clock.policy()).check()
