"""Fonts by name: listing, choice of faces, and rejected files."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from gala.errors import InvalidRequest
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.text_layout.fonts import find_in_package
from gala_renderer.text_layout.styled_layout import TextSpan, TextStyle, lay_out
from tests.support.font_files import make_font

SCRIPTS = "Straße Привет مرحبا שלום नमस्ते สวัสดี 你好 こんにちは 안녕"


def names_of(registry: FontRegistry, name: str | None, text: str) -> list[str]:
    """Return the fonts that draw the text's characters."""
    from gala_renderer.text_layout.paragraph import Paragraph

    return [
        font.name for font in Paragraph(text, registry.chain(name, bold=True, italic=False)).fonts
    ]


def test_fonts_for_titles_come_with_the_wheels() -> None:
    names = FontRegistry().names()
    assert {"Anton", "Bebas Neue", "Montserrat", "Noto Sans", "Poppins", "Roboto"} <= set(names)
    assert list(names) == sorted(names, key=str.lower)


@pytest.mark.parametrize("name", ["Bebas Neue", "bebas neue", "BebasNeue", "bebas-neue"])
def test_a_font_is_found_however_its_name_is_written(name: str) -> None:
    assert FontRegistry().chain(name, bold=False, italic=False)[0].name == "Bebas Neue"


def test_an_unknown_font_is_an_error_that_lists_what_there_is_the_nearest_first() -> None:
    with pytest.raises(InvalidRequest) as caught:
        FontRegistry().chain("Monserat", bold=False, italic=False, field="params.font")
    assert "params.font" in caught.value.message
    hint = caught.value.hint or ""
    assert hint.startswith("Available fonts: Montserrat")
    assert "Roboto" in hint


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a'b,c;d", "x" * 5000, "💥"])
def test_a_name_is_never_a_path_or_syntax(name: str) -> None:
    with pytest.raises(InvalidRequest):
        FontRegistry().chain(name, bold=False, italic=False)


@pytest.mark.parametrize("name", FontRegistry().names())
def test_every_font_shows_every_script(name: str) -> None:
    for bold in (False, True):
        chain = FontRegistry().chain(name, bold=bold, italic=False)
        block = lay_out([[SCRIPTS]], TextStyle(size=20, bold=bold), chain)
        assert block.missing == ()


@pytest.mark.parametrize("name", [None, "Montserrat", "Poppins", "Anton", "Noto Sans"])
def test_bold_and_italic_look_different_in_every_font(name: str | None) -> None:
    registry = FontRegistry()
    pictures = set()
    for bold in (False, True):
        for italic in (False, True):
            chain = registry.chain(name, bold=bold, italic=italic)
            block = lay_out([["Ham"]], TextStyle(size=40, bold=bold, italic=italic), chain)
            pictures.add(block.picture([[TextSpan("Ham")]]).tobytes())
    assert len(pictures) == 4


def test_a_font_of_the_operators_is_there_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    make_font(tmp_path / "more" / "any.ttf", "House Square", "ab")
    registry = FontRegistry(tmp_path)
    assert "House Square" in registry.names()
    assert names_of(registry, "house square", "aшb") == [
        "House Square",
        "Noto Sans",
        "House Square",
    ]


def test_damaged_files_in_the_folder_are_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_font(tmp_path / "good.ttf", "Good One", "a")
    whole = (tmp_path / "good.ttf").read_bytes()
    for number, cut in enumerate((0, 1, 12, 60, len(whole) // 2)):
        (tmp_path / f"cut{number}.ttf").write_bytes(whole[:cut])
    (tmp_path / "text.otf").write_text("not a font")
    (tmp_path / "folder.ttf").mkdir()
    (tmp_path / "dangling.ttf").symlink_to(tmp_path / "nowhere")
    with caplog.at_level(logging.WARNING):
        names = FontRegistry(tmp_path).names()
    assert "Good One" in names
    assert "text.otf is ignored" in caplog.text
    assert "dangling.ttf is ignored" in caplog.text


def test_a_folder_that_is_not_there_is_as_good_as_none(tmp_path: Path) -> None:
    assert FontRegistry(tmp_path / "none").names() == FontRegistry().names()


def test_emoji_are_drawn_in_their_colours_where_a_font_has_them(tmp_path: Path) -> None:
    make_font(tmp_path / "emoji.ttf", "Little Emoji", "\U0001f600❤", coloured=True)
    registry = FontRegistry(tmp_path)
    text = "a \U0001f600 b ❤\ufe0f"
    assert names_of(registry, None, text)[2] == "Little Emoji"
    assert names_of(registry, None, text)[3] == "Noto Sans"
    assert names_of(registry, None, text)[6] == "Little Emoji"
    block = lay_out([[text]], TextStyle(size=40), registry.chain(None, bold=True, italic=False))
    assert block.missing == ()
    colours = {colour for _, colour in block.picture([[TextSpan(text)]]).getcolors(1 << 20) or ()}
    assert (255, 0, 0, 255) in colours
    assert (255, 255, 255, 255) in colours


def test_a_heart_without_selector_stays_a_letter(tmp_path: Path) -> None:
    make_font(tmp_path / "emoji.ttf", "Little Emoji", "\U0001f600❤", coloured=True)
    assert names_of(FontRegistry(tmp_path), None, "❤\ufe0e")[0] != "Little Emoji"


def test_the_wheels_of_the_fonts_are_installed() -> None:
    assert find_in_package("fontpkg_montserrat", "files") is not None
    assert find_in_package("no_such_package", "files") is None
