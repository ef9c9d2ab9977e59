"""``gala timeline``: plans of compositions whose files are on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gala.client import GalaClient
from tests.integration.cli.conftest import Gala
from tests.platform.stack import Stack
from tests.support import http
from tests.support.font_files import make_font


def composition(folder: Path, *clips: dict[str, Any]) -> Path:
    path = folder / "film.json"
    path.write_text(json.dumps({"tracks": [{"clips": list(clips)}]}))
    return path


def test_files_are_inspected(gala: Gala, samples: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(samples("video").read_bytes())
    film = composition(
        tmp_path, {"type": "video", "src": "a.mp4", "width": "50%"}, {"type": "shape"}
    )
    info = gala("info", "a.mp4", "--json").json
    found = gala("timeline", "plan", film, "--size", "200x200", "--json").json
    video, shape = found["layers"]
    assert video["end"] == shape["start"] == round(info["duration"], 3)
    assert video["box"]["width"] == 100
    assert abs(video["box"]["height"] - 100 * info["height"] / info["width"]) < 0.01
    assert not found["estimate"]
    shown = gala("timeline", "plan", film, "--size", "200x200")
    assert shown.code == 0
    assert "200x200+0+0   /tracks/0/clips/1" in shown.out


def test_all_mistakes_are_printed(gala: Gala, tmp_path: Path) -> None:
    film = composition(
        tmp_path, {"type": "text", "text": "x", "length": 3}, {"type": "vidoe", "src": "a.mp4"}
    )
    shown = gala("timeline", "plan", film)
    assert shown.code == 2
    assert "length: An element of type text has no field 'length'. Write \"duration\"." in shown.err
    assert "/tracks/0/clips/1/type: " in shown.err
    as_json = gala("timeline", "plan", film, "--json")
    assert [one["pointer"] for one in json.loads(as_json.out)["error"]["details"]["problems"]] == [
        "/tracks/0/clips/0/length",
        "/tracks/0/clips/1/type",
    ]


def test_files_have_to_exist_and_to_fit(gala: Gala, tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"")
    film = composition(
        tmp_path, {"type": "image", "src": "none.png"}, {"type": "video", "src": "a.mp3"}
    )
    shown = gala("timeline", "plan", film)
    assert "/tracks/0/clips/0/src: There is no file 'none.png'" in shown.err
    assert '"type": "audio"' in shown.err


@pytest.mark.parametrize("command", ["plan", "render", "export", "frame --at 1"])
def test_a_misspelt_file_is_answered_with_its_place_and_the_nearest_name(
    gala: Gala, tmp_path: Path, command: str
) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "product.jpg").write_bytes(b"x")
    film = composition(tmp_path, {"type": "image", "src": "media/produt.jpg"})
    shown = gala("timeline", *command.split(), film)
    assert shown.code == 2
    assert "/tracks/0/clips/0/src: There is no file 'media/produt.jpg'" in shown.err
    assert "Did you mean 'media/product.jpg'?" in shown.err


def test_a_composition_is_rendered(
    gala: Gala, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(samples("picture").read_bytes())
    film = composition(tmp_path, {"type": "image", "src": "a.png", "duration": 0.5})
    made = gala("timeline", "render", film, "--size", "64x64", "-o", "film.mp4", "--json")
    assert made.code == 0, made.err
    assert made.json["duration"] == 0.5
    speaker = {"type": "presenter", "model": f"mdl_{'0' * 26}", "text": "Hello."}
    refused = gala("timeline", "render", composition(tmp_path, speaker), "-o", "other.mp4")
    assert refused.code == 2
    assert "/tracks/0/clips/0/model: Models are known to a server only" in refused.err


def test_the_schema_is_printed(gala: Gala) -> None:
    assert gala("timeline", "schema").json["title"] == "TimelineParams"


def test_an_edit_of_shotstack_is_imported(gala: Gala, tmp_path: Path) -> None:
    (tmp_path / "edits").mkdir()
    (tmp_path / "edits" / "a.png").write_bytes(b"")
    photo = {"asset": {"type": "image", "src": "a.png"}, "start": 0, "length": 2, "skew": {"x": 1}}
    edit = tmp_path / "edits" / "edit.json"
    edit.write_text(json.dumps({"timeline": {"tracks": [{"clips": [photo]}]}}))
    shown = gala("timeline", "import", edit, "-o", tmp_path / "film.json")
    assert shown.code == 0, shown.err
    assert "not carried over: /timeline/tracks/0/clips/0/skew" in shown.err
    assert "--size 1280x720 --fps 25" in shown.err
    film = json.loads((tmp_path / "film.json").read_text())
    assert film["tracks"][0]["clips"][0]["src"] == "edits/a.png"
    edit.write_text('{"OTIO_SCHEMA": "Timeline.1", "x": NaN}')
    refused = gala("timeline", "import", edit)
    assert refused.code == 2
    assert "NaN is not a number" in refused.err


def test_a_composition_is_exported_to_a_folder(gala: Gala, tmp_path: Path) -> None:
    film = composition(tmp_path, {"type": "text", "text": "Hello", "duration": 1})
    options = ("--to", "fcp7", "--size", "64x64", "-o", tmp_path / "film")
    shown = gala("timeline", "export", film, *options)
    assert shown.code == 0, shown.err
    assert "goes out as a rendered picture" in shown.err
    assert (tmp_path / "film" / "film.xml").read_text().count("<clipitem") == 1
    assert list((tmp_path / "film" / "media").glob("*-text.png"))
    again = gala("timeline", "export", film, *options)
    assert again.code == 2
    assert "exists already" in again.err


def test_an_export_is_not_a_folder_that_is_named_like_a_file(gala: Gala, tmp_path: Path) -> None:
    film = composition(tmp_path, {"type": "text", "text": "Hello", "duration": 1})
    refused = gala("timeline", "export", film, "-o", "film.EDL")
    assert (refused.code, "--to edl -o film" in refused.err) == (2, True), refused.err
    assert not Path("film.EDL").exists()


def test_exported_media_have_the_endings_of_their_content(
    gala: Gala, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "called.png", "JPEG")
    (tmp_path / "song.mp3").write_bytes(samples("song").read_bytes())
    film = composition(
        tmp_path,
        {"type": "image", "src": "called.png", "duration": 1},
        {"type": "audio", "src": "song.mp3", "duration": 1},
    )
    shown = gala("timeline", "export", film, "--size", "64x64", "-o", tmp_path / "film")
    assert shown.code == 0, shown.err
    names = sorted(path.name for path in (tmp_path / "film" / "media").iterdir())
    assert names == ["001-called.jpg", "002-song.mp3"]


def test_an_import_of_other_editing_formats_says_which_there_are(
    gala: Gala, tmp_path: Path
) -> None:
    edit = tmp_path / "film.edl"
    for text in ("<?xml version='1.0'?><xmeml/>", "TITLE: film\nFCM: NON-DROP FRAME\n"):
        edit.write_text(text)
        shown = gala("timeline", "import", edit)
        assert shown.code == 2
        assert "OTIO or an edit of Shotstack" in shown.err


def test_a_frame_is_drawn_from_files_beside_the_composition(
    gala: Gala, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "a.mp4").write_bytes(samples("video").read_bytes())
    film = composition(tmp_path, {"type": "video", "src": "a.mp4"})
    shown = gala("timeline", "frame", film, "--at", "0:01", "--size", "160x90", "-o", "f.jpg")
    assert (shown.code, shown.out.strip()) == (0, "f.jpg"), shown.err
    with Image.open(tmp_path / "f.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (160, 90))
    late = gala("timeline", "frame", film, "--at", "9", "--size", "160x90", "-o", "g.png")
    assert (late.code, (tmp_path / "g.png").exists()) == (2, False)
    assert "The film ends at 3" in late.err


def test_frames_are_refused_by_the_option(gala: Gala, tmp_path: Path) -> None:
    film = composition(tmp_path, {"type": "shape"})
    for given, option in ((("--at", "soon"), "--at"), (("-o", "f.gif"), "-o: f.gif")):
        shown = gala("timeline", "frame", film, *given)
        assert shown.code == 2
        assert option in shown.err


def test_a_target_decides_size_and_loudness_and_is_checked(gala: Gala, tmp_path: Path) -> None:
    title = {"type": "text", "text": "Hello", "duration": 4, "position": "bottom"}
    film = composition(tmp_path, title)
    found = gala("timeline", "plan", film, "--target", "reel", "--json").json
    assert (found["format"]["width"], found["format"]["height"]) == (1080, 1920)
    assert "target_safe_area" in {one["code"] for one in found["warnings"]}
    contradicted = gala("timeline", "plan", film, "--target", "reel", "--aspect-ratio", "16:9")
    assert (contradicted.code, "Instagram Reels is 9:16" in contradicted.err) == (2, True)
    size = gala("timeline", "plan", film, "--target", "linkedin", "--size", "90x160")
    assert (size.code, "1:1, the aspect ratio of LinkedIn" in size.err) == (2, True)


def test_a_film_for_a_target_has_its_shape_and_its_length(gala: Gala, tmp_path: Path) -> None:
    film = composition(tmp_path, {"type": "text", "text": "Hello", "duration": 3})
    out = tmp_path / "a.mp4"
    made = gala("timeline", "render", film, "--target", "square", "--size", "96x96", "-o", out)
    assert made.code == 0, made.err
    still = gala("timeline", "frame", film, "--target", "youtube", "-o", tmp_path / "a.png")
    assert still.code == 0, still.err
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1920, 1080)
    short = composition(tmp_path, {"type": "text", "text": "Hello", "duration": 1})
    refused = gala("timeline", "render", short, "--target", "tiktok", "-o", out, "--force")
    assert "--target: The film lasts 1 s; TikTok takes at least 3 s." in refused.err


def test_broken_drawings_are_refused_at_their_places(gala: Gala, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg><a></svg>")
    (tmp_path / "a.json").write_text('{"w": 10, "h": 10}')
    lottie = {"type": "lottie", "src": "a.json"}
    film = composition(tmp_path, {"type": "svg", "src": "a.svg"}, lottie)
    shown = gala("timeline", "plan", film)
    assert shown.code == 2
    assert "/tracks/0/clips/0/src: This SVG cannot be drawn: it is not XML" in shown.err
    assert "/tracks/0/clips/1/src: This is not a Lottie animation: it has no layers." in shown.err


def test_a_plan_has_the_length_of_a_lottie_file(gala: Gala, tmp_path: Path) -> None:
    animation = {"w": 40, "h": 20, "fr": 10, "ip": 0, "op": 25, "layers": []}
    (tmp_path / "a.json").write_text(json.dumps(animation))
    film = composition(tmp_path, {"type": "lottie", "src": "a.json"})
    found = gala("timeline", "plan", film, "--json").json
    assert (found["duration"], found["estimate"]) == (2.5, False)


def test_what_the_renderer_would_refuse_is_a_warning_of_the_plan(
    gala: Gala, tmp_path: Path
) -> None:
    film = composition(
        tmp_path,
        {"type": "text", "text": [{"text": "x", "font": "Interr"}], "font": "open sans"},
        {"type": "chart", "chart": "ring", "value": 3, "font": "Nope"},
        {"type": "html", "html": "<p>Hello</p>"},
        {"type": "voice", "text": "Hello", "voice": "en-uss"},
    )
    found = gala("timeline", "plan", film, "--json").json
    warnings = {one["pointer"]: one["message"] for one in found["warnings"]
                if one["code"] == "not_rendered"}  # fmt: skip
    assert warnings.keys() == {
        "/tracks/0/clips/0/text/0/font", "/tracks/0/clips/1/font", "/tracks/0/clips/2",
        "/tracks/0/clips/3/voice",
    }  # fmt: skip
    assert "Did you mean 'Inter'?" in warnings["/tracks/0/clips/0/text/0/font"]
    assert "RENDERER_HTML=1" in warnings["/tracks/0/clips/2"]
    assert "'en-us" in warnings["/tracks/0/clips/3/voice"]


def test_a_plan_knows_the_voices_and_the_characters_of_this_machine(
    gala: Gala, tmp_path: Path
) -> None:
    film = composition(
        tmp_path,
        # Its form is that of Kokoro's voices, of which an operator may have more.
        {"type": "voice", "text": "Hello", "voice": "af_nobody"},
        {"type": "text", "text": "Ça va? Привет, 你好, \U00012000!"},
        {"type": "chart", "chart": "pie", "values": [{"value": 1, "label": "\U00013000"}]},
    )
    found = gala("timeline", "plan", film, "--json").json["warnings"]
    shown = {one["pointer"]: (one["code"], one["message"]) for one in found}
    code, message = shown["/tracks/0/clips/0/voice"]
    assert (code, "'af_nobody'" in message) == ("not_rendered", True)
    code, message = shown["/tracks/0/clips/1"]
    assert (code, message[:18]) == ("missing_characters", "No font here has \U00012000")
    assert shown["/tracks/0/clips/2"][0] == "missing_characters"


def test_a_server_renders_files_assets_and_models(
    gala: Gala, shared_stack: Stack, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    server = ("--url", shared_stack.base_url)
    with GalaClient(shared_stack.base_url) as client:
        asset_id = client.upload(samples("picture")).id
        model = client.create_model("Sol", presenter={"body": {"character": {"name": "sol"}}})
    (tmp_path / "a.png").write_bytes(samples("picture").read_bytes())
    clips = [
        {"type": "image", "src": "a.png", "duration": 0.5},
        {"type": "image", "src": asset_id, "duration": 0.5},
        {"type": "text", "text": "a.png", "duration": 0.5},
        {"type": "presenter", "model": model.id, "text": "Hi.", "engine": "espeak"},
    ]
    film = tmp_path / "film.json"
    film.write_text(json.dumps({"quality": "draft", "tracks": [{"clips": clips}]}))
    here = gala("timeline", "render", film, "--size", "64x64")
    assert here.code == 2
    assert f"/tracks/0/clips/1/src: '{asset_id}' is read by a server only." in here.err
    there = gala("timeline", "render", film, "--size", "64x64", "-o", "there.mp4", *server)
    assert there.code == 0, there.err
    assert (tmp_path / "there.mp4").stat().st_size > 1000
    sent = gala("submit", "timeline", film, "-p", "preview:=true", "--json", *server)
    assert sent.code == 0, sent.err
    job = http.get(f"{shared_stack.base_url}/jobs/{sent.json['id']}").json()["job"]
    uploaded, given, text, presenter = job["params"]["tracks"][0]["clips"]
    assert uploaded["src"].startswith("ast_")
    assert (given["src"], text["text"]) == (asset_id, "a.png")
    assert presenter["character"]["name"] == "sol"
    film.write_text(json.dumps({"tracks": [{"clips": [{"type": "image", "src": "gone.png"}]}]}))
    gone = gala("submit", "timeline", film, *server)
    assert (gone.code, "There is no file 'gone.png'" in gone.err) == (2, True)


def test_a_brand_kit_is_used_by_its_file_and_by_its_name(
    gala: Gala,
    shared_stack: Stack,
    samples: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kit = {"colors": {"background": "#e01020"}, "voice": {"engine": "espeak", "language": "es"}}
    (tmp_path / "kit.json").write_text(json.dumps(kit))
    film = tmp_path / "film.json"
    scene = {"duration": 1, "background": "{{brand.colors.background}}"}
    film.write_text(json.dumps({"scenes": [scene]}))
    drawn = gala("timeline", "frame", film, "--size", "64x64", "--brand", "kit.json", "-o", "f.png")
    assert drawn.code == 0, drawn.err
    with Image.open(tmp_path / "f.png") as picture:
        red, green, _ = picture.convert("RGB").getpixel((32, 32))
    assert (red > 200, green < 40) == (True, True)
    assert gala("timeline", "plan", film, "--brand", "kit.json").code == 0
    assert gala("timeline", "plan", film, "--brand", "gone.json").code == 2
    server = ("--url", shared_stack.base_url)
    assert gala("brands", "set", "cli-house", "kit.json", *server).code == 0
    monkeypatch.setenv("GALA_URL", shared_stack.base_url)
    assert gala("timeline", "plan", film, "--brand", "cli-house").code == 0
    unknown = gala("timeline", "plan", film, "--brand", "cli-hose")
    assert (unknown.code, "--brand: " in unknown.err, "cli-house" in unknown.err) == (1, True, True)
    spoken = gala("say", "hola", "--brand", "cli-house", "--local", "-o", "hola.wav", "--json")
    assert spoken.json["speech"][0]["engine"] == "espeak", spoken.err


def test_the_fonts_of_a_kit_are_files_beside_it_or_on_the_server(
    gala: Gala, shared_stack: Stack, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    make_font(tmp_path / "squares.ttf", "Squares", "Hola")
    kit = {"fonts": {"body": "Acme", "files": {"Acme": "squares.ttf"}}}
    (tmp_path / "lettered.json").write_text(json.dumps(kit))
    film = composition(tmp_path, {"type": "text", "text": "H", "font_size": "50%", "duration": 0.2})
    brand = ("--size", "64x64", "--brand", "lettered.json")
    drawn = gala("timeline", "frame", film, *brand, "-o", "g.png")
    assert drawn.code == 0, drawn.err
    with Image.open(tmp_path / "g.png") as picture:
        square = picture.convert("L").point(lambda light: 255 * (light > 128)).getbbox()
    assert square is not None
    left, top, right, bottom = square
    assert (right - left, bottom - top) == pytest.approx((22, 22), abs=1)
    captioned = ("caption", samples("video"), "--text", "Hola", "--language", "es", "-o", "c.mp4")
    shown = gala(*captioned, "--brand", "lettered.json", "--local")
    assert shown.code == 0, shown.err
    named = gala(*captioned, "--font", "squares.ttf", "--local", "--force")
    assert named.code == 0, named.err
    gone = gala(*captioned, "--font", "square.ttf", "--local", "--force")
    assert (gone.code, "--font: there is no file square.ttf" in gone.err) == (2, True)
    server = ("--url", shared_stack.base_url)
    assert gala(*captioned, "--font", "squares.ttf", "--force", *server).code == 0
    assert gala("brands", "set", "cli-lettered", "lettered.json", *server).code == 0
    rendered = ("timeline", "render", film, "--brand", "cli-lettered", "-o", "d.mp4")
    assert gala(*rendered, *server).code == 0
