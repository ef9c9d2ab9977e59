"""Styled text: fixed positions, visible spans, and looks."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
from PIL import Image

from gala_renderer.text_layout import glyph_raster
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.text_layout.fonts import installed_fonts
from gala_renderer.text_layout.styled_layout import TextSpan, TextStyle, lay_out, paint_lines

CHAIN = FontRegistry().chain(None, bold=True, italic=False)
WORDS = ["The ", "quick ", "fox"]


def drawn(pieces: list[TextSpan], style: TextStyle) -> numpy.ndarray:
    """Return the picture of one line."""
    block = lay_out([[piece.text for piece in pieces]], style, CHAIN)
    return numpy.asarray(block.picture([pieces])).astype(int)


def test_words_stand_still_while_the_highlight_moves() -> None:
    style = TextStyle(size=40, stroke_width=3, shadow_opacity=0.5, shadow_blur=6)
    block = lay_out([WORDS], style, CHAIN)
    looks = [
        numpy.asarray(
            block.picture(
                [[TextSpan(w, colour="#ffd60a" if n == lit else None) for n, w in enumerate(WORDS)]]
            )
        )
        for lit in range(3)
    ]
    for look in looks[1:]:
        assert (look[..., 3] == looks[0][..., 3]).all()
        assert (look != looks[0]).any()


def test_an_unseen_piece_keeps_its_room() -> None:
    style = TextStyle(size=40)
    whole = drawn([TextSpan("left "), TextSpan("right")], style)
    part = drawn([TextSpan("left ", visible=False), TextSpan("right")], style)
    assert part.shape == whole.shape
    half = whole.shape[1] // 2
    assert (part[:, half:] == whole[:, half:]).all()
    assert part[:, : half // 2, 3].max() == 0


@pytest.mark.parametrize("text", ["ببب", "क्षत्रिय", "שלום abc 12"])
def test_a_colour_in_the_middle_does_not_break_joined_letters(text: str) -> None:
    style = TextStyle(size=40)
    whole = drawn([TextSpan(text)], style)
    parts = drawn([TextSpan(text[:2], colour="#ff0000"), TextSpan(text[2:])], style)
    assert whole.shape == parts.shape
    # A glyph's edge may be blended twice where two colours meet.
    assert numpy.abs(whole[..., 3] - parts[..., 3]).mean() < 1


def test_a_stroke_is_as_wide_as_asked_all_round() -> None:
    for width in (1.0, 2.5, 4.0, 9.0):
        mask = Image.new("L", (101, 101))
        mask.paste(255, (40, 40, 61, 61))
        grown = numpy.asarray(glyph_raster.grown(mask, width)).astype(int)
        across = grown[50].sum() / 255
        assert across == pytest.approx(21 + 2 * width, abs=0.6)
        # Round corners: the outline reaches less far along the diagonal.
        reach = round(width)
        assert reach < 3 or grown[40 - reach, 40 - reach] < 32


def test_a_shadow_falls_below_the_letters_and_lets_through_what_was_asked() -> None:
    plain = drawn([TextSpan("I")], TextStyle(size=60))
    style = TextStyle(size=60, shadow_opacity=0.5, shadow_offset=12, shadow_colour="#0000ff")
    shaded = drawn([TextSpan("I")], style)
    blue = shaded[(shaded[..., 2] > 200) & (shaded[..., 0] < 50)]
    assert len(blue)
    assert blue[:, 3].max() == pytest.approx(128, abs=2)
    bottom = max(numpy.nonzero(shaded[..., 3])[0]) - (shaded.shape[0] - plain.shape[0]) // 2
    assert bottom - max(numpy.nonzero(plain[..., 3])[0]) == pytest.approx(12, abs=1)


def test_a_box_is_behind_the_lit_word_only() -> None:
    style = TextStyle(size=40)
    boxed = drawn([TextSpan("one "), TextSpan("two", box="#e11d48"), TextSpan(" six")], style)
    red = (boxed[..., 0] == 0xE1) & (boxed[..., 1] == 0x1D) & (boxed[..., 3] == 255)
    columns = numpy.nonzero(red.any(axis=0))[0]
    assert boxed.shape[1] * 0.25 < columns.min() < columns.max() < boxed.shape[1] * 0.75


def test_a_line_that_is_too_wide_is_made_smaller(tmp_path: Path) -> None:
    painted = paint_lines(
        [[TextSpan("w" * 40)]], TextStyle(size=80), CHAIN, tmp_path / "a.png", max_width=300
    )
    with Image.open(painted.path) as picture:
        assert picture.width <= 300 - 2 * painted.x


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301" * 10_000,
        "\u200b" * 10_000 + "a",
        "\u202e\u2066" * 500 + "ab",
        "\U0001f1e9" * 500,
        "a\u200d" * 500,
        "\ud800 lone",
        "%{localtime}';movie=/etc/passwd {\\pos(0,0)}",
    ],
)
def test_hostile_text_is_drawn_without_harm(text: str) -> None:
    picture = drawn([TextSpan(text)], TextStyle(size=10, stroke_width=1))
    assert picture.shape[0] < 200


def test_emoji_that_no_font_has_are_left_out_and_told() -> None:
    chain, style = installed_fonts(), TextStyle(size=40)
    with_emoji = lay_out(
        [["Hi \U0001f44b\U0001f3fd you"], ["Yes", " ", "\U0001f30d", " ", "no"]], style, chain
    )
    without = lay_out([["Hi you"], ["Yes", " ", "no"]], style, chain)
    assert with_emoji.missing == ("\U0001f44b", "\U0001f3fd", "\U0001f30d")
    assert (with_emoji.width, with_emoji.height) == (without.width, without.height)


def test_a_line_of_an_arabic_text_that_begins_with_latin_still_reads_from_the_right() -> None:
    chain, style = installed_fonts(), TextStyle(size=40)
    from_left = lay_out([["GALA!"]], style, chain)
    from_right = lay_out([["GALA!"]], style, chain, from_right=True)
    assert from_left._glyphs[-1].number == from_right._glyphs[0].number
