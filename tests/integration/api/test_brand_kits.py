"""What a brand kit names is there when it is saved."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


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
