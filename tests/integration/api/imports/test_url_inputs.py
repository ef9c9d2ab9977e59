"""Inputs may be URLs: checked at submission, and returned as they were sent."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.fakes.media_files import make

URLS = ["https://example.com/a.mp4?token=s3cret", "https://example.com/b.mp4"]


def submit(
    api_only_client: httpx.Client, render_type: str, inputs: dict[str, Any]
) -> httpx.Response:
    return api_only_client.post("/jobs", json={"type": render_type, "inputs": inputs})


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    return error


@pytest.fixture(scope="module")
def video(api_only_client: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Upload a video and return its id."""
    path = tmp_path_factory.mktemp("video") / "a.mp4"
    make(path, "-f", "lavfi", "-i", "testsrc2=s=64x64:r=5:d=0.4", "-pix_fmt", "yuv420p")
    with path.open("rb") as file:
        answer = api_only_client.post(
            "/assets", data={"kind": "source_video"}, files={"file": file}
        )
    assert answer.status_code == 201, answer.text
    asset_id: str = answer.json()["asset"]["id"]
    return asset_id


def test_urls_are_accepted_and_shown_as_they_were_given(api_only_client: httpx.Client) -> None:
    answer = submit(api_only_client, "concatenate", {"clips_urls": URLS})
    assert answer.status_code == 201, answer.text
    job = answer.json()["job"]
    assert job["inputs"] == {"clips_urls": URLS}
    assert api_only_client.get(f"/jobs/{job['id']}").json()["job"]["inputs"] == {"clips_urls": URLS}


def test_one_url_is_shown_as_one(api_only_client: httpx.Client) -> None:
    answer = submit(api_only_client, "probe", {"media_url": URLS[0]})
    assert answer.status_code == 201, answer.text
    assert answer.json()["job"]["inputs"] == {"media_url": URLS[0]}


def test_an_input_is_an_asset_or_a_url_not_both(api_only_client: httpx.Client, video: str) -> None:
    answer = submit(api_only_client, "probe", {"media_url": URLS[0], "media_asset_id": video})
    assert refused(answer, 400, "VALIDATION_ERROR")["details"]["field"] == "inputs.media_asset_id"


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"clips_urls": [URLS[0], "ftp://example.com/a.mp4"]}, "inputs.clips_urls.1"),
        ({"clips_urls": ["https://user:pass@example.com/a.mp4"]}, "inputs.clips_urls.0"),
        ({"clips_urls": ["https://example.com:22/a.mp4"]}, "inputs.clips_urls.0"),
    ],
)
def test_a_url_that_is_never_fetched_is_refused_at_once(
    api_only_client: httpx.Client, inputs: dict[str, Any], field: str
) -> None:
    answer = submit(api_only_client, "concatenate", inputs)
    assert refused(answer, 422, "URL_REFUSED")["details"]["field"] == field


def test_a_url_that_is_no_text_is_refused(api_only_client: httpx.Client) -> None:
    error = refused(submit(api_only_client, "probe", {"media_url": 7}), 400, "VALIDATION_ERROR")
    assert error["details"]["field"] == "inputs.media_url"


def test_a_mistyped_url_field_is_told(api_only_client: httpx.Client) -> None:
    error = refused(
        submit(api_only_client, "probe", {"medai_url": URLS[0]}), 400, "VALIDATION_ERROR"
    )
    assert error["details"]["did_you_mean"] == "inputs.media_url"


def test_an_asset_s_own_url_is_that_asset(api_only_client: httpx.Client, video: str) -> None:
    url = f"{api_only_client.base_url}/assets/{video}/content"
    answer = submit(api_only_client, "probe", {"media_url": url})
    assert answer.status_code == 201, answer.text
    assert answer.json()["job"]["inputs"] == {"media_asset_id": video}


def test_assets_and_urls_in_one_list_are_shown_so_that_they_can_be_sent_again(
    api_only_client: httpx.Client, video: str
) -> None:
    link = api_only_client.get(f"/assets/{video}/url").json()["url"]
    answer = submit(api_only_client, "concatenate", {"clips_urls": [URLS[0], link]})
    assert answer.status_code == 201, answer.text
    inputs = answer.json()["job"]["inputs"]
    assert inputs == {"clips_urls": [URLS[0], video]}
    assert submit(api_only_client, "concatenate", inputs).json()["job"]["inputs"] == inputs


def test_an_own_url_of_nothing_is_not_found(api_only_client: httpx.Client) -> None:
    url = f"{api_only_client.base_url}/assets/ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF/content"
    error = refused(submit(api_only_client, "probe", {"media_url": url}), 404, "ASSET_NOT_FOUND")
    assert error["details"]["field"] == "inputs.media_url"


def test_a_url_in_the_request_wins_over_a_template_s_asset(
    api_only_client: httpx.Client, video: str
) -> None:
    body = {
        "type": "probe",
        "name": f"preset {uuid.uuid4().hex}",
        "params_schema": {"type": "object", "properties": {"media_asset_id": {"type": "string"}}},
        "defaults": {"media_asset_id": video},
    }
    template = api_only_client.post("/templates", json=body)
    assert template.status_code == 201, template.text
    wanted = {"template_id": template.json()["template"]["id"], "inputs": {"media_url": URLS[0]}}
    answer = api_only_client.post("/jobs", json=wanted)
    assert answer.status_code == 201, answer.text
    assert answer.json()["job"]["inputs"] == {"media_url": URLS[0]}


def test_every_url_input_is_in_the_contract(api_only_client: httpx.Client) -> None:
    schemas = api_only_client.get("/openapi.json").json()["components"]["schemas"]
    fields = schemas["CreateJobRequestInputs"]["properties"]
    assert {"media_url", "clips_urls", "bg_url"} <= fields.keys()
