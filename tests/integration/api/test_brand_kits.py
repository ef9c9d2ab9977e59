"""What a brand kit names is there when it is saved."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.platform.stack import Stack
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
