"""Jobs whose inputs are URLs: fetched and rendered, refused, cancelled in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gala import ids
from gala.db.engine import transaction
from gala.db.tables import Job, JobEvent
from gala.job import JobStatus
from gala.job_queue import jobs
from gala.net.urls import AllowedHosts
from gala_storage import MemoryStorage
from tests.fakes.http import Handler
from tests.integration.worker.conftest import Workplace
from tests.integration.worker.fetching.conftest import Canary, Site
from tests.support.samples import sample
from tests.support.wait import wait_until


class JobRunner:
    """Runs attempts of jobs whose inputs contain URLs."""

    def __init__(self, workplace: Workplace, allowed: AllowedHosts):
        self._workplace = workplace
        self._allowed = allowed
        self.storage = MemoryStorage()

    def run(
        self,
        type_name: str,
        inputs: dict[str, list[str]],
        meanwhile: Callable[[str], None] | None = None,
        **settings: Any,
    ) -> Job:
        """Run one attempt, from the claim to the cleanup; return the job afterwards."""
        attempt, job_id = self._workplace.attempt(
            self.storage,
            job_columns={
                "type": type_name,
                "template_id": ids.builtin_template_id(type_name),
                "inputs": inputs,
                "format": None,
            },
            **{"fetch_allowed_hosts": self._allowed, "worker_max_failures": 1, **settings},
        )
        if meanwhile is not None:
            threading.Thread(target=meanwhile, args=(job_id,), daemon=True).start()
        attempt.run()
        with transaction(self._workplace.sessions) as session:
            return session.get_one(Job, job_id)

    def cancel(self, job_id: str) -> None:
        """Request a cancel, as the API does."""
        with transaction(self._workplace.sessions) as session:
            jobs.request_cancel(session, job_id, ids.LOCAL_OWNER)

    def log(self, job: Job) -> str:
        """Return the job's log."""
        with transaction(self._workplace.sessions) as session:
            found = session.scalars(select(JobEvent.data).where(JobEvent.job_id == job.id))
            return "\n".join(str(data) for data in found)

    def files(self, job: Job) -> list[Path]:
        """Return the files in the job's folder."""
        return [p for p in self._workplace.folder(job.id).rglob("*") if p.is_file()]

    @property
    def cached(self) -> list[Path]:
        """The files in the cache."""
        return [p for p in self._workplace.data_root.glob("fetched/*") if p.name != ".lock"]


@pytest.fixture
def runner(workplace: Workplace, site: Site) -> JobRunner:
    """A runner that may fetch from the site, and from no other address of this machine."""
    return JobRunner(workplace, AllowedHosts.parse([f"127.0.0.1:{site.port}"]))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A PNG and a JPEG."""
    folder = tmp_path_factory.mktemp("pictures")
    return sample("picture", folder).read_bytes(), sample("other_picture", folder).read_bytes()


def failure(job: Job) -> dict[str, Any]:
    assert job.status == JobStatus.FAILED
    assert job.error is not None
    return dict(job.error)


def test_a_job_with_urls_is_done_with_its_inputs_in_order(
    runner: JobRunner, site: Site, pictures: tuple[bytes, bytes]
) -> None:
    png, jpeg = pictures
    first = site.file("/liar.jpg?token=secret", png, ETag='"png"', Content_Type="text/html")
    second = site.file("/b", jpeg, ETag='"jpeg"')
    job = runner.run("image_stitch", {"images": [first, second, first]})
    assert job.status == JobStatus.DONE, job.error
    staged = sorted(path.name for path in runner.files(job) if path.parent.name == "in")
    assert staged == ["images-0.png", "images-1.jpg", "images-2.png"]
    assert len(runner.cached) == 2
    log = runner.log(job)
    assert f"inputs.images_urls.0: {len(png):,} bytes of image/png from 127.0.0.1" in log
    assert "secret" not in log


def test_a_job_with_a_url_inside_fails_and_nobody_was_asked(
    runner: JobRunner, canary: Canary
) -> None:
    job = runner.run("thumbnail", {"video": [f"http://127.0.0.2:{canary.port}/?token=secret"]})
    error = failure(job)
    assert error["code"] == "URL_REFUSED"
    assert error["message"].startswith("inputs.video_url: ")
    assert not error["retryable"]
    assert "secret" not in str(error)
    assert canary.connections == 0
    assert runner.files(job) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<!doctype html><title>Log in</title>", "a web page (text/html)"),
        (b"#EXTM3U\n/etc/passwd\n", "a playlist (HLS, M3U)"),
    ],
)
def test_a_url_that_is_no_video_is_told_as_what_it_is(
    body: bytes, found: str, runner: JobRunner, site: Site
) -> None:
    url = site.file("/film.mp4", body, Content_Type="video/mp4")
    job = runner.run("trim", {"media": [url]})
    error = failure(job)
    assert (error["code"], error["retryable"]) == ("UNPROCESSABLE_MEDIA", False)
    assert error["message"] == (
        f"inputs.media_url: The file at this URL is {found}; trim needs audio or video here."
    )
    assert runner.files(job) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<!doctype html><title>Log in</title>", "a web page (text/html)"),
        (b"#EXTM3U\n/etc/passwd\n", "a playlist (HLS, M3U)"),
        (b"", "an empty file"),
    ],
)
@pytest.mark.parametrize(
    ("type_name", "name", "code"),
    [
        ("import", "media", "UNSUPPORTED_MEDIA"),
        ("captions", "subtitles", "UNPROCESSABLE_MEDIA"),
    ],
)
def test_a_page_is_no_file_of_any_type(
    type_name: str, name: str, code: str, body: bytes, found: str, runner: JobRunner, site: Site
) -> None:
    job = runner.run(type_name, {name: [site.file("/film.mp4", body)]})
    error = failure(job)
    assert (error["code"], error["retryable"]) == (code, False)
    assert f"The file at this URL is {found}" in error["message"]
    assert runner.files(job) == []


def test_a_server_in_trouble_is_asked_again_by_the_next_attempt(
    runner: JobRunner, site: Site
) -> None:
    url = site.page("/a", lambda ask: ask.answer(503))
    job = runner.run("thumbnail", {"video": [url]}, worker_max_failures=2)
    assert job.status == JobStatus.QUEUED


def test_a_broken_connection_is_resumed_and_the_job_is_done(
    runner: JobRunner, site: Site, pictures: tuple[bytes, bytes]
) -> None:
    png, half = pictures[0], len(pictures[0]) // 2

    def respond(ask: Handler) -> None:
        if ask.headers["range"] == f"bytes={half}-":
            content_range = f"bytes {half}-{len(png) - 1}/{len(png)}"
            ask.answer(206, png[half:], Content_Range=content_range, ETag='"one"')
            return
        ask.send_response(200)
        ask.send_header("Content-Length", str(len(png)))
        ask.send_header("ETag", '"one"')
        ask.end_headers()
        ask.wfile.write(png[:half])
        ask.cut()

    job = runner.run("thumbnail", {"video": [site.page("/a", respond)]})
    assert job.status == JobStatus.DONE, job.error
    assert len(site.requests) == 2


def test_cancelling_during_a_slow_download_ends_it_and_leaves_nothing(
    runner: JobRunner, site: Site
) -> None:
    gone = threading.Event()

    def respond(ask: Handler) -> None:
        ask.send_response(200)
        ask.send_header("Content-Length", "1000000")
        ask.end_headers()
        ask.wfile.write(b"x" * 1000)
        ask.connection.settimeout(60)
        try:
            ask.connection.recv(1)
        except TimeoutError:
            return
        gone.set()

    def cancel(job_id: str) -> None:
        wait_until(lambda: site.requests, 20, what="the download")
        runner.cancel(job_id)

    url = site.page("/slow", respond)
    job = runner.run("thumbnail", {"video": [url]}, cancel, fetch_seconds=600)
    assert job.status == JobStatus.CANCELLED
    assert gone.wait(20)
    assert runner.files(job) == []
    assert runner.cached == []
