"""Jobs: submit, find, wait, cancel, retry; and CORS for browsers."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from typing import Any

import httpx
import pytest

from gala.client import GalaClient
from gala.errors import UrlRefused
from tests.platform.stack import Stack
from tests.support import http
from tests.support.leak_check import connect

FAIL = """
    UPDATE jobs SET status = 'RUNNING', lease_until = now() + interval '1 h' WHERE id = %(id)s;
    UPDATE jobs SET status = 'FAILED', phase = 'ended', lease_until = NULL, finished_at = now(),
        error = '{"code": "RENDER_FAILED", "message": "It broke.", "step": "rendering",
                  "retryable": false, "hint": "Mend it."}' WHERE id = %(id)s
"""


def submit(api_only_client: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = api_only_client.post("/jobs", json={"params": {"text": "x"}, **fields})
    assert answer.status_code == 201, answer.text
    job: dict[str, Any] = answer.json()["job"]
    return job


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["jobs"]]


def execute(stack: Stack, statement: str, job_id: str) -> None:
    with connect(stack) as connection:
        for part in statement.split(";\n"):
            connection.execute(part, {"id": job_id})


def test_the_smallest_job_of_the_contract_sent_with_curl(api_only: Stack) -> None:
    body = '{"name":"hello-e2e","params":{"text":"GALA E2E"}}'
    argv = (
        *("curl", "-sS", "-X", "POST", f"{api_only.base_url}/jobs"),
        *("-H", "Content-Type: application/json", "-d", body, "-w", "\n%{http_code}"),
    )
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    text, _, status = done.stdout.rpartition("\n")
    assert status == "201"
    job = json.loads(text)["job"]
    assert job["name"] == "hello-e2e"
    assert job["type"] == "hello_render"
    assert job["status"] == "QUEUED"
    assert job["params"] == {"text": "GALA E2E"}
    assert job["output"] == {
        "format": {"width": 1080, "height": 1920, "fps": 30},
        "duration_ms": 7000,
    }
    assert (job["progress"], job["phase"], job["attempt"]) == (0.0, "waiting", 0)
    assert (job["error"], job["started_at"], job["finished_at"]) == (None, None, None)
    assert (job["outputs"], job["logs"], job["attempts"]) == ([], [], [])


def test_a_text_with_everything_in_it_is_kept_to_the_letter(api_only_client: httpx.Client) -> None:
    text = r"It's 50% {off}: C:\x\nñ 你好"
    job = submit(api_only_client, params={"text": text})
    assert api_only_client.get(f"/jobs/{job['id']}").json()["job"]["params"] == {"text": text}


def test_the_full_form_of_the_contract_is_taken(api_only_client: httpx.Client) -> None:
    model = api_only_client.post("/models", json={"stage_name": "Luna"}).json()["model"]
    template = {"type": "hello_render", "name": "full form"}
    made = api_only_client.post("/templates", json=template).json()["template"]
    inputs = ("bg", "music", "overlay", "avatar_image", "voice_audio", "captions")
    job = submit(
        api_only_client,
        name="full",
        template_id=made["id"],
        model_ids=[model["id"]],
        inputs={f"{name}_asset_id": None for name in inputs},
        output={"aspect_ratio": "16:9", "format": {"width": 640, "height": 360, "fps": 25}},
        batch={"count": 1, "variants": []},
    )
    assert job["template_id"] == made["id"]
    assert job["inputs"] == {}
    assert job["output"]["format"] == {"width": 640, "height": 360, "fps": 25}


@pytest.mark.parametrize(
    "body",
    [
        {"params": {"text": "again"}},
        {"params": {"text": "again"}, "output": {"aspect_ratio": "1:1"}},
        {"type": "tts", "params": {"text": "again"}},
        {"type": "captioned_video", "params": {"text": "again"}},
    ],
)
def test_what_a_job_was_made_of_makes_another_one(
    api_only_client: httpx.Client, body: dict[str, Any]
) -> None:
    job = submit(api_only_client, **body)
    fields = ("name", "type", "template_id", "model_ids", "inputs", "params", "output")
    again = submit(api_only_client, **{name: job[name] for name in fields})
    assert {name: again[name] for name in fields} == {name: job[name] for name in fields}


def test_a_job_is_done_and_has_its_outputs(api: httpx.Client, quick_template: str) -> None:
    answer = api.post(
        "/jobs",
        json={"template_id": quick_template, "params": {"text": "done"}},
        headers={"Prefer": "wait=30"},
    )
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "wait=30"
    job = answer.json()["job"]
    assert (job["status"], job["phase"], job["progress"]) == ("DONE", "ended", 1.0)
    assert job["started_at"] < job["finished_at"]
    assert [one["outcome"] for one in job["attempts"]] == ["DONE"]
    (output,) = job["outputs"]
    assert output["variant"] == 0
    for role, key, kind, mime in (
        ("video", "video_object_key", "render_output", "video/mp4"),
        ("thumbnail", "thumb_object_key", "thumbnail", "image/jpeg"),
    ):
        asset = api.get(f"/assets/{output[f'{role}_asset_id']}").json()["asset"]
        assert (asset["kind"], asset["mime"], asset["job_id"]) == (kind, mime, job["id"])
        assert asset["object_key"] == output[key]
        content = api.get(f"/assets/{asset['id']}/content")
        assert len(content.content) == asset["size_bytes"]
        assert content.headers["content-type"] == mime
        file = output["files"][role]
        assert file == {name: asset[name] for name in file if name != "asset_id"} | {
            "asset_id": asset["id"]
        }
        assert (file["width"], file["height"]) == (64, 112)
        moving = (300, 10) if role == "video" else (None, None)
        assert (file["duration_ms"], file["fps"]) == moving
        assert api.get(file["content_url"]).content == content.content
    assert output["captions_asset_id"] is None
    refused = api.post(f"/jobs/{job['id']}/cancel")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "INVALID_JOB_STATE"
    assert api.post(f"/jobs/{job['id']}/retry").status_code == 409
    api.delete(f"/assets/{output['thumbnail_asset_id']}")
    after = api.get(f"/jobs/{job['id']}").json()["job"]["outputs"][0]
    remaining = {"video": output["files"]["video"]}
    assert after == output | {"thumbnail_asset_id": None, "files": remaining}


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [("wait=0", None), ("wait=1", "wait=1"), ("respond-async, wait=1", "wait=1"), ("x", None)],
)
def test_waiting_ends_when_the_time_is_over(
    api_only_client: httpx.Client, prefer: str, applied: str | None
) -> None:
    job = submit(api_only_client)
    started = time.monotonic()
    answer = api_only_client.get(f"/jobs/{job['id']}", headers={"Prefer": prefer})
    took = time.monotonic() - started
    assert answer.json()["job"]["status"] == "QUEUED"
    assert answer.headers.get("preference-applied") == applied
    assert took >= (0.9 if applied else 0)


def test_waiting_ends_when_the_job_does(api_only_client: httpx.Client, api_only: Stack) -> None:
    job = submit(api_only_client)
    found: list[httpx.Response] = []

    def wait() -> None:
        with http.Client(base_url=api_only.base_url, trust_env=False, timeout=30) as client:
            found.append(client.get(f"/jobs/{job['id']}", headers={"Prefer": "wait=20"}))

    waiter = threading.Thread(target=wait)
    waiter.start()
    api_only_client.post(f"/jobs/{job['id']}/cancel")
    waiter.join(15)
    assert found[0].json()["job"]["status"] == "CANCELLED"


def test_a_waiting_job_is_cancelled_at_once_and_only_once(api_only_client: httpx.Client) -> None:
    job = submit(api_only_client)
    first, second = (api_only_client.post(f"/jobs/{job['id']}/cancel") for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json()["job"]["status"] == "CANCELLED"
    assert first.json() == second.json()
    refused = api_only_client.post(f"/jobs/{job['id']}/retry")
    assert refused.status_code == 409
    assert refused.json()["error"]["details"] == {"status": "CANCELLED"}


def test_a_running_job_is_asked_to_stop(api_only_client: httpx.Client, api_only: Stack) -> None:
    job = submit(api_only_client)
    running = "UPDATE jobs SET status = 'RUNNING', lease_until = now() + interval '1 h'"
    execute(api_only, f"{running} WHERE id = %(id)s", job["id"])
    answer = api_only_client.post(f"/jobs/{job['id']}/cancel")
    assert answer.status_code == 202
    assert answer.json()["job"]["status"] == "RUNNING"
    assert answer.json()["job"]["cancel_requested"] is True


def test_a_failed_job_tells_why_and_is_tried_again(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    job = submit(api_only_client)
    execute(api_only, FAIL, job["id"])
    failed = api_only_client.get(f"/jobs/{job['id']}").json()["job"]
    assert failed["error"] == {
        "code": "RENDER_FAILED",
        "message": "It broke.",
        "step": "rendering",
        "retryable": False,
        "hint": "Mend it.",
        "field": None,
    }
    again = api_only_client.post(f"/jobs/{job['id']}/retry")
    assert again.status_code == 200
    assert again.json()["job"]["status"] == "QUEUED"
    assert again.json()["job"]["error"] is None
    assert again.json()["job"]["id"] == job["id"]


def test_lists_are_narrowed_by_every_filter(api_only_client: httpx.Client, api_only: Stack) -> None:
    model = api_only_client.post("/models", json={"stage_name": "Luna"}).json()["model"]["id"]
    template = {"type": "hello_render", "name": "for a list"}
    made = api_only_client.post("/templates", json=template).json()["template"]["id"]
    first = submit(api_only_client, name="Filtered one", model_ids=[model])["id"]
    second = submit(api_only_client, name="filtered two", template_id=made)["id"]
    third = submit(api_only_client, name="filtered 100%")["id"]
    api_only_client.post(f"/jobs/{third}/cancel")
    for query, wanted in (
        ({"q": "FILTERED"}, [third, second, first]),
        ({"q": "filtered", "status": "QUEUED"}, [second, first]),
        ({"q": "filtered", "status": "CANCELLED"}, [third]),
        ({"model_id": model}, [first]),
        ({"template_id": made}, [second]),
        ({"q": "filtered", "type": "hello_render", "limit": "2"}, [third, second]),
        ({"q": "100%"}, [third]),
        ({"q": "filtered", "type": "zzz"}, []),
    ):
        assert ids(api_only_client.get("/jobs", params=query)) == wanted, query


def test_a_cursor_stays_right_while_jobs_come_in(api_only_client: httpx.Client) -> None:
    made = [submit(api_only_client, name="paged")["id"] for _ in range(7)]
    seen: list[str] = []
    query: dict[str, Any] = {"q": "paged", "limit": 3}
    while True:
        answer = api_only_client.get("/jobs", params=query)
        seen += ids(answer)
        submit(api_only_client, name="paged")
        if answer.json()["next_cursor"] is None:
            break
        query["cursor"] = answer.json()["next_cursor"]
    assert seen == made[::-1]
    by_offset = ids(api_only_client.get("/jobs", params={"q": "paged", "offset": 3, "limit": 2}))
    assert by_offset == made[::-1][0:2]


def test_a_cursor_and_an_offset_add_up(api_only_client: httpx.Client) -> None:
    made = [submit(api_only_client, name="added")["id"] for _ in range(4)]
    query = {"q": "added", "cursor": made[-1], "offset": 1}
    assert ids(api_only_client.get("/jobs", params=query)) == made[::-1][2:]


def test_a_browser_on_the_swagger_page_may_ask(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    origin = f"http://localhost:{api_only.services.swagger_port}"
    preflight = api_only_client.options(
        "/jobs",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,idempotency-key,prefer",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == origin
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "idempotency-key" in preflight.headers["access-control-allow-headers"].lower()
    answer = api_only_client.get("/health", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Location" in answer.headers["access-control-expose-headers"]
    refused = api_only_client.get("/jobs/x", headers={"Origin": origin})
    assert refused.status_code == 404
    assert refused.headers["access-control-allow-origin"] == origin


def test_a_strange_page_may_not_ask(api_only_client: httpx.Client) -> None:
    origin = {"Origin": "http://evil.example"}
    assert (
        "access-control-allow-origin" not in api_only_client.get("/health", headers=origin).headers
    )
    preflight = api_only_client.options(
        "/jobs", headers=origin | {"Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 400


def test_the_health_of_the_contract(api_only_client: httpx.Client, api: httpx.Client) -> None:
    answer = api_only_client.get("/health").json()
    assert answer == {"status": "ok", "service": "gala-api", "version": answer["version"]}
    assert api_only_client.get("/livez").status_code == 204
    # Without a renderer, jobs are accepted and wait; its sandbox level is unknown.
    assert api_only_client.get("/readyz").json() == {"status": "ok", "sandbox": "unknown"}
    assert api.get("/readyz").json()["sandbox"] in {"namespaces", "landlock", "limits"}
    deep = api.get("/health?deep=true").json()
    assert deep["status"] == "ok"
    assert set(deep["checks"]) == {"postgres", "redis", "renderer", "storage"}
    alone = api_only_client.get("/health?deep=true").json()
    assert alone["status"] == "degraded"
    assert alone["checks"]["renderer"]["ok"] is False
    assert alone["checks"]["renderer"]["detail"]


def test_metrics_tell_of_the_queue(api_only_client: httpx.Client) -> None:
    text = api_only_client.get("/metrics").text
    assert 'gala_queue_depth{lane="batch"}' in text
    assert "gala_outbox_lag_seconds " in text
    assert 'gala_sandbox_level{level="unknown"} 1.0' in text
    assert 'gala_sandbox_level{level="limits"} 0.0' in text
    assert 'gala_jobs_total{outcome="cancelled",type="hello_render"}' in text


def test_a_job_without_a_size_of_its_own_says_so(api_only_client: httpx.Client) -> None:
    job = api_only_client.post("/jobs", json={"type": "tts", "params": {"text": "hi"}}).json()[
        "job"
    ]
    assert job["output"]["format"] is None
    assert api_only_client.get(f"/jobs/{job['id']}").json()["job"]["output"]["format"] is None
    template = api_only_client.get(f"/templates/{job['template_id']}").json()["template"]
    assert template["format"] is None


def test_metadata_too_long_for_a_job_is_refused_by_its_size(
    api_only_client: httpx.Client,
) -> None:
    kept = {"text": "x" * 16_000}
    assert submit(api_only_client, metadata=kept)["metadata"] == kept
    for path, field in (("/jobs", {}), ("/process/video/trim", {"video_url": "https://x.example"})):
        body = {"params": {"text": "x"}} if path == "/jobs" else field
        answer = api_only_client.post(path, json={**body, "metadata": {"text": "ä" * 8_200}})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR"), answer.text
        assert "metadata" in json.dumps(error["details"])
        assert "16411 bytes" in answer.text
        assert "16384" in answer.text


def test_lists_leave_out_what_is_long_and_the_job_has_it(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    session_id = f"long {time.monotonic_ns()}"
    text = "word " * 1_000
    short = submit(api_only_client, session_id=session_id, metadata={"a": 1})
    long = submit(api_only_client, session_id=session_id, type="tts", params={"text": text})
    old = submit(api_only_client, session_id=session_id)
    # As jobs of earlier releases may have it.
    execute(
        api_only,
        "UPDATE jobs SET client_metadata = jsonb_build_object('text', repeat('x', 1000000))"
        " WHERE id = %(id)s",
        old["id"],
    )
    answer = api_only_client.get("/jobs", params={"session_id": session_id})
    assert len(answer.content) < 10_000
    listed = {job["id"]: job for job in answer.json()["jobs"]}
    assert listed[short["id"]] == {key: short[key] for key in listed[short["id"]]}
    assert listed[short["id"]]["omitted"] == []
    assert listed[long["id"]]["params"] == {}
    assert listed[long["id"]]["omitted"] == ["params"]
    assert (listed[old["id"]]["metadata"], listed[old["id"]]["omitted"]) == (None, ["metadata"])
    for job_id, field in ((long["id"], "params"), (old["id"], "metadata")):
        job = api_only_client.get(f"/jobs/{job_id}").json()["job"]
        assert len(job[field]["text"]) >= 5_000
        assert job["omitted"] == []


def test_a_queued_job_is_cancelled_at_once(api_only_client: httpx.Client) -> None:
    job = api_only_client.post("/jobs", json={"params": {"text": "never seen"}}).json()["job"]["id"]
    for _ in range(2):
        answer = api_only_client.post(f"/jobs/{job}/cancel")
        assert (answer.status_code, answer.json()["job"]["status"]) == (200, "CANCELLED")
    assert api_only_client.get(f"/jobs/{job}").json()["job"]["status"] == "CANCELLED"


def test_the_python_client_asks_for_a_notification(api_only_client: httpx.Client) -> None:
    with GalaClient(str(api_only_client.base_url)) as client:
        made = client.submit(
            params={"text": "hi"},
            callback_url="https://receiver.example.org/hook",
            metadata={"row": 7},
            creation_id="c-1",
        )
        with pytest.raises(UrlRefused, match="callback_url"):
            client.submit(params={"text": "hi"}, callback_url="ftp://receiver.example.org")
    job = api_only_client.get(f"/jobs/{made.id}").json()["job"]
    assert (job["metadata"], job["creation_id"]) == ({"row": 7}, "c-1")
