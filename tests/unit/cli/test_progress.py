"""Progress of work that consists of several parts, and of jobs."""

from __future__ import annotations

import httpx

from gala.cli.progress import part_of, wait_shown
from gala.client import GalaClient, Job
from tests.unit.cli.test_remote import JOB


def test_each_part_fills_its_share_of_the_bar() -> None:
    shown: list[tuple[str | None, float | None]] = []
    for number in range(4):
        show = part_of(lambda step, fraction: shown.append((step, fraction)), number, 4)
        show("rendering", 0.0)
        show("rendering", 1.0)
        show("ending", None)
    assert [fraction for step, fraction in shown if step == "rendering"] == [
        *(0.0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1.0),
    ]
    assert {fraction for step, fraction in shown if step == "ending"} == {None}


def test_a_job_that_is_waited_for_shows_its_progress_and_no_log() -> None:
    lines = [
        *("event: progress", 'data: {"phase": "rendering", "progress": 0.4}', ""),
        *("event: log", 'data: {"msg": "rendered in 1 s"}', ""),
        *("event: status", 'data: {"status": "DONE"}', "", ""),
    ]
    shown: list[tuple[str | None, float | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="\n".join(lines))
        return httpx.Response(200, json={"job": JOB | {"status": "DONE"}})

    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        job = Job.model_validate(JOB)
        ended = wait_shown(client, job, lambda *news: shown.append(news), timeout_seconds=5)
    assert ended.status == "DONE"
    assert shown == [("rendering", 0.4), ("done", None)]
