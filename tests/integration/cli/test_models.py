"""``gala models``, and models in the Python client."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from gala.errors import ModelNotFound, Unavailable
from tests.integration.cli.conftest import Gala
from tests.platform.stack import Stack
from tests.support.drawn_sprites import draw_sprites, save_sprites


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "ada.png"
    Image.new("RGB", (64, 64), "navy").save(path)
    return path


def test_a_model_is_added_listed_shown_used_and_deleted(
    gala: Gala, api_only: Stack, picture: Path
) -> None:
    server = ("--url", api_only.base_url)
    added = gala(
        "models", "add", picture, "--name", "Ada", "--voice", "es+f3", "--language", "es",
        "--tag", "cli", "--consent", "Signed.", "--face", "1", "-p", "captions.style=karaoke",
        *server,
    )  # fmt: skip
    assert added.code == 0, added.err
    model_id = added.out.strip()
    listed = gala("models", "list", "--q", "cli", *server).out
    assert f"{model_id}  Ada   portrait  es+f3" in listed
    shown = gala("models", "show", model_id, "--json", *server).json
    presenter = shown["preset"]["presenter"]
    assert presenter["captions"] == {"style": "karaoke"}
    assert (presenter["body"]["face"], shown["consent"]) == (1, "Signed.")
    assert "Signed." in gala("models", "show", model_id, *server).out
    job = gala(
        "submit", "presenter", "--model", model_id, "-p", "text=Hola.", "--no-wait", "--json",
        *server,
    )  # fmt: skip
    assert job.code == 0, job.err
    api_only.client.cancel(job.json["id"])
    assert gala("models", "delete", model_id, *server).code == 0
    with pytest.raises(ModelNotFound):
        api_only.client.model(model_id)


def test_a_folder_of_sprites_is_uploaded(gala: Gala, api_only: Stack, tmp_path: Path) -> None:
    save_sprites(draw_sprites(), tmp_path / "robot")
    added = gala("models", "add", "robot", "--name", "R2", "--json", "--url", api_only.base_url)
    assert added.code == 0, added.err
    pictures = added.json["preset"]["presenter"]["body"]["sprites"]["pictures"]
    assert {"base", "mouth_x", "eyes_open"} <= pictures.keys()
    assert api_only.client.asset(pictures["base"]).filename == "base.png"


def test_what_the_server_refuses_is_named_by_its_option_and_the_upload_is_deleted(
    gala: Gala, api_only: Stack, picture: Path
) -> None:
    before = len(api_only.client.assets(limit=200))
    refused = gala(
        "models", "add", picture, "--name", "Ada", "-p", "energy:=3",
        "--url", api_only.base_url,
    )  # fmt: skip
    assert refused.code == 2
    assert "--energy: " in refused.err
    assert "preset" not in refused.err
    assert len(api_only.client.assets(limit=200)) == before


def test_a_preview_is_saved_unless_it_cannot_be_made(
    gala: Gala, shared_stack: Stack, api_only: Stack, tmp_path: Path
) -> None:
    server = ("--url", shared_stack.base_url)
    model_id = gala("models", "add", "leo", "--name", "Leo", *server).out.strip()
    saved = gala("models", "preview", model_id, "-o", "leo.jpg", *server)
    assert saved.code == 0, saved.err
    with Image.open(tmp_path / "leo.jpg") as shown:
        assert shown.size == (720, 960)
    assert gala("models", "preview", model_id, "-o", "leo.jpg", *server).code == 2
    found = gala("models", "preview", model_id, "--kind", "found", *server)
    assert (found.code, "drawn character" in found.err) == (1, True)
    shared_stack.client.delete_model(model_id)
    other = api_only.client.create_model("Leo", presenter={"body": {"character": {}}})
    changed = api_only.client.update_model(other.id, tags=["x"])
    assert changed.tags == ("x",)
    assert changed.preset == other.preset
    with pytest.raises(Unavailable):
        api_only.client.model_preview(other.id, "clip")
