"""dotLottie archives, which may be hostile: checked, and read by the ids of their animations."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gala.errors import UnprocessableMedia
from gala.timeline.dotlottie import MAX_BYTES, MAX_ENTRIES, read_dotlottie
from gala.timeline.lottie_files import read_animation, read_lottie
from gala.timeline.sources import NamedFile

PNG = b"\x89PNG\r\n\x1a\nrest"
WHOLE: dict[str, Any] = {"w": 200, "h": 100, "fr": 30, "ip": 0, "op": 60, "layers": []}
OTHER = {**WHOLE, "op": 15, "assets": [{"id": "p", "u": "images/", "p": "dot.png"}]}
MANIFEST: dict[str, Any] = {"version": "2", "animations": [{"id": "one"}, {"id": "other"}]}
FILES: dict[str, Any] = {
    "manifest.json": MANIFEST,
    "a/one.json": WHOLE,
    "a/other.json": OTHER,
    "i/dot.png": PNG,
}


def packed(tmp_path: Path, files: dict[str, Any], *, store: bool = False) -> Path:
    path = tmp_path / "animation.lottie"
    kind = zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(name, data)
    return path


def test_an_animation_is_chosen_by_its_id_and_else_is_the_first_one(tmp_path: Path) -> None:
    path = packed(tmp_path, FILES)
    assert read_lottie(path).seconds == 2
    assert read_lottie(path, "other").seconds == 0.5


@pytest.mark.parametrize("start", [{"initial": {"animation": "other"}},
                                   {"activeAnimationId": "other"}])  # fmt: skip
def test_a_file_says_with_which_animation_it_starts(tmp_path: Path, start: Any) -> None:
    path = packed(tmp_path, {**FILES, "manifest.json": {**MANIFEST, **start}})
    assert read_lottie(path).seconds == 0.5


def test_files_of_the_first_version_are_read(tmp_path: Path) -> None:
    files = {"manifest.json": {**MANIFEST, "version": "1"}, "animations/one.json": WHOLE,
             "animations/other.json": OTHER, "images/dot.png": PNG}  # fmt: skip
    path = packed(tmp_path, files)
    assert read_lottie(path).seconds == 2
    assert "data:image/png" in read_lottie(path, "other").text


def test_pictures_of_the_archive_are_put_into_the_animation(tmp_path: Path) -> None:
    (asset,) = json.loads(read_lottie(packed(tmp_path, FILES), "other").text)["assets"]
    assert asset["p"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert (asset["u"], asset["e"]) == ("", 1)


def without(name: str) -> dict[str, Any]:
    return {one: content for one, content in FILES.items() if one != name}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (without("manifest.json"), "no manifest.json"),
        ({**FILES, "manifest.json": []}, "manifest is not an object"),
        ({**FILES, "manifest.json": b"{"}, "not JSON"),
        ({**FILES, "manifest.json": {"animations": [1]}}, "names no animations"),
        (without("a/other.json"), "'other' is missing"),
        (without("i/dot.png"), "picture 'dot.png' is not in it"),
        ({**FILES, "i/dot.png": b"<svg/>"}, "not PNG, JPEG or WebP"),
        ({**FILES, "i/dot.png": PNG + bytes(5 * 1024**2)}, "more than 200 times larger"),
        ({**FILES, "a/other.json": b"[" + b" " * 9 * 1024**2}, "more than 200 times larger"),
        ({**FILES, **{f"x/{number}": b"" for number in range(MAX_ENTRIES)}}, "more than 500 files"),
    ],
)
def test_a_wrong_archive_is_refused_with_a_reason(
    tmp_path: Path, files: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        read_lottie(packed(tmp_path, files), "other" if "a/one.json" in files else None)


@pytest.mark.parametrize(
    ("name", "most"), [("a/other.json", 8), ("i/dot.png", 4), ("manifest.json", 0.25)]
)
def test_what_is_too_large_is_not_read(tmp_path: Path, name: str, most: float) -> None:
    content = PNG + bytes(int(most * 1024**2) + 1)
    path = packed(tmp_path, {**FILES, name: content}, store=True)
    with pytest.raises(ValueError, match=f"too large; {most:g} MiB"):
        read_lottie(path, "other")


def test_names_lead_nowhere_else(tmp_path: Path) -> None:
    for name in ("../one", "/etc/passwd", "one\x00", "c:one"):
        manifest = {"animations": [{"id": name}]}
        path = packed(tmp_path, {**FILES, "manifest.json": manifest})
        with pytest.raises(ValueError, match="is missing"):
            read_lottie(path)
    asset = {**OTHER, "assets": [{"p": "../a/one.json"}]}
    with pytest.raises(ValueError, match="not in it"):
        read_lottie(packed(tmp_path, {**FILES, "a/other.json": asset}), "other")


def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, FILES)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a/one.json", b"{}")
    with pytest.raises(ValueError, match="twice"):
        read_lottie(path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path, FILES, store=True).read_bytes()
    path = tmp_path / "damaged.lottie"
    for content in (whole[:-30], whole.replace(b'"layers"', b'"Layers"', 1), whole[:4]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="damaged"):
            read_lottie(path)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, FILES)
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="encrypted"):
        read_lottie(path)


def test_a_large_archive_and_a_long_directory_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "animation.lottie"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ValueError, match="larger than 16 MiB"):
        read_dotlottie(path, None)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(6000):
            archive.writestr(f"{number}", b"")
    with pytest.raises(ValueError, match="more than 500 files"):
        read_dotlottie(path, None)


def test_the_element_and_the_nearest_id_are_named(tmp_path: Path) -> None:
    path = packed(tmp_path, FILES)
    file = NamedFile("a.lottie", "/tracks/0/clips/0/src", "lottie", "othr")
    with pytest.raises(UnprocessableMedia) as caught:
        read_animation(file, path)
    assert caught.value.details["field"] == "/tracks/0/clips/0/animation"
    assert "'othr'" in caught.value.message
    assert "'other'" in str(caught.value.hint)


def test_json_has_no_animations_to_choose_from(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(WHOLE))
    with pytest.raises(UnprocessableMedia, match="one animation without a name"):
        read_animation(NamedFile("a.json", "/src", "lottie", "one"), path)
