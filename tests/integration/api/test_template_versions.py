"""Templates with compositions: versions that jobs keep, params that are refused, brand kits."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.platform.stack import Stack
from tests.support.leak_check import connect

FILM = {
    "background": "{{brand.colors.background}}",
    "scenes": [
        {"duration": 2, "elements": [{"type": "text", "name": "Title", "text": "{{text}}"}]},
    ],
}
SCHEMA = {"text": {"type": "string", "max": 80}}


@pytest.fixture(scope="module")
def film(api_only_client: httpx.Client) -> dict[str, Any]:
    return create(api_only_client, "a film")


def create(client: httpx.Client, name: str, **fields: Any) -> dict[str, Any]:
    body = {"type": "timeline", "params_schema": SCHEMA, "composition": FILM, **fields}
    answer = client.post("/templates", json={"name": name, **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["template"]
    return found


def submit(client: httpx.Client, template: str, **body: Any) -> httpx.Response:
    return client.post("/jobs", json={"template_id": template, **body})


def job(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["job"]
    return found


def title(of: dict[str, Any]) -> str:
    text: str = of["params"]["scenes"][0]["elements"][0]["text"]
    return text


def test_a_job_keeps_the_version_it_was_submitted_with(api_only_client: httpx.Client) -> None:
    template = create(api_only_client, "changing")
    params = {"text": "One"}
    before = job(submit(api_only_client, template["id"], params=params))
    changed = {"scenes": [{"elements": [{"type": "text", "text": "New: {{text}}"}]}]}
    answer = api_only_client.patch(f"/templates/{template['id']}", json={"composition": changed})
    assert answer.json()["template"]["version"] == 2

    kept = api_only_client.get(f"/jobs/{before['id']}").json()["job"]
    assert (kept["template_version"], title(kept)) == (1, "One")
    assert kept["template_params"] == params
    assert title(job(submit(api_only_client, template["id"], params=params))) == "New: One"
    old = job(submit(api_only_client, template["id"], params=params, template_version=1))
    assert old["params"] == before["params"]
    missing = submit(api_only_client, template["id"], params=params, template_version=9)
    assert missing.status_code == 404
    assert missing.json()["error"]["details"]["field"] == "template_version"


def test_versions_are_listed_by_pages(api_only_client: httpx.Client, api_only: Stack) -> None:
    template = create(api_only_client, "of many versions")
    path = f"/templates/{template['id']}"
    with connect(api_only) as database:
        database.execute(
            "INSERT INTO template_versions (template_id, version, type, params_schema, defaults)"
            " SELECT %s, number, 'timeline', '{}', '{}' FROM generate_series(2, 210) AS number",
            [template["id"]],
        )
    versions = api_only_client.get(f"{path}/versions").json()["versions"]
    assert [one["version"] for one in versions] == [*range(210, 160, -1)]
    page = {"limit": 2, "offset": 208}
    versions = api_only_client.get(f"{path}/versions", params=page).json()["versions"]
    assert [one["version"] for one in versions] == [2, 1]
    listed = api_only.client.template_versions(template["id"])
    assert [one.version for one in listed] == [*range(210, 0, -1)]


def test_names_descriptions_and_previews_are_no_new_version(
    api_only_client: httpx.Client, film: dict[str, Any]
) -> None:
    for change in (
        {"description": "Another description."},
        {"composition": FILM},
        {"name": "a film"},
    ):
        answer = api_only_client.patch(f"/templates/{film['id']}", json=change)
        assert answer.json()["template"]["version"] == 1


def test_deleting_a_template_that_jobs_used_loses_nothing(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    template = create(api_only_client, "short-lived")
    before = job(submit(api_only_client, template["id"], params={"text": "Stays"}))
    assert api_only_client.delete(f"/templates/{template['id']}").status_code == 204

    kept = api_only_client.get(f"/jobs/{before['id']}").json()["job"]
    assert kept["params"] == before["params"]
    versions = api_only_client.get(f"/templates/{template['id']}/versions").json()["versions"]
    assert [one["version"] for one in versions] == [1]
    path = f"/templates/{kept['template_id']}/versions/{kept['template_version']}"
    assert api_only_client.get(path).json()["version"]["composition"] == FILM
    version = api_only.client.template_version(kept["template_id"], 1)
    again = create(api_only_client, "short-lived", composition=version.composition)
    assert (
        job(submit(api_only_client, again["id"], params={"text": "Stays"}))["params"]
        == (before["params"])
    )


def test_lists_are_without_compositions(
    api_only_client: httpx.Client, film: dict[str, Any]
) -> None:
    query = {"q": "a film"}
    [found] = api_only_client.get("/templates", params=query).json()["templates"]
    whole = api_only_client.get(f"/templates/{film['id']}").json()["template"]
    assert found == {name: value for name, value in whole.items() if name != "composition"}
    assert found["has_composition"]
    versions = api_only_client.get(f"/templates/{film['id']}/versions").json()["versions"]
    assert [(one["has_composition"], "composition" in one) for one in versions] == [(True, False)]
    plain = api_only_client.get("/templates", params={"q": "hello_render"}).json()["templates"]
    assert not plain[-1]["has_composition"]


def test_versions_are_those_of_the_caller_only(api_only_client: httpx.Client) -> None:
    missing = "tpl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"
    assert api_only_client.get(f"/templates/{missing}/versions").status_code == 404
    assert api_only_client.get(f"/templates/{missing}/versions/1").status_code == 404


@pytest.mark.parametrize(
    ("params", "field", "message"),
    [
        ({}, "params.text", "required"),
        ({"text": 3}, "params.text", "Write a text in quotes."),
        ({"text": "x", "Titel": "y"}, "params.Titel", "Did you mean 'Title'?"),
        ({"text": "x", "Title": {"color": "blurple"}}, "params.Title.color", "not a color"),
        ({"text": "x", "Title": {"font_size": "900%"}}, "params.Title.font_size", "too large"),
        ({"text": "x", "background": "blurple"}, "params.background", "not a color"),
    ],
)
def test_wrong_params_are_refused_at_submission_with_their_place(
    api_only_client: httpx.Client,
    film: dict[str, Any],
    params: dict[str, Any],
    field: str,
    message: str,
) -> None:
    answer = submit(api_only_client, film["id"], params=params)
    error = answer.json()["error"]
    assert (answer.status_code, error["details"]["field"]) == (400, field), error
    assert message in error["message"]
    assert error["details"]["pointer"] == "/" + "/".join(field.split(".")[1:])


def test_a_template_with_an_unknown_variable_is_refused(api_only_client: httpx.Client) -> None:
    body = {"type": "timeline", "name": "broken", "params_schema": {"titel": {"type": "string"}},
            "composition": FILM}  # fmt: skip
    answer = api_only_client.post("/templates", json=body)
    details = answer.json()["error"]["details"]
    assert (answer.status_code, details["pointer"]) == (400, "/scenes/0/elements/0/text")
    assert details["field"] == "composition.scenes.0.elements.0.text"


def test_the_schema_of_the_params_is_full_json_schema(
    api_only_client: httpx.Client, film: dict[str, Any]
) -> None:
    found = api_only_client.get(f"/templates/{film['id']}/schema").json()
    assert found["properties"] == {"text": {"type": "string", "maxLength": 80}}
    assert found["required"] == ["text"]


def test_templates_are_found_by_name_own_ones_first(api_only_client: httpx.Client) -> None:
    built_in = job(submit(api_only_client, "hello", params={"title": "Hi"}))
    assert built_in["type"] == "timeline"
    own = create(api_only_client, "hello")
    assert job(submit(api_only_client, "hello", params={"text": "x"}))["template_id"] == own["id"]
    api_only_client.delete(f"/templates/{own['id']}")
    answer = submit(api_only_client, "helo", params={})
    assert answer.status_code == 404
    assert "'hello'" in answer.json()["error"]["message"]


def test_a_preview_that_does_not_exist_is_refused(api_only_client: httpx.Client) -> None:
    template = create(api_only_client, "unpictured")
    asset = "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"
    answer = api_only_client.patch(f"/templates/{template['id']}", json={"preview_asset_id": asset})
    assert answer.status_code == 404, answer.text
    assert answer.json()["error"]["details"]["field"] == "preview_asset_id"


def test_a_preview_is_a_picture_of_the_owner(api_only_client: httpx.Client) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (16, 16)).save(picture, "PNG")
    asset = api_only_client.post(
        "/assets", files={"file": ("a.png", picture.getvalue())}, data={"kind": "thumbnail"}
    ).json()["asset"]["id"]
    template = create(api_only_client, "pictured", preview_asset_id=asset)
    shown = api_only_client.get(f"/templates/{template['id']}/preview")
    assert (shown.status_code, shown.headers["location"]) == (307, f"/assets/{asset}/content")
    assert api_only_client.delete(f"/assets/{asset}").status_code == 409
    api_only_client.delete(f"/templates/{template['id']}")
    assert api_only_client.delete(f"/assets/{asset}").status_code == 204


def test_a_brand_kit_is_saved_once_and_used_by_name(
    api_only_client: httpx.Client, film: dict[str, Any]
) -> None:
    kit = {"colors": {"background": "#102030"}, "voice": {"language": "es"}}
    saved = api_only_client.put("/brand-kits/acme", json=kit)
    assert saved.status_code == 200, saved.text
    assert saved.json()["brand_kit"]["kit"]["colors"]["background"] == "#102030"

    branded = job(submit(api_only_client, film["id"], params={"text": "x"}, brand="acme"))
    assert branded["params"]["background"] == "#102030"
    assert branded["params"]["voice"] == {"language": "es"}
    spoken = {"type": "tts", "params": {"text": "Hola"}, "brand": "acme"}
    assert job(api_only_client.post("/jobs", json=spoken))["params"]["language"] == "es"

    misspelt = submit(api_only_client, film["id"], params={"text": "x"}, brand="acmee")
    assert misspelt.status_code == 404
    assert "'acme'" in misspelt.json()["error"]["message"]
    names = [one["name"] for one in api_only_client.get("/brand-kits").json()["brand_kits"]]
    assert names == ["acme"]
    assert api_only_client.delete("/brand-kits/acme").status_code == 204
    assert api_only_client.get("/brand-kits/acme").status_code == 404


@pytest.mark.parametrize(
    ("kit", "field", "words"),
    [
        ({"logo": "file:///etc/passwd"}, "logo", "http"),
        ({"logo": "http://example.com:22/x.png"}, "logo", "the ports 80 and 443 only"),
        ({"music": "song.mp3"}, "music", "not the id of an asset"),
        ({"color": {"text": "red"}}, "color", "did you mean 'colors'?"),
        ({"colors": {"primry": "red"}}, "colors.primry", "did you mean 'primary'?"),
    ],
)
def test_a_wrong_brand_kit_is_refused_when_it_is_saved(
    api_only_client: httpx.Client, kit: dict[str, Any], field: str, words: str
) -> None:
    refused = api_only_client.put("/brand-kits/wrong", json=kit)
    assert refused.is_client_error
    error = refused.json()["error"]
    assert (error["details"]["field"], words in error["message"]) == (field, True), error
    named = api_only_client.put("/brand-kits/ACME", json={})
    assert "lower-case letters" in named.json()["error"]["message"]


def test_a_target_decides_on_the_size_and_the_length(
    api_only_client: httpx.Client, film: dict[str, Any]
) -> None:
    params = {"text": "x", "Title": {"duration": 3}}
    answer = submit(api_only_client, film["id"], params=params, output={"target": "tiktok"})
    assert answer.json()["error"]["details"]["field"] == "output.target"
    assert "TikTok takes at least 3 s" in answer.json()["error"]["message"]
    square = {"output": {"target": "square"}, "params": {"text": "x"}}
    made = job(submit(api_only_client, film["id"], **square))
    assert made["output"]["format"] == {"width": 1080, "height": 1080, "fps": 30}
    assert made["params"]["loudness_lufs"] == -14
    both = submit(api_only_client, film["id"], params={"text": "x"},
                  output={"target": "tiktok", "aspect_ratio": "1:1"})  # fmt: skip
    assert both.json()["error"]["details"]["field"] == "output.aspect_ratio"
    voiced = {"composition": {"scenes": [{"voice": "{{text}}"}]}}
    spoken = create(api_only_client, "spoken", **voiced)
    short = submit(api_only_client, spoken["id"], params={"text": "Hi."},
                   output={"target": "reel"})  # fmt: skip
    logs = api_only_client.get(f"/jobs/{job(short)['id']}").json()["job"]["logs"]
    assert "takes at least 3 s. The length is an estimate." in logs[0]["msg"]
    text = {"type": "text", "text": "x", "position": "bottom"}
    plan = {"params": {"scenes": [{"elements": [text]}]}, "output": {"target": "reel"}}
    warned = api_only_client.post("/timeline/plan", json=plan).json()["plan"]["warnings"]
    assert [one["code"] for one in warned] == ["target_safe_area"]
    assert api_only_client.get("/targets").json()["targets"][0]["name"] == "youtube"
    captioned = {"captions": True, "scenes": [{"voice": "Words of a scene that lasts a while."}]}
    low = api_only_client.post(
        "/timeline/plan",
        json={"params": {**captioned, "captions": {"position": "80%"}},
              "output": {"target": "reel"}},
    ).json()["plan"]["warnings"]  # fmt: skip
    assert "target_safe_area" in {one["code"] for one in low}
    film = {"type": "timeline", "params": captioned, "output": {"target": "reel"}}
    placed = api_only_client.post("/jobs", json=film)
    assert job(placed)["params"]["captions"] == {"position": "59%", "width": "88%"}


def test_a_target_gives_its_margins_to_types_with_captions_and_is_refused_by_those_without(
    api_only_client: httpx.Client,
) -> None:
    video = "https://media.example.org/talk.mp4"
    film = {"type": "caption_video", "params": {"text": "Hi."}, "inputs": {"video_url": video}}
    made = job(api_only_client.post("/jobs", json={**film, "output": {"target": "reel"}}))
    assert made["params"]["safe_margins"]["bottom"] == 0.35
    spoken = {"type": "presenter", "params": {"text": "Hi."}, "output": {"target": "tiktok"}}
    margins = job(api_only_client.post("/jobs", json=spoken))["params"]["safe_margins"]
    assert margins == {"top": 0.08, "right": 0.14, "bottom": 0.23, "left": 0.06}
    cut = {"type": "trim", "params": {"start": 0, "end": 1}, "inputs": {"media_url": video}}
    refused = api_only_client.post("/jobs", json={**cut, "output": {"target": "reel"}})
    assert refused.json()["error"]["details"]["field"] == "output.target"


def test_a_brand_kit_applies_to_plans_frames_and_jobs_without_a_template(
    api_only_client: httpx.Client,
) -> None:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(content, "PNG")
    file = {"file": ("logo.png", content.getvalue())}
    uploaded = api_only_client.post("/assets", files=file, data={"kind": "overlay"})
    photo = uploaded.json()["asset"]["id"]
    kit = {
        "logo": photo,
        "colors": {"background": "#102030"},
        "fonts": {"body": "Inter"},
        "voice": {"language": "es"},
    }
    assert api_only_client.put("/brand-kits/house", json=kit).status_code in {200, 201}
    scene = {"duration": 1, "elements": [{"type": "image", "src": "{{brand.logo}}"}]}
    body = {"params": {"scenes": [scene]}, "brand": "house"}
    plan = api_only_client.post("/timeline/plan", json=body)
    assert plan.status_code == 200, plan.text
    assert plan.json()["plan"]["layers"][0]["type"] == "image"
    unknown = api_only_client.post("/timeline/plan", json={**body, "brand": "hose"})
    assert unknown.status_code == 404
    assert "house" in unknown.json()["error"]["message"]
    speaks = {"text": "Hola", "presenters": [{"character": {"name": "maya"}}]}
    made = {"type": "presenter", "params": speaks, "brand": "house"}
    job = api_only_client.post("/jobs", json=made).json()["job"]
    assert job["inputs"]["logo_asset_id"] == photo
    assert job["params"]["background_color"] == "#102030"
    assert job["params"]["captions"] == {"font": "Inter"}
    assert job["params"]["language"] == "es"
    bare = api_only_client.post("/jobs", json={**made, "inputs": {"logo_asset_id": None}})
    assert bare.json()["job"]["inputs"].get("logo_asset_id") is None


@pytest.mark.parametrize(("size", "most"), [((1080, 1920, 30), 25000), ((2160, 3840, 30), 100000)])
def test_a_target_limits_the_bit_rate(
    api_only_client: httpx.Client, size: tuple[int, int, int], most: int
) -> None:
    form = dict(zip(("width", "height", "fps"), size, strict=True))
    output = {"target": "reel", "format": form}
    body = {"type": "timeline", "params": {"scenes": [{"duration": 4}]}, "output": output}
    params = api_only_client.post("/jobs", json=body).json()["job"]["params"]
    assert (params["max_bit_rate_kbps"], params["loudness_lufs"]) == (most, -14)
    body["params"]["max_bit_rate_kbps"] = 5000  # type: ignore[index]
    params = api_only_client.post("/jobs", json=body).json()["job"]["params"]
    assert params["max_bit_rate_kbps"] == 5000
