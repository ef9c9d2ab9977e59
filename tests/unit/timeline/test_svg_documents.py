"""Drawings in SVG are drawn at a size, and refer to no files."""

from __future__ import annotations

import pytest

from gala.timeline.svg_documents import svg_problem
from gala_renderer.timeline.drawing.svg_program import document, draw


def test_references_to_files_are_removed() -> None:
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<image href="file:///etc/passwd"/><image xlink:href="/etc/passwd"/>'
        '<use href="#shape"/></svg>'
    )
    made = document(text, (10, 10), "contain")
    assert "passwd" not in made
    assert "#shape" in made


@pytest.mark.parametrize(
    ("fit", "left", "top"), [("contain", 0, 255), ("cover", 255, 255), ("fill", 255, 255)]
)
def test_a_drawing_fits_its_box_as_a_picture_does(fit: str, left: int, top: int) -> None:
    text = "<svg width='10' height='10'><rect width='10' height='10' fill='red'/></svg>"
    picture = draw(text, (40, 20), fit, [])
    assert picture.size == (40, 20)
    assert picture.getpixel((2, 10))[3] == left  # type: ignore[index]
    assert picture.getpixel((20, 2))[3] == top  # type: ignore[index]


@pytest.mark.parametrize("encoding", ["foo", "utf-7", "hex", "idna"])
def test_an_encoding_that_cannot_be_read_is_a_fault_of_the_file(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><svg xmlns="http://www.w3.org/2000/svg"/>'
    assert (svg_problem(text.encode()) or "").startswith("it is not XML: ")
    assert svg_problem(text) is None


@pytest.mark.parametrize("text", ["<svg", "<html/>", "<svg><use href='#a' id='a'/>"])
def test_what_is_not_svg_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"it is not XML|it does not begin"):
        document(text, (10, 10), "contain")
