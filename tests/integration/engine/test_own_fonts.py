"""Fonts of users' own: texts are drawn with them, and files that are no fonts are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gala.errors import ErrorCode, UnprocessableMedia
from gala_renderer.engine.order import InputFile
from gala_renderer.own_fonts import opening
from gala_renderer.text_layout.font_registry import FontRegistry
from tests.support.engine import EngineHarness
from tests.support.films import Frames, edges, frames_of, made
from tests.support.font_files import as_woff, make_font, with_feature

WHITE = (255, 255, 255)


def film(**fields: Any) -> dict[str, Any]:
    """Return a composition of one letter in a font of its own."""
    text = {"type": "text", "text": "H", "font": "Acme", "font_size": "50%", "duration": 0.1}
    return {"fonts": {"Acme": "acme.ttf"}, "tracks": [{"clips": [{**text, **fields}]}]}


def square(frame: Frames) -> tuple[int, bool]:
    """Return the width of what is white, and whether it is a filled square."""
    left, top, right, bottom = edges(frame, WHITE)
    filled = frame[top:bottom, left:right].mean() > 235
    return right - left, bool(filled and abs((right - left) - (bottom - top)) <= 2)


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """A font whose H is a square of 0.7 em."""
    return make_font(tmp_path / "squares.ttf", "Squares", "H")


def drawn(engine: EngineHarness, params: dict[str, Any], *files: Path) -> Frames:
    """Return the first frame of a composition."""
    first: Frames = frames_of(made(engine, params, *files).path("video"))[0]
    return first


@pytest.mark.parametrize("compressed", [False, True])
def test_a_text_is_drawn_with_the_file_that_its_font_names(
    engine: EngineHarness, squares: Path, compressed: bool
) -> None:
    font = as_woff(squares) if compressed else squares
    width, is_square = square(drawn(engine, film(), font))
    assert is_square
    assert width == pytest.approx(0.7 * 0.5 * 120, abs=2)


def test_of_several_files_the_one_of_the_texts_weight_is_taken(
    engine: EngineHarness, tmp_path: Path
) -> None:
    regular = make_font(tmp_path / "regular.ttf", "One", "H", side=300)
    bold = make_font(tmp_path / "bold.ttf", "Other", "H", side=600, weight=700)
    widths = []
    for is_bold in (False, True):
        params = film(bold=is_bold) | {"fonts": {"Acme": ["regular.ttf", "bold.ttf"]}}
        widths.append(square(drawn(engine, params, regular, bold))[0])
    assert widths == pytest.approx([0.3 * 60, 0.6 * 60], abs=2)


def test_another_file_of_the_same_name_makes_another_film(
    engine: EngineHarness, squares: Path, tmp_path: Path
) -> None:
    smaller = make_font(tmp_path / "smaller.ttf", "Squares", "H", side=400)
    widths = [square(drawn(engine, film(), font))[0] for font in (squares, smaller, squares)]
    assert widths == pytest.approx([42, 24, 42], abs=2)


def test_captions_of_other_types_take_fonts_of_their_own(
    engine: EngineHarness, squares: Path
) -> None:
    look = {"font": "Acme", "font_size": 60, "style": "classic", "stroke_width": 0}
    params = {
        "text": "H",
        "engine": "espeak",
        "fonts": {"Acme": "acme.ttf"},
        "captions": {**look, "shadow_opacity": 0},
    }
    made = engine.make("captioned_video", params, size=(160, 120, 20), font=[squares])
    frames = frames_of(made.path("video"))
    assert square(frames[len(frames) // 2])[1]


def test_a_font_that_nobody_has_is_refused_with_the_names_of_the_own_ones(
    engine: EngineHarness, squares: Path
) -> None:
    refused = engine.make("timeline", film(font="Akme"), size=(160, 120, 20), media=[squares])
    assert refused.error.code is ErrorCode.VALIDATION_ERROR
    assert "/tracks/0/clips/0/font: Unknown font 'Akme'" in refused.error.message
    assert refused.error.hint is not None
    assert "Available fonts: Acme" in refused.error.hint


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Not a font at all, but text. " * 9, "no font"),
        (b"\0\1\0\0\0\1\0\0\0\0\0\0cmap", "damaged"),
        (b"wOF2" + bytes(60), "WOFF2"),
        (b"", "no font"),
    ],
)
def test_a_file_that_is_no_font_is_refused_at_its_place(
    engine: EngineHarness, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "font.ttf"
    file.write_bytes(content)
    refused = engine.make("timeline", film(), size=(160, 120, 20), media=[file])
    assert refused.error.code is ErrorCode.UNPROCESSABLE_MEDIA
    assert refused.error.message.startswith("/fonts/Acme/0: ")
    assert reason in refused.error.message


def test_a_truncated_font_is_refused(engine: EngineHarness, squares: Path) -> None:
    squares.write_bytes(squares.read_bytes()[:-300])
    refused = engine.make("timeline", film(), size=(160, 120, 20), media=[squares])
    assert refused.error.code is ErrorCode.UNPROCESSABLE_MEDIA


def test_a_font_that_keeps_the_check_busy_is_refused(
    engine: EngineHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_SECONDS", 0.001)
    unseen = make_font(tmp_path / "busy.ttf", "Busy", "H", side=433)
    refused = engine.make("timeline", film(), size=(160, 120, 20), media=[unseen])
    assert refused.error.code is ErrorCode.UNPROCESSABLE_MEDIA
    assert refused.error.message == "/fonts/Acme/0: checking the font takes too long."


def test_a_font_that_is_large_once_it_is_unpacked_is_refused(
    engine: EngineHarness, squares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_MAX_ALL_BYTES", 500)
    refused = engine.make("timeline", film(), size=(160, 120, 20), media=[as_woff(squares)])
    assert "its fonts are larger than" in refused.error.message


def test_what_a_broken_program_leaves_instead_of_a_font_is_not_read(
    squares: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "00.otf").symlink_to(squares)
    with pytest.raises(UnprocessableMedia, match="the font is damaged"):
        opening._read(folder, InputFile(squares, "font/ttf", "params.fonts.Acme.0"))


def test_letters_of_absurd_size_are_refused(engine: EngineHarness, tmp_path: Path) -> None:
    huge = make_font(tmp_path / "huge.ttf", "Huge", "H", side=30_000)
    refused = engine.make("timeline", film(), size=(160, 120, 20), media=[huge])
    assert "larger than 24 em" in refused.error.message


def test_a_font_that_moves_its_letters_far_away_does_not_make_large_pictures(
    squares: Path,
) -> None:
    away = "feature kern { pos g48 <32000 32000 32000 0>; } kern;"
    data = with_feature(squares, away).read_bytes()
    registry = FontRegistry().with_families({"Acme": [data]})
    chain = registry.chain("Acme", bold=False, italic=False)
    from gala_renderer.text_layout.paragraph import Paragraph, shape

    paragraph = Paragraph("H", chain)
    glyphs = [one for run in paragraph.runs(0, 1) for one in shape("H", run)]
    assert np.abs([[one.advance, one.dx, one.dy] for one in glyphs]).max() == 24


def test_own_fonts_win_over_those_that_are_here_only_for_their_job(squares: Path) -> None:
    shelf = FontRegistry()
    own = shelf.with_families({"Montserrat": [squares.read_bytes()]})
    assert not own.chain("montserrat", bold=False, italic=False)[0].covers("A")
    assert shelf.chain("montserrat", bold=False, italic=False)[0].covers("A")
    assert own.version != shelf.version
