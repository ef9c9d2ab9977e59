"""Lottie files, which may be hostile, are checked and cleaned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gala.timeline.lottie_files import MAX_BYTES, LottieFile, read_lottie

WHOLE: dict[str, Any] = {"w": 200, "h": 100, "fr": 30, "ip": 15, "op": 60, "layers": []}


def read(tmp_path: Path, document: Any) -> LottieFile:
    path = tmp_path / "animation.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_lottie(path)


def test_an_animation_has_its_size_and_length(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    assert (found.width, found.height, found.seconds) == (200, 100, 1.5)


def test_programs_and_names_of_other_files_are_removed(tmp_path: Path) -> None:
    document = {
        **WHOLE,
        "assets": [
            {"id": "a", "u": "/etc/", "p": "passwd", "e": 0},
            {"id": "b", "u": "", "p": "data:image/png;base64,AA", "e": 1},
            {"id": "c", "p": "http://example.com/x.png"},
        ],
        "layers": [{"ks": {"p": {"k": [1, 2], "x": "while (true) {}"}, "x": {"k": 1}}}],
    }
    cleaned = json.loads(read(tmp_path, document).text)
    assert [one["p"] for one in cleaned["assets"]] == ["", "data:image/png;base64,AA", ""]
    assert cleaned["layers"][0]["ks"] == {"p": {"k": [1, 2]}, "x": {"k": 1}}
    assert "passwd" not in json.dumps(cleaned)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ([], "no layers"),
        ({}, "no layers"),
        ({**WHOLE, "layers": [[[]] * 3, json.loads("[" * 70 + "]" * 70)]}, "nested too deeply"),
        ({**WHOLE, "layers": [{}] * 2001}, "more than 2000 layers"),
        ({**WHOLE, "op": 15}, "no length"),
        ({**WHOLE, "fr": 0}, "no length"),
        ({**WHOLE, "fr": 1e9}, "'fr' is more than 240"),
        ({**WHOLE, "w": 1e6}, "'w' is more than"),
        ({**WHOLE, "h": "100"}, "no number 'h'"),
        ({**WHOLE, "op": 1e9}, "longer than 600 seconds"),
        (json.dumps(WHOLE).replace("60", "1e999"), "no number 'op'"),
        ({**WHOLE, "w": 10**400}, "no number 'w'"),
    ],
)
def test_what_is_no_animation_is_refused_with_a_reason(
    tmp_path: Path, document: Any, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        read(tmp_path, document)


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "animation.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ValueError, match="larger"):
        read_lottie(path)
