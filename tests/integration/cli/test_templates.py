"""``gala templates`` and ``gala brands``: films from templates, and templates between machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.integration.cli.conftest import Gala
from tests.platform.stack import Stack
from tests.support.leak_check import nothing_left

TEMPLATE = {
    "name": "cli-card",
    "type": "timeline",
    "params_schema": {"title": {"type": "string", "max": 80}},
    "composition": {
        "background": "{{brand.colors.background}}",
        "scenes": [
            {
                "duration": 0.4,
                "elements": [
                    {"type": "image", "name": "Background", "src": "assets/back.png"},
                    {"type": "text", "name": "Title", "text": "{{title}}"},
                ],
            }
        ],
    },
}


def card(folder: Path) -> Path:
    (folder / "card" / "assets").mkdir(parents=True)
    Image.new("RGB", (64, 64), "navy").save(folder / "card" / "assets" / "back.png")
    (folder / "card" / "template.json").write_text(json.dumps(TEMPLATE))
    return folder / "card"


def test_a_folder_is_a_template(gala: Gala, tmp_path: Path) -> None:
    (tmp_path / "kit.json").write_text('{"colors": {"background": "red"}}')
    made = gala(
        "templates", "render", card(tmp_path), "--set", "title=Hello", "--set",
        "Title.color=gold", "--set", "quality=draft", "--brand", "kit.json", "--size", "64x64",
        "-o", "card.mp4", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert made.json["duration"] == 0.4


def test_a_table_makes_a_film_for_each_row_and_a_mistake_makes_none(
    gala: Gala, tmp_path: Path
) -> None:
    folder = str(card(tmp_path))
    (tmp_path / "week.csv").write_text("title,quality\nHello,draft\nGood bye,draft\n")
    render = ["templates", "render", folder, "--rows", "week.csv", "--size", "64x64"]
    made = gala(*render, "-o", "{title}.mp4")
    assert made.code == 0, made.err
    assert made.out.split("\n")[:2] == ["Hello.mp4", "Good bye.mp4"]
    assert (tmp_path / "Good bye.mp4").stat().st_size
    (tmp_path / "week.csv").write_text("title,quality\nHello,draft\nGood bye,worst\n")
    refused = gala(*render, "-o", "other-{row}.mp4")
    assert refused.code == 2
    assert "week.csv, row 2: " in refused.err
    assert not list(tmp_path.glob("other-*"))


def test_the_ending_is_the_format_of_a_film_from_a_template(gala: Gala, tmp_path: Path) -> None:
    options = ("--set", "title=Hello", "--set", "poster:=0.2", "--size", "64x64")
    made = gala("templates", "render", card(tmp_path), *options, "-o", "card.gif")
    assert made.code == 0, made.err
    assert made.out.split() == ["card.gif", "card-poster.jpg"]
    with Image.open("card.gif") as picture:
        assert picture.format == "GIF"


def test_mistakes_name_the_param_and_the_right_name(gala: Gala) -> None:
    wrong = gala("templates", "render", "hello", "--set", "titel=Hello")
    assert wrong.code == 2
    assert "/titel: The template has no variable 'titel'. Write 'title'." in wrong.err
    unknown = gala("templates", "render", "helo")
    assert (unknown.code, "Did you mean 'hello'?" in unknown.err) == (1, True)
    Path("kit.json").write_text('{"colors": {"primary": "blurple"}}')
    kit = gala("templates", "render", "hello", "--set", "title=x", "--brand", "kit.json")
    assert (kit.code, "kit.json: colors.primary: " in kit.err) == (2, True)
    long = gala("templates", "render", "hello", "--set", "title=x", "--set", "seconds:=2",
                "--target", "reel")  # fmt: skip
    assert "Instagram Reels takes at least 3 s" in long.err


def test_options_of_templates_are_named_in_errors_and_numbers_need_no_json(gala: Gala) -> None:
    assert "--set 'title'" in gala("templates", "render", "hello", "--set", "title").err
    values = ("--set", "title=5", "--set", "seconds=2")
    long = gala("templates", "render", "hello", *values, "--target", "reel")
    assert "The film lasts 2 s" in long.err
    shape = gala(
        "templates", "render", "hello", *values, "--target", "reel", "--aspect-ratio", "16:9"
    )
    assert (shape.code, "--aspect-ratio: Instagram Reels is 9:16" in shape.err) == (2, True)
    Path("kit.json").write_text('{"colors": {"acent": "red"}}')
    kit = gala("templates", "render", "hello", "--set", "title=x", "--brand", "kit.json")
    assert "kit.json: colors.acent: there is no such field; did you mean accent?" in kit.err


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"composition": [1]}, "composition: An object is required"),
        ({"params_schema": [1]}, "params_schema: An object is required"),
        ({"defaults": 5}, "defaults: An object is required"),
        ({"format": {"width": 30}}, "format.height: Field required"),
        ({"format": 5}, "format: Input should be"),
    ],
)
def test_a_folder_with_a_wrong_template_is_refused_with_its_field(
    gala: Gala, tmp_path: Path, fields: dict[str, object], problem: str
) -> None:
    folder = card(tmp_path)
    (folder / "template.json").write_text(json.dumps({**TEMPLATE, **fields}))
    for command in ("render", "schema"):
        wrong = gala("templates", command, folder)
        assert (wrong.code, f"template.json: {problem}" in wrong.err) == (2, True), wrong.err


def test_templates_schemas_and_targets_are_listed(gala: Gala) -> None:
    names = {one["name"] for one in gala("templates", "list", "--json").json["templates"]}
    assert {"hello", "data-story"} <= names
    assert "title" in gala("templates", "schema", "hello").json["required"]
    targets = {one["name"]: one for one in gala("templates", "targets", "--json").json["targets"]}
    assert targets["tiktok"]["max_seconds"] == 600
    assert "reel      1080x1920  3 to 900" in gala("templates", "targets").out


def test_a_template_goes_to_a_server_and_comes_back_with_its_files(
    gala: Gala, api_only: Stack, tmp_path: Path
) -> None:
    server = ("--url", api_only.base_url)
    sent = gala("templates", "import", card(tmp_path), *server, "--json")
    assert sent.code == 0, sent.err
    assert sent.json["composition"]["scenes"][0]["elements"][0]["src"].startswith("ast_")
    assert gala("templates", "preview", "card", "--size", "64x64").code == 0
    reel = ("templates", "preview", "card", "--target", "reel", "-o", "reel.jpg")
    assert gala(*reel, "--size", "54x96").code == 0
    with Image.open(tmp_path / "reel.jpg") as shown:
        assert shown.size == (54, 96)
    assert gala(*reel, "--force", "--size", "64x64").code == 2
    again = gala("templates", "import", "card", "--replace", *server)
    assert "cli-card, version 2" in again.out, again.err

    exported = gala("templates", "export", "cli-card", "back", *server)
    assert exported.code == 0, exported.err
    with Image.open(tmp_path / "back" / "preview.jpg") as shown:
        assert shown.size == (64, 64)
    (picture,) = (tmp_path / "back" / "assets").iterdir()
    assert picture.read_bytes() == (tmp_path / "card" / "assets" / "back.png").read_bytes()
    made = gala("templates", "render", "back", "--set", "title=x", "--size", "64x64", "-o", "b.mp4")
    assert made.code == 0, made.err

    listed = gala("templates", "versions", "cli-card", "--json", *server).json
    assert [one["version"] for one in listed] == [2, 1]
    assert gala("templates", "delete", "cli-card", *server).code == 0
    assert gala("templates", "versions", listed[0]["template_id"], *server).code == 0
    assert gala("templates", "export", "cli-card", "gone", *server).code == 1


def test_what_was_uploaded_for_nothing_is_deleted_again(
    gala: Gala, api_only: Stack, tmp_path: Path
) -> None:
    server = ("--url", api_only.base_url)
    assert gala("templates", "import", card(tmp_path), "--name", "once", *server).code == 0
    Image.new("RGB", (16, 16)).save(tmp_path / "logo.png")
    (tmp_path / "kit.json").write_text('{"logo": "logo.png"}')
    with nothing_left(api_only):
        twice = gala("templates", "import", "card", "--name", "once", *server)
        assert (twice.code, "already exists" in twice.err) == (1, True), twice.err
        bad = gala("submit", "hello_render", "-i", "bg=logo.png", "-p", "txt=Hi", *server)
        assert "params.txt" in bad.err
        named = gala("brands", "set", "Not a name", "kit.json", *server)
        assert "lower-case letters" in named.err


def test_a_built_in_template_is_exported_without_a_server(gala: Gala, tmp_path: Path) -> None:
    exported = gala("templates", "export", "hello", "mine")
    assert exported.code == 0, exported.err
    assert (tmp_path / "mine" / "preview.jpg").read_bytes().startswith(b"\xff\xd8")
    made = gala("templates", "render", "mine", "--set", "title=x", "--set", "seconds:=2",
                "--size", "64x64", "-o", "mine.mp4")  # fmt: skip
    assert made.code == 0, made.err
    assert gala("templates", "export", "hello", "mine").code == 2


def test_brand_kits_are_saved_with_their_files(gala: Gala, api_only: Stack, tmp_path: Path) -> None:
    server = ("--url", api_only.base_url)
    Image.new("RGB", (16, 16)).save(tmp_path / "logo.png")
    (tmp_path / "kit.json").write_text('{"logo": "logo.png", "fonts": {"heading": "Inter"}}')
    assert gala("brands", "set", "cli-brand", "kit.json", *server).code == 0
    assert gala("brands", "show", "cli-brand", *server).json["logo"].startswith("ast_")
    assert "cli-brand" in gala("brands", "list", *server).out
    job = gala("submit", "--template", "hello", "-p", "title=Hi", "--brand", "cli-brand",
               "--target", "tiktok", "--no-wait", "--json", *server)  # fmt: skip
    assert job.code == 0, job.err
    api_only.client.cancel(job.json["id"])
    assert gala("brands", "delete", "cli-brand", *server).code == 0
