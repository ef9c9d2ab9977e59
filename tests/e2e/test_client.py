"""The Python client and the command line, against a running GALA."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gala.cli import sample_media
from gala.client import GalaClient, Job
from gala.errors import AssetNotFound, DeadlineExceeded, InvalidJobState, InvalidRequest, NotFound
from gala.job import JobStatus
from gala.media import AssetKind
from tests.platform.fixtures import SMALL
from tests.platform.stack import Stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stack(shared_stack: Stack) -> Stack:
    return shared_stack


@pytest.fixture(scope="module")
def client(stack: Stack) -> GalaClient:
    return stack.client


@pytest.fixture(scope="module")
def done(client: GalaClient) -> Job:
    job = client.submit(name="hello", params={"text": "Hello"}, **SMALL)
    return client.wait(job.id, timeout_seconds=60)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("photo") / "photo.jpg"
    sample_media.paint_photo(file, width=400, height=300)
    return file


def gala(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gala.cli", *arguments, "--base-url", stack.base_url]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_job_is_waited_for_and_its_outputs_are_named_by_role(done: Job) -> None:
    assert done.status is JobStatus.DONE
    assert {*done.outputs[0].asset_ids} == {"video", "thumbnail"}


def test_events_tell_the_whole_story_in_order(client: GalaClient, done: Job) -> None:
    events = list(client.events(done.id))
    assert [int(event.id) for event in events] == list(range(1, len(events) + 1))
    assert [e.data["status"] for e in events if e.kind == "status"][-1] == "DONE"


def test_events_go_on_after_the_last_one_seen(client: GalaClient, done: Job) -> None:
    everything = list(client.events(done.id))
    rest = list(client.events(done.id, after=everything[2].id))
    assert rest == everything[3:]


@pytest.mark.parametrize("name", ["", "..", "../assets/{}", "x/../{}", "{}?x=1", "{}#x"])
def test_an_id_never_leads_to_another_resource(client: GalaClient, photo: Path, name: str) -> None:
    asset_id = client.upload(photo).id
    for call in (client.asset, client.delete_asset, client.asset_url):
        with pytest.raises(NotFound):
            call(name.replace("{}", asset_id))
    assert client.asset(asset_id).id == asset_id


def test_a_file_whose_name_is_not_unicode_is_uploaded(client: GalaClient, tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.txt")
    file.write_text("A text.")
    assert client.upload(file).filename == "caf?.txt"
    with pytest.raises(InvalidRequest, match="not valid Unicode"):
        client.upload(file, label=file.name)


def test_what_was_uploaded_comes_back_byte_for_byte(
    client: GalaClient, photo: Path, tmp_path: Path
) -> None:
    asset = client.upload(photo, kind=AssetKind.BACKGROUND, label="dusk")
    back = client.download(asset.id, tmp_path / "new" / "back.jpg")
    assert back.read_bytes() == photo.read_bytes()
    assert asset.checksum == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert asset in client.assets(q="dusk")


def test_a_download_that_fails_leaves_no_file(client: GalaClient, tmp_path: Path) -> None:
    with pytest.raises(AssetNotFound):
        client.download("ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF", tmp_path / "nothing.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_arrives_as_the_error_of_its_code_with_its_field(client: GalaClient) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        client.submit(params={})
    assert refusal.value.details["field"] == "params.text"


def test_an_ended_job_cannot_be_retried(client: GalaClient, done: Job) -> None:
    with pytest.raises(InvalidJobState):
        client.retry(done.id)


def test_the_same_key_makes_no_second_job(client: GalaClient) -> None:
    first, second = (
        client.submit(params={"text": "once"}, idempotency_key="only-once", **SMALL)
        for _ in range(2)
    )
    assert first.id == second.id


@pytest.mark.timeout(30)
def test_waiting_ends_at_its_deadline(api_only: Stack) -> None:
    job = api_only.client.submit(params={"text": "late"})
    with pytest.raises(DeadlineExceeded):
        api_only.client.wait(job.id, timeout_seconds=0.3)


def test_submit_uploads_an_input_waits_and_downloads(
    stack: Stack, photo: Path, tmp_path: Path
) -> None:
    done = gala(
        stack,
        *("submit", "hello_render", "--param", "text=From the shell"),
        *("--input", f"bg={photo}", "--out", str(tmp_path)),
    )
    assert done.returncode == 0, done.stderr
    files = [Path(line) for line in done.stdout.splitlines()]
    assert sorted(file.suffix for file in files) == [".jpg", ".mp4"]
    assert all(file.stat().st_size > 1_000 for file in files)


def test_submit_names_the_field_that_is_wrong(stack: Stack) -> None:
    done = gala(stack, "submit", "hello_render", "--param", "txt=x")
    assert done.returncode == 2
    assert "params." in done.stderr


def test_jobs_and_assets_are_listed_as_json(stack: Stack, done: Job) -> None:
    jobs = json.loads(gala(stack, "jobs", "list", "--json").stdout)
    assets = json.loads(gala(stack, "assets", "list", "--json").stdout)
    assert done.id in {job["id"] for job in jobs}
    assert done.outputs[0].asset_ids["video"] in {asset["id"] for asset in assets}


def test_a_job_is_shown_with_what_happened_to_it(stack: Stack, done: Job) -> None:
    assert "DONE" in gala(stack, "jobs", "show", done.id).stdout
    assert gala(stack, "jobs", "logs", done.id).returncode == 0
    output = gala(stack, "jobs", "logs", "--follow", done.id).stdout
    assert [line.split()[-1] for line in output.splitlines() if "status" in line] == [
        "QUEUED",
        "RUNNING",
        "DONE",
    ]


def test_an_asset_is_uploaded_fetched_and_deleted(
    stack: Stack, photo: Path, tmp_path: Path
) -> None:
    asset_id = gala(stack, "assets", "upload", str(photo)).stdout.strip()
    back = tmp_path / "back.jpg"
    gala(stack, "assets", "get", asset_id, "--out", str(back))
    assert back.read_bytes() == photo.read_bytes()
    assert gala(stack, "assets", "delete", asset_id).returncode == 0
    assert "no asset" in gala(stack, "assets", "get", asset_id).stderr
