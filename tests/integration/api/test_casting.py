"""Models as presenters: what a job takes from them, and what it says itself."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

VOICE = {"engine": "espeak", "voice": "es+f3", "language": "es"}


def picture(api: httpx.Client, kind: str = "avatar_input") -> str:
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(data, "PNG")
    answer = api.post("/assets", files={"file": data.getvalue()}, data={"kind": kind})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["asset"]["id"]
    return found


def model(api: httpx.Client, name: str, persona: dict[str, Any], **fields: Any) -> str:
    body = {"stage_name": name, "preset": {"presenter": persona}, **fields}
    answer = api.post("/models", json=body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["model"]["id"]
    return found


def job(api: httpx.Client, *models: str, type_name: str = "presenter", **body: Any) -> Any:
    body["params"] = {"text": "Hola."} | body.get("params", {})
    answer = api.post("/jobs", json={"type": type_name, "model_ids": models, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()["job"]


def test_a_model_gives_a_presenters_body_voice_energy_framing_and_captions(
    api_only_client: httpx.Client,
) -> None:
    photo = picture(api_only_client)
    persona = {
        **VOICE,
        "body": {"portrait_asset_id": photo, "face": 2},
        "energy": 0.9,
        "driver": "service",
        "framing": "face",
        "captions": {"position": "top"},
    }
    made = job(api_only_client, model(api_only_client, "Luna", persona))
    (presenter,) = made["params"]["presenters"]
    assert made["inputs"] == {"portrait_asset_ids": [photo]}
    wanted = {**VOICE, "name": "Luna", "portrait": 1, "face": 2, "energy": 0.9, "driver": "service"}
    assert wanted.items() <= presenter.items()
    assert made["params"]["framing"] == "face"
    assert made["params"]["captions"] == {"position": "top"}
    assert made["params"]["captions_optional"] is True


def test_the_requests_own_params_win(api_only_client: httpx.Client) -> None:
    persona = {
        **VOICE,
        "energy": 0.9,
        "driver": "service",
        "framing": "face",
        "captions": {"x": 0.4},
    }
    luna = model(api_only_client, "Luna", persona)
    own = {"framing": "full", "presenters": [{"energy": 0.1, "driver": "builtin"}]}
    made = job(api_only_client, luna, params={**own, "captions": {}})
    assert made["params"]["framing"] == "full"
    assert "captions_optional" not in made["params"]
    (presenter,) = made["params"]["presenters"]
    assert (presenter["energy"], presenter["driver"]) == (0.1, "builtin")


def test_a_model_says_where_the_logo_is_and_whether_its_presenter_is_in_a_corner(
    api_only_client: httpx.Client,
) -> None:
    looks = {"logo": {"position": "top-left"}, "inset": {"size": 0.4}}
    luna, leo = (model(api_only_client, name, looks) for name in ("Luna", "Leo"))
    alone = job(api_only_client, luna)["params"]
    assert (alone["logo"], alone["inset"]) == (looks["logo"], looks["inset"])
    for others in (
        job(api_only_client, luna, leo),
        job(api_only_client, luna, params={"background": "none"}),
        job(api_only_client, luna, params={"inset": None}),
    ):
        assert others["params"]["logo"] == looks["logo"]
        assert others["params"].get("inset") is None


@pytest.mark.parametrize("own", [{"voice": "es+m2"}, {"voice": "en-us", "language": "en"}])
def test_a_voice_beside_the_text_wins_over_that_of_the_only_model(
    api_only_client: httpx.Client, own: dict[str, str]
) -> None:
    luna = model(api_only_client, "Luna", VOICE)
    params = job(api_only_client, luna, params=own)["params"]
    spoken = {**params, **params["presenters"][0]}
    assert own.items() <= spoken.items()


def test_several_models_are_several_presenters(api_only_client: httpx.Client) -> None:
    photo = picture(api_only_client)
    drawn = model(api_only_client, "Leo", {"body": {"character": {"name": "leo"}}})
    shown = model(api_only_client, "Luna", {}, asset_ids=[photo])
    turns = [{"presenter": "Luna", "text": "Hola."}, {"presenter": "Leo", "text": "Hola."}]
    made = job(api_only_client, drawn, shown, params={"text": None, "turns": turns})
    first, second = made["params"]["presenters"]
    assert (first["character"], first.get("portrait")) == ({"name": "leo"}, None)
    assert second["portrait"] == 1
    assert made["inputs"] == {"portrait_asset_ids": [photo]}


@pytest.mark.parametrize("type_name", ["tts", "captioned_video"])
def test_a_models_voice_is_that_of_spoken_jobs(
    api_only_client: httpx.Client, type_name: str
) -> None:
    luna = model(api_only_client, "Luna", VOICE)
    made = job(api_only_client, luna, type_name=type_name)
    assert VOICE.items() <= made["params"].items()
    own = job(api_only_client, luna, type_name=type_name, params={"voice": "es+m2"})
    assert own["params"]["voice"] == "es+m2"


def test_the_requests_own_portrait_replaces_the_models_body(api_only_client: httpx.Client) -> None:
    old, own = picture(api_only_client), picture(api_only_client, "other")
    body = {"portrait_asset_id": old, "face": 3, "points": {"chin": [0.5, 0.9]}}
    luna = model(api_only_client, "Luna", {**VOICE, "body": body})
    made = job(api_only_client, luna, inputs={"portrait_asset_ids": [own]})
    (presenter,) = made["params"]["presenters"]
    assert made["inputs"] == {"portrait_asset_ids": [own]}
    # They describe another picture.
    assert not {"face", "points", "character"} & presenter.keys()


def test_models_may_be_made_of_sprites(api_only_client: httpx.Client) -> None:
    ids = [picture(api_only_client, "other") for _ in range(4)]
    first = {"body": {"sprites": {"pictures": {"base": ids[0], "mouth_x": ids[1]}}}}
    layout = {"neck": [80.0, 150.0]}
    second = {"body": {"sprites": {"pictures": {"base": ids[2], "mouth_d": ids[3]}, **layout}}}
    cast = [model(api_only_client, *one) for one in (("Ana", first), ("Eva", second))]
    made = job(api_only_client, *cast)
    ana, eva = made["params"]["presenters"]
    assert made["inputs"] == {"sprite_asset_ids": ids}
    assert ana["sprites"] == {"pictures": {"base": 1, "mouth_x": 2}}
    assert eva["sprites"] == {"pictures": {"base": 3, "mouth_d": 4}, **layout}
    own = {"presenters": [{"character": {"name": "leo"}}]}
    made = job(api_only_client, cast[0], params=own)
    assert made["params"]["presenters"][0]["character"] == {"name": "leo"}
    assert made["inputs"] == {}


def test_sprites_cannot_be_deleted_before_their_model(api_only_client: httpx.Client) -> None:
    ids = {name: picture(api_only_client, "other") for name in ("base", "mouth_x")}
    luna = model(api_only_client, "Luna", {"body": {"sprites": {"pictures": ids}}})
    refused = api_only_client.delete(f"/assets/{ids['mouth_x']}")
    assert refused.json()["error"]["code"] == "ASSET_IN_USE"
    unknown = {**ids, "mouth_x": luna.replace("mdl_", "ast_")}
    preset = {"presenter": {"body": {"sprites": {"pictures": unknown}}}}
    wrong = api_only_client.patch(f"/models/{luna}", json={"preset": preset})
    assert wrong.status_code == 404
    field = "preset.presenter.body.sprites.pictures.mouth_x"
    assert wrong.json()["error"]["details"]["field"] == field


def test_a_body_that_is_no_picture_is_refused_with_its_field(api_only_client: httpx.Client) -> None:
    clip = {"file": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(64)}
    answer = api_only_client.post("/assets", files=clip, data={"kind": "source_video"})
    preset = {"presenter": {"body": {"portrait_asset_id": answer.json()["asset"]["id"]}}}
    refused = api_only_client.post("/models", json={"stage_name": "Ana", "preset": preset})
    assert refused.status_code == 415, refused.text
    field = "preset.presenter.body.portrait_asset_id"
    assert refused.json()["error"]["details"]["field"] == field


def test_a_model_whose_sprites_have_no_mouth_is_refused_with_its_field(
    api_only_client: httpx.Client,
) -> None:
    persona = {"body": {"sprites": {"pictures": {"base": picture(api_only_client)}}}}
    body = {"stage_name": "Ana", "preset": {"presenter": persona}}
    refused = api_only_client.post("/models", json=body)
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert error["details"]["field"].startswith("preset.presenter.body.sprites")
    assert "at least one mouth is needed" in error["message"]


def test_null_instead_of_own_portraits_leaves_the_models(api_only_client: httpx.Client) -> None:
    photo = picture(api_only_client)
    luna = model(api_only_client, "Luna", {"body": {"portrait_asset_id": photo}})
    made = job(api_only_client, luna, inputs={"portrait_asset_ids": None})
    assert made["inputs"] == {"portrait_asset_ids": [photo]}


def test_a_persona_that_is_wrong_is_refused_with_its_field(api_only_client: httpx.Client) -> None:
    body = {"stage_name": "Luna", "preset": {"presenter": {"energy": 3}}}
    refused = api_only_client.post("/models", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == "preset.presenter.energy"


def composed(api: httpx.Client, speaker: dict[str, Any]) -> Any:
    """Return the job of a composition with a presenter in a group."""
    group = {"type": "group", "elements": [{"type": "presenter", "text": "Hola.", **speaker}]}
    params = {"scenes": [{"elements": [group]}]}
    plan = api.post("/timeline/plan", json={"params": params})
    assert plan.status_code == 200, plan.text
    assert "not_rendered" not in plan.text
    answer = api.post("/jobs", json={"type": "timeline", "params": params})
    assert answer.status_code == 201, answer.text
    return answer.json()["job"]


def test_a_model_presents_in_a_composition_but_for_what_is_said_there(
    api_only_client: httpx.Client,
) -> None:
    photo = picture(api_only_client)
    persona = {**VOICE, "energy": 0.9, "framing": "face", "background": "keep"}
    luna = model(api_only_client, "Luna", {**persona, "body": {"portrait_asset_id": photo}})
    made = composed(api_only_client, {"model": luna, "framing": "full"})
    (group,) = made["params"]["scenes"][0]["elements"]
    assert group["elements"] == [
        {"type": "presenter", "text": "Hola.", "src": photo, **persona, "framing": "full"}
    ]
    assert made["inputs"] == {"media_asset_ids": [photo]}
    drawn = model(api_only_client, "Leo", {"body": {"character": {"name": "leo"}}})
    made = composed(api_only_client, {"model": drawn, "voice": "es+m2"})
    (group,) = made["params"]["scenes"][0]["elements"]
    assert group["elements"] == [
        {"type": "presenter", "text": "Hola.", "voice": "es+m2", "character": {"name": "leo"}}
    ]


def test_any_model_presents_in_a_composition_with_its_body_and_background(
    api_only_client: httpx.Client,
) -> None:
    photo, base, mouth = (picture(api_only_client) for _ in range(3))
    corrected = {"face": 2, "points": {"chin": [0.5, 0.75]}}
    looks = {"background": "blur", "background_color": "#204060", "driver": "service"}
    persona = {**looks, "body": {"portrait_asset_id": photo, **corrected}}
    twin = model(api_only_client, "Twin", persona)
    made = composed(api_only_client, {"model": twin, "background_color": "#ffffff"})
    (group,) = made["params"]["scenes"][0]["elements"]
    assert group["elements"] == [
        {"type": "presenter", "text": "Hola.", "src": photo, **corrected, **looks,
         "background_color": "#ffffff"}
    ]  # fmt: skip
    sprites = {"pictures": {"base": base, "mouth_x": mouth}, "anchors": {"mouth": [20, 30]}}
    robot = model(api_only_client, "Robot", {"background": "replace", "body": {"sprites": sprites}})
    made = composed(api_only_client, {"model": robot})
    (group,) = made["params"]["scenes"][0]["elements"]
    assert group["elements"] == [
        {"type": "presenter", "text": "Hola.", "sprites": sprites, "background": "replace"}
    ]
    assert made["inputs"] == {"media_asset_ids": [base, mouth]}


def test_a_model_that_is_not_there_is_refused_with_its_place(api_only_client: httpx.Client) -> None:
    clip = {"type": "presenter", "text": "Hola.", "model": f"mdl_{'0' * 26}"}
    params = {"tracks": [{"clips": [clip]}]}
    refused = api_only_client.post("/jobs", json={"type": "timeline", "params": params})
    assert refused.status_code == 404, refused.text
    assert refused.json()["error"]["details"]["pointer"] == "/tracks/0/clips/0/model"
