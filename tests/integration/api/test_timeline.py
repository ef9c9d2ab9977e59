"""Plans of compositions: assets are looked up, mistakes are explained."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import event

from gala.db.engine import make_engine, make_sessions, transaction
from gala_api.jobs.timeline_models import resolved
from tests.platform.stack import Stack
from tests.support.leak_check import connect

NOBODY = "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"


@pytest.fixture(scope="module")
def photo(api_only_client: httpx.Client) -> str:
    """The id of a picture of 40x30 pixels."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30)).save(content, "PNG")
    answer = api_only_client.post(
        "/assets", files={"file": ("a.png", content.getvalue())}, data={"kind": "background"}
    )
    assert answer.status_code == 201, answer.text
    asset_id: str = answer.json()["asset"]["id"]
    return asset_id


def plan(client: httpx.Client, params: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = client.post("/timeline/plan", json={"params": params, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["plan"]
    return found


def refusal(client: httpx.Client, params: dict[str, Any], status: int) -> dict[str, Any]:
    answer = client.post("/timeline/plan", json={"params": params})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


def one(**clip: Any) -> dict[str, Any]:
    return {"tracks": [{"clips": [clip]}]}


def test_sizes_and_lengths_are_those_of_the_assets(
    api_only_client: httpx.Client, api_only: Stack, photo: str
) -> None:
    with connect(api_only) as database:
        database.execute(
            "UPDATE assets SET width = 40, height = 30, duration_ms = 2500, mime = 'video/mp4'"
            " WHERE id = %s",
            [photo],
        )
    params = one(type="video", src=photo, width="50%")
    found = plan(api_only_client, params, output={"format": {"width": 64, "height": 64, "fps": 10}})
    assert (found["duration"], found["frames"], found["estimate"]) == (2.5, 25, False)
    assert found["render_seconds"] > 0
    assert found["layers"][0]["box"] == {"left": 16, "top": 20, "width": 32, "height": 24}
    problem = refusal(api_only_client, one(type="image", src=photo), 400)["details"]
    assert problem["pointer"] == "/tracks/0/clips/0/src"
    assert "video/mp4" in problem["rule"]
    assert '"type": "video"' in problem["remedy"]


def test_timecodes_count_the_frames_of_the_job(api_only_client: httpx.Client) -> None:
    params = one(type="shape", duration="00:00:01:36")
    output = {"format": {"width": 64, "height": 64, "fps": 48}}
    assert plan(api_only_client, params, output=output)["frames"] == 84
    body = {"type": "timeline", "params": params, "output": output}
    job = api_only_client.post("/jobs", json=body).json()["job"]
    assert job["params"]["tracks"][0]["clips"][0]["duration"] == 1.75
    api_only_client.post(f"/jobs/{job['id']}/cancel")
    problem = refusal(api_only_client, params, 400)["details"]
    assert problem["pointer"] == "/tracks/0/clips/0/duration"
    assert "a second of this film has 30" in problem["rule"]
    refused = api_only_client.post("/jobs", json={**body, "output": {}})
    assert refused.json()["error"]["details"]["pointer"] == "/tracks/0/clips/0/duration"


def test_mistakes_have_pointer_rule_and_remedy(api_only_client: httpx.Client) -> None:
    clips = [
        {"type": "text", "text": "x", "length": 2},
        {"type": "image", "src": "sea.jpg", "x": 5},
    ]
    error = refusal(api_only_client, {"tracks": [{"clips": clips}]}, 400)
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["field"] == "params.tracks.0.clips.0.length"
    assert [problem["pointer"] for problem in error["details"]["problems"]] == [
        "/tracks/0/clips/0/length",
        "/tracks/0/clips/1/x",
    ]
    assert all({"rule", "remedy"} < problem.keys() for problem in error["details"]["problems"])


def test_a_model_is_looked_up_once_however_often_it_presents(
    api_only_client: httpx.Client, api_only: Stack, photo: str
) -> None:
    body = {"stage_name": "Ada", "asset_ids": [photo]}
    model = api_only_client.post("/models", json=body).json()["model"]["id"]
    engine = make_engine(api_only.services.database_url, name="test", pool_size=1)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    shown = [{"type": "presenter", "model": model, "text": "Hi."} for _ in range(200)]
    with transaction(make_sessions(engine)) as session:
        found = resolved(session, "local", {"scenes": [{"elements": shown}]})
    engine.dispose()
    assert [one["character"] for one in found["scenes"][0]["elements"]] == [{}] * 200
    assert len(statements) == 2


def test_files_and_models_have_to_exist(api_only_client: httpx.Client) -> None:
    path = refusal(api_only_client, one(type="image", src="sea.jpg"), 400)
    assert "POST /assets" in path["details"]["remedy"]
    asset = refusal(api_only_client, one(type="image", src=NOBODY), 404)
    assert asset["code"] == "ASSET_NOT_FOUND"
    assert asset["details"]["pointer"] == "/tracks/0/clips/0/src"
    url = refusal(api_only_client, one(type="image", src="http://example.com:8081/a.png"), 422)
    assert url["code"] == "URL_REFUSED"
    model = f"mdl_{NOBODY[4:]}"
    missing = refusal(api_only_client, one(type="presenter", text="Hi.", model=model), 404)
    assert missing["code"] == "MODEL_NOT_FOUND"


def test_a_job_has_the_files_of_its_composition_as_inputs(
    api_only_client: httpx.Client, photo: str
) -> None:
    url = "https://example.com/b.png"
    clips = [
        {"type": "video", "src": photo, "width": "50%", "start": "0:01"},
        {"type": "image", "src": url, "start": {"after": "x", "offset": 0.5}},
        {"type": "video", "src": photo},
        {"type": "shape", "name": "x", "duration": 12},
    ]
    params = {"tracks": [{"clips": [clip]} for clip in clips]}
    answer = api_only_client.post("/jobs", json={"type": "timeline", "params": params})
    assert answer.status_code == 201, answer.text
    job = api_only_client.get(f"/jobs/{answer.json()['job']['id']}").json()["job"]
    assert job["inputs"] == {"media_urls": [photo, url]}
    assert job["output"]["format"] == {"width": 1080, "height": 1920, "fps": 30}
    # What the job keeps is a composition again.
    again = api_only_client.post("/timeline/plan", json={"params": job["params"]})
    assert again.status_code == 200, again.text
    api_only_client.post(f"/jobs/{job['id']}/cancel")


def test_a_job_is_refused_as_a_plan_is(api_only_client: httpx.Client) -> None:
    def refused(params: dict[str, Any]) -> dict[str, Any]:
        answer = api_only_client.post("/jobs", json={"type": "timeline", "params": params})
        assert answer.status_code == 400, answer.text
        details: dict[str, Any] = answer.json()["error"]["details"]
        return details

    assert refused(one(type="text", text="x", length=2))["remedy"] == 'Write "duration".'
    assert "no element" in refused(one(type="text", text="x", start={"after": "y"}))["rule"]


def test_a_path_in_a_composition_of_a_job_is_refused_where_it_is(
    api_only_client: httpx.Client, photo: str
) -> None:
    job = {"type": "timeline", "params": one(type="image", src="p1.jpg")}
    inputs = {"media_asset_ids": [photo]}
    named = api_only_client.post("/jobs", json={**job, "inputs": inputs})
    assert named.status_code == 201, named.text
    answer = api_only_client.post("/jobs", json=job)
    assert answer.status_code == 400, answer.text
    details = answer.json()["error"]["details"]
    assert details["field"] == "params.tracks.0.clips.0.src"
    assert "POST /assets" in details["remedy"]


def test_the_schema_is_published(api_only_client: httpx.Client) -> None:
    schema = api_only_client.get("/timeline/schema").json()
    assert {"scenes", "tracks"} < schema["properties"].keys()
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_an_edit_of_shotstack_is_imported_with_a_list_of_what_is_lost(
    api_only_client: httpx.Client,
) -> None:
    text = {"type": "text", "text": "Hello"}
    clips = [{"asset": text, "start": 0, "length": 2, "filter": "blur"}]
    edit = {"timeline": {"tracks": [{"clips": clips}]}, "output": {"resolution": "sd"}}
    answer = api_only_client.post("/timeline/import", json={"document": edit})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["format"] == {"width": 1024, "height": 576, "fps": 25}
    assert [one["pointer"] for one in found["losses"]] == ["/timeline/tracks/0/clips/0/filter"]
    planned = plan(api_only_client, found["composition"], output={"format": found["format"]})
    assert planned["duration"] == 2


def test_a_document_that_is_neither_otio_nor_shotstack_is_refused(
    api_only_client: httpx.Client,
) -> None:
    answer = api_only_client.post("/timeline/import", json={"document": {"scenes": []}})
    assert answer.status_code == 400
    assert "neither OTIO" in answer.json()["error"]["message"]


def uploaded(client: httpx.Client, name: str, content: str) -> str:
    answer = client.post(
        "/assets", files={"file": (name, content.encode())}, data={"kind": "other"}
    )
    assert answer.status_code == 201, answer.text
    asset_id: str = answer.json()["asset"]["id"]
    return asset_id


def test_drawings_that_are_assets_are_read_for_a_plan(api_only_client: httpx.Client) -> None:
    animation = '{"w": 40, "h": 20, "fr": 10, "ip": 0, "op": 25, "layers": []}'
    lottie = uploaded(api_only_client, "a.json", animation)
    for _ in range(2):
        found = plan(api_only_client, one(type="lottie", src=lottie))
        assert (found["duration"], found["estimate"]) == (2.5, False)
    drawing = "<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>"
    plan(api_only_client, one(type="svg", src=uploaded(api_only_client, "d.svg", drawing)))
    broken = uploaded(api_only_client, "b.json", '{"w": 40}')
    svg = uploaded(api_only_client, "c.svg", "<svg xmlns='http://www.w3.org/2000/svg'><g></svg>")
    clips = [
        {"type": "lottie", "src": broken},
        {"type": "lottie", "src": lottie, "animation": "x"},
        {"type": "svg", "src": svg},
        {"type": "svg", "src": svg},
    ]
    details = refusal(api_only_client, {"tracks": [{"clips": clips}]}, 400)["details"]
    assert [(one["pointer"], one["rule"].partition(":")[0]) for one in details["problems"]] == [
        ("/tracks/0/clips/0/src", "This is not a Lottie animation"),
        ("/tracks/0/clips/1/animation", "A Lottie file in JSON has one animation without a name."),
        ("/tracks/0/clips/2/src", "This SVG cannot be drawn"),
        ("/tracks/0/clips/3/src", "This SVG cannot be drawn"),
    ]
    assert all(one["remedy"] for one in details["problems"])


def test_a_job_shows_its_compiled_composition(api: httpx.Client, shared_stack: Stack) -> None:
    params = {
        "quality": "draft",
        "voice": {"engine": "espeak"},
        "scenes": [{"voice": "One."}, {"voice": "A second sentence, which is longer."}],
    }
    output = {"format": {"width": 64, "height": 64, "fps": 10}}
    created = api.post("/jobs", json={"type": "timeline", "params": params, "output": output})
    assert created.status_code == 201, created.text
    path = f"/jobs/{created.json()['job']['id']}"
    done = api.get(path, headers={"Prefer": "wait=60"}).json()["job"]
    assert done["status"] == "DONE", done
    made = done["outputs"][0]
    assert made["thumbnail_asset_id"] is None  # nothing is seen
    shown = api.get(f"{path}/timeline").json()["plan"]
    content = api.get(f"/assets/{made['timeline_asset_id']}/content").content
    assert shown == json.loads(content)
    assert not shown["estimate"]
    assert [scene["number"] for scene in shown["scenes"]] == [0, 1]
    assert [layer["pointer"] for layer in shown["layers"]] == ["/scenes/0/voice", "/scenes/1/voice"]
    facts = made["files"]["video"]
    assert abs(shown["duration"] * 1000 - facts["duration_ms"]) <= 100
    files = [one for one in shared_stack.services.storage_root.rglob("*") if one.is_file()]
    (stored,) = [one for one in files if one.read_bytes() == content]
    stored.write_text('{"of": "another release"}')
    old = api.get(f"{path}/timeline").json()["plan"]
    api.delete(f"/assets/{made['timeline_asset_id']}")
    deleted = api.get(f"{path}/timeline").json()["plan"]
    for planned in (old, deleted):
        assert planned["estimate"]
        assert planned["format"] == shown["format"]


def test_jobs_of_other_types_have_no_composition(api_only_client: httpx.Client) -> None:
    job = api_only_client.post("/jobs", json={"params": {"text": "x"}}).json()["job"]
    answer = api_only_client.get(f"/jobs/{job['id']}/timeline")
    assert answer.status_code == 404
    assert "hello_render" in answer.json()["error"]["message"]
    unknown = "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF"
    assert api_only_client.get(f"/jobs/{unknown}/timeline").status_code == 404
