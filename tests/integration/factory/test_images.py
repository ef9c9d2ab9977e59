"""Images from services with different APIs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gala.factory import ImageWorkflow, ProcessingStatus, VideoWorkflow
from tests.fakes.generation_service import ROUTES, Service
from tests.support.hostile_image_answers import TRAPS

SECONDS = 30


def _workflow(service: Service, **config: Any) -> ImageWorkflow:
    return ImageWorkflow({"service_endpoint": service.url, "retry_wait": 0, **config})


@pytest.mark.parametrize("dialect", ROUTES)
def test_a_picture_comes_from_a_service_of_each_kind(service: Service, dialect: str) -> None:
    workflow = _workflow(service, dialect=dialect, default_model="some-model", service_key="secret")
    wanted = {"prompt": "A city", "style": "realistic", "resolution": "512x256", "hdr": True}
    task = workflow.process(wanted).wait(SECONDS)

    assert task.error is None
    assert task.result
    assert task.result.path
    assert task.result.path.read_bytes() == service.picture
    assert (task.result.mime, task.result.path.suffix) == ("image/png", ".png")
    assert task.parameters == wanted
    [(path, body)] = service.asked
    assert path == ROUTES[dialect]
    assert service.keys == ["Bearer secret"]
    assert "A city" in body["prompt"]
    assert "some-model" in str(body)
    assert "512" in str(body)


def test_the_kind_of_a_service_is_found_out_once(service: Service) -> None:
    service.routes = {ROUTES["json"]}
    workflow = _workflow(service)
    for prompt in ("one", "two"):
        assert workflow.process({"prompt": prompt}).wait(SECONDS).error is None
    assert [path for path, _ in service.asked] == [*ROUTES.values(), ROUTES["json"]]


def test_what_a_services_way_cannot_say_is_named(service: Service) -> None:
    wanted = {"prompt": "one", "seed": 3, "steps": 30, "negative_prompt": "people"}
    ignored = []
    for dialect in ROUTES:
        task = _workflow(service, dialect=dialect).process(wanted).wait(SECONDS)
        assert task.result
        ignored.append(task.metadata.get("ignored"))
        assert list(task.result.ignored) == (ignored[-1] or [])
    assert ignored == [["negative_prompt", "seed", "steps"], None, None]


@pytest.mark.parametrize("path", ["/v1", "/v1/images/generations", "/generate"])
def test_an_endpoint_may_name_its_route(service: Service, path: str) -> None:
    workflow = _workflow(service, service_endpoint=service.url + path)
    assert workflow.process({"prompt": "one"}).wait(SECONDS).error is None
    assert len(service.asked) == 1


def test_a_link_of_the_service_is_followed_to_the_service(service: Service) -> None:
    service.link = f"{service.url}/made.png"
    task = _workflow(service, dialect="openai").process({"prompt": "one"}).wait(SECONDS)
    assert task.result
    assert task.result.path
    assert task.result.path.read_bytes() == service.picture


def test_a_link_into_the_local_network_is_not_followed(service: Service) -> None:
    workflow = _workflow(service, dialect="openai")
    service.link = service.url.replace("127.0.0.1", "localhost")
    task = workflow.process({"prompt": "one"}).wait(SECONDS)
    assert task.metadata["error_code"] == "URL_REFUSED"


def test_a_repeat_is_answered_with_a_copy_unless_it_is_switched_off(service: Service) -> None:
    workflow, forgetful = _workflow(service), _workflow(service, cache=False)
    first, second = (workflow.process({"prompt": "one"}).wait(SECONDS) for _ in range(2))
    assert first.result
    assert second.result
    assert first.result.path != second.result.path
    assert second.metadata["cached"] is True
    assert len(service.asked) == 1

    for _ in range(2):
        forgetful.process({"prompt": "one"}).wait(SECONDS)
    assert len(service.asked) == 3


def test_a_failure_that_may_pass_is_tried_again_and_told(service: Service) -> None:
    service.refusals = [(503, b"warming up"), (429, b"slow down")]
    workflow = _workflow(service, dialect="json")
    task = workflow.process({"prompt": "one"}).wait(SECONDS)
    assert task.status is ProcessingStatus.COMPLETED
    assert [attempt["code"] for attempt in task.metadata["attempts"]] == [
        "UNAVAILABLE",
        "RATE_LIMITED",
    ]
    assert "warming up" in task.metadata["attempts"][0]["error"]
    metrics = workflow.get_metrics()
    assert (metrics["retried"], metrics["completed"], metrics["running"]) == (2, 1, 0)
    assert metrics["seconds"] > 0


def test_a_refusal_is_final_and_says_why(service: Service) -> None:
    service.refusals = [(400, b'{"error":"no such model"}')]
    task = _workflow(service, dialect="json").process({"prompt": "one"}).wait(SECONDS)
    assert (task.status, len(service.asked)) == (ProcessingStatus.FAILED, 1)
    assert "no such model" in str(task.error)


@pytest.mark.parametrize("trap", TRAPS)
def test_what_is_no_usual_picture_is_refused_and_not_kept(service: Service, trap: str) -> None:
    service.picture = TRAPS[trap]
    workflow = _workflow(service, dialect="json")
    task = workflow.process({"prompt": "one"}).wait(SECONDS)
    assert (task.status, task.metadata["error_code"]) == (ProcessingStatus.FAILED, "RENDER_FAILED")
    assert not list(workflow._runner.folder.iterdir())


def test_more_pixels_than_are_taken_are_not_asked_for(service: Service) -> None:
    with pytest.raises(ValueError, match="40 megapixels"):
        _workflow(service).process({"prompt": "one", "resolution": "8000x8000"})


def test_a_key_that_is_refused_is_not_repeated(service: Service) -> None:
    service.refusals = [(401, b"who is secret?")]
    task = _workflow(service, dialect="json", service_key="secret").process({"prompt": "one"})
    assert "who is …?" in str(task.wait(SECONDS).error)
    assert "service_key" in str(task.error)


def test_a_service_that_is_away_is_named(service: Service) -> None:
    workflow = ImageWorkflow({"service_endpoint": "http://127.0.0.1:1", "retries": 0})
    task = workflow.process({"prompt": "one"}).wait(SECONDS)
    assert "http://127.0.0.1:1 does not answer" in str(task.error)


def test_cancelling_hangs_up_on_the_service(service: Service) -> None:
    service.go.clear()
    workflow = _workflow(service, dialect="json", workers=1)
    running, waiting = (workflow.process({"prompt": name}) for name in ("one", "two"))
    assert service.arrived.wait(SECONDS)
    assert workflow.list_tasks("pending") == [waiting]
    for task in (running, waiting):
        assert workflow.cancel_task(task.task_id)
        assert task.wait(SECONDS).status is ProcessingStatus.CANCELLED
    assert service.hung_up.wait(SECONDS)
    assert not workflow.cancel_task(running.task_id)
    assert workflow.get_metrics()["running"] == 0


def test_work_that_takes_too_long_is_ended(service: Service) -> None:
    service.go.clear()
    task = _workflow(service, dialect="json", timeout=0.2).process({"prompt": "one"}).wait(SECONDS)
    assert task.metadata["error_code"] == "DEADLINE_EXCEEDED"


def test_a_batch_of_twenty_with_two_bad_rows_has_twenty_results(service: Service) -> None:
    rows: list[Any] = [{"prompt": f"picture {at}", "resolution": "64x64"} for at in range(20)]
    rows[3] = {"prompt": "", "resolution": "huge"}
    rows[11] = "no row at all"
    task_ids: list[str] = []
    workflow = _workflow(service, dialect="json", workers=3)
    tasks = workflow.batch_process(rows, callback=lambda task: task_ids.append(task.task_id))

    for task in tasks:
        task.wait(SECONDS)
    failed = [at for at, task in enumerate(tasks) if task.status is ProcessingStatus.FAILED]
    assert failed == [3, 11]
    assert "prompt" in str(tasks[3].error)
    assert "resolution" in str(tasks[3].error)
    assert all(task.result for at, task in enumerate(tasks) if at not in failed)
    assert workflow.list_tasks() == tasks
    assert len(service.asked) == 18
    assert workflow.get_metrics()["running"] == 0


def test_a_video_comes_from_a_prompt(service: Service, tmp_path: Path) -> None:
    workflow = VideoWorkflow({"service_endpoint": service.url, "output_dir": tmp_path / "out"})
    wanted = {"prompt": "Clouds", "duration": 10, "resolution": "8K", "fps": 60, "use_nerf": True}
    task = workflow.process(wanted).wait(SECONDS)
    assert task.result
    assert task.result.path
    assert task.result.path.parent == tmp_path / "out"
    assert task.result.path.read_bytes() == service.video
    assert service.asked == [("/generate", wanted)]
