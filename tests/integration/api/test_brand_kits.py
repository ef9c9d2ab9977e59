"""What a brand kit names is there when it is saved."""

from __future__ import annotations

import io
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.platform.stack import Stack
from tests.support.films import edges
from tests.support.font_files import make_font
from tests.support.leak_check import connect


@pytest.mark.parametrize(
    ("kit", "field"),
    [
        ({"fonts": {"heading": "Monserat"}}, "fonts.heading"),
        ({"fonts": {"heading": "montserrat", "body": "Monserat"}}, "fonts.body"),
        ({"captions": {"font": "Monserat"}}, "captions.font"),
    ],
)
def test_a_font_that_the_renderer_does_not_have_is_refused_with_the_nearest(
    api: httpx.Client, kit: dict[str, Any], field: str
) -> None:
    refused = api.put("/brand-kits/lettered", json=kit)
    assert refused.status_code == 400, refused.text
    error = refused.json()["error"]
    assert error["details"]["field"] == field
    assert error["message"].startswith(f"{field}: There is no font 'Monserat' here.")
    assert "Montserrat" in error["message"]
    assert api.get("/brand-kits/lettered").status_code == 404


@pytest.fixture(scope="module")
def squares(api: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a font whose H is a square."""
    font = make_font(tmp_path_factory.mktemp("fonts") / "squares.ttf", "Squares", "H")
    answer = api.post("/assets", files={"file": font.open("rb")}, data={"kind": "other"})
    assert answer.status_code == 201, answer.text
    asset = answer.json()["asset"]
    assert asset["mime"] == "font/ttf"
    asset_id: str = asset["id"]
    return asset_id


def test_texts_of_a_brand_are_drawn_with_the_fonts_of_its_kit(
    api: httpx.Client, squares: str
) -> None:
    kit = {"fonts": {"body": "Acme", "files": {"Acme": squares}}}
    assert api.put("/brand-kits/squared", json=kit).status_code == 200
    text = {"type": "text", "text": "H", "font_size": "50%", "duration": 1}
    body = {
        "params": {"tracks": [{"clips": [text]}]},
        "brand": "squared",
        "output": {"format": {"width": 120, "height": 120, "fps": 10}},
    }
    plan = api.post("/timeline/plan", json=body)
    assert (plan.status_code, plan.json()["plan"]["warnings"]) == (200, [])
    drawn = api.post("/timeline/frame", params={"at": 0}, json=body)
    assert drawn.status_code == 200, drawn.text
    with Image.open(io.BytesIO(drawn.content)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    left, top, right, bottom = edges(pixels, (255, 255, 255))
    assert (right - left, bottom - top) == pytest.approx((42, 42), abs=2)
    assert pixels[top:bottom, left:right].mean() > 235


def test_captions_of_a_brand_are_drawn_with_the_fonts_of_its_kit(
    api: httpx.Client, shared_stack: Stack, squares: str
) -> None:
    kit = {"fonts": {"files": {"Acme": [squares]}}, "captions": {"font": "Acme"}}
    assert api.put("/brand-kits/squared-captions", json=kit).status_code == 200
    body = {
        "type": "captioned_video",
        "brand": "squared-captions",
        "params": {"text": "H", "engine": "espeak"},
        "output": {"format": {"width": 64, "height": 64, "fps": 10}},
    }
    job = api.post("/jobs", json=body).json()["job"]
    assert job["inputs"]["font_asset_ids"] == [squares]
    done = shared_stack.client.wait(job["id"])
    assert done.status == "DONE", done.error


def test_a_file_that_is_no_font_is_refused_when_a_kit_is_saved(api: httpx.Client) -> None:
    asset = api.post("/assets", files={"file": ("a.ttf", b"no font")}, data={"kind": "other"})
    kit = {"fonts": {"files": {"Acme": asset.json()["asset"]["id"]}}}
    refused = api.put("/brand-kits/squared", json=kit)
    assert refused.status_code == 415, refused.text
    assert refused.json()["error"]["message"].startswith("fonts.files.Acme.0: ")


def test_a_kit_is_saved_while_the_renderer_does_not_say_which_fonts_it_has(
    api_only_client: httpx.Client,
) -> None:
    saved = api_only_client.put("/brand-kits/lettered", json={"fonts": {"heading": "Any"}})
    assert saved.status_code == 200
    assert api_only_client.delete("/brand-kits/lettered").status_code == 204


def test_brand_kits_are_listed_by_pages_as_summaries(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    said = [{"text": f"ACME{number}", "say": "acme"} for number in range(50)]
    kit = {"colors": {"primary": "#e63946"}, "pronunciations": said}
    for number in range(3):
        api_only_client.put(f"/brand-kits/page-{number}", json=kit)
    with connect(api_only) as database:
        database.execute(
            "INSERT INTO brand_kits (owner_id, name, kit) SELECT owner_id, name || '-' || n, kit"
            " FROM brand_kits, generate_series(1, 100) AS n WHERE name LIKE 'page-_'"
        )
    page = {"q": "page-", "limit": 2, "offset": 1}
    found = api_only_client.get("/brand-kits", params=page).json()["brand_kits"]
    assert [one["name"] for one in found] == ["page-0-1", "page-0-10"]
    assert set(found[0]) == {"name", "logo", "colors", "fields", "created_at", "updated_at"}
    assert found[0]["fields"] == ["colors", "pronunciations"]
    assert found[0]["colors"]["primary"] == "#e63946"
    listed = [one.name for one in api_only.client.brand_kits() if one.name.startswith("page-")]
    assert listed == sorted(listed)
    assert len(listed) == 303
    for name in listed:
        api_only_client.delete(f"/brand-kits/{name}")
