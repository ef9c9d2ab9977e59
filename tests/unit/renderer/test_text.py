"""Text layout: fonts, order, lines, size."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gala_renderer.text_layout.fit_box import LINE_HEIGHT, Box, balanced, broken, fit_text
from gala_renderer.text_layout.fonts import installed_fonts
from gala_renderer.text_layout.paragraph import paragraphs
from gala_renderer.text_layout.raster import Ink, luminance, paint

BOX = Box(width=907, height=1382, largest=216)


def seen(text: str) -> str:
    """Return the characters of a one-line text in visual order."""
    (paragraph,) = paragraphs(text)
    order = ""
    for run in paragraph.runs(0, len(paragraph.text)):
        part = paragraph.text[run.start : run.end]
        order += part[::-1] if run.level % 2 else part
    return order


def test_the_fonts_come_with_the_wheels() -> None:
    names = {font.name for font in installed_fonts()}
    assert {
        "Noto Sans",
        "Noto Sans Arabic",
        "Noto Sans Hebrew",
        "Noto Sans Devanagari",
        "Noto Sans Thai",
        "Noto Sans CJK SC",
    } <= names


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("Straße", "Noto Sans"),
        ("Привет", "Noto Sans"),
        ("Καλημέρα", "Noto Sans"),
        ("مرحبا", "Noto Sans Arabic"),
        ("שלום", "Noto Sans Hebrew"),
        ("สวัสดี", "Noto Sans Thai"),
        ("你好", "Noto Sans CJK SC"),
        ("こんにちは", "Noto Sans CJK SC"),
        ("안녕", "Noto Sans CJK SC"),
    ],
)
def test_each_script_has_a_font(text: str, font: str) -> None:
    (paragraph,) = paragraphs(text)
    assert {font.name for font in paragraph.fonts} == {font}
    assert fit_text(text, BOX).missing == ()


def test_devanagari_is_covered() -> None:
    assert fit_text("नमस्ते दुनिया क्षत्रिय", BOX).missing == ()


def test_what_no_font_covers_is_told() -> None:
    assert fit_text("go \U0001f680 go \U0001f680", BOX).missing == ("\U0001f680",)


def test_a_mark_stays_with_its_letter() -> None:
    (paragraph,) = paragraphs("ש\u05c1")
    assert len(set(paragraph.fonts)) == 1


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("abc", "abc"),
        ("שלום", "םולש"),
        ("abc שלום def", "abc םולש def"),
        ("שלום abc 12", "abc 12 םולש"),
        ("שלום 123!", "!123 םולש"),
        ("שלום -5 2-3", "2-3 -5 םולש"),
        ("-$5 שלום", "םולש -$5"),
    ],
)
def test_right_to_left_text_is_seen_in_its_order(written: str, shown: str) -> None:
    assert seen(written) == shown


def test_overrides_of_direction_are_ignored() -> None:
    assert seen("abc\u202edef\u202c") == "abcdef"


def test_arabic_letters_are_joined() -> None:
    joined = [glyph.number for glyph in fit_text("ببب", BOX).glyphs]
    alone = [glyph.number for glyph in fit_text("ب", BOX).glyphs]
    assert sorted(joined) != sorted(alone * 3)


@pytest.mark.parametrize(
    "text", [r"It's 50% {off}: C:\x\nñ 你好", r"%{pts} {\b1}\N", "a\\b", "':,;[]=@|<>&#"]
)
def test_every_character_is_literal(text: str) -> None:
    setting = fit_text(text, BOX)
    assert "".join(setting.lines).replace(" ", "") == text.replace(" ", "")


def test_a_line_break_breaks_the_line_and_a_backslash_n_does_not() -> None:
    assert fit_text("a\nb", BOX).lines == ("a", "b")
    assert fit_text("a\r\nb", BOX).lines == ("a", "b")
    assert fit_text(r"a\nb", BOX).lines == (r"a\nb",)


def test_several_empty_lines_become_one() -> None:
    assert fit_text("\n\na\n\n\n\nb\n\n", BOX).lines == ("a", "", "b")


def test_a_short_text_is_large_and_a_long_one_fits() -> None:
    short, long = fit_text("Hi", BOX), fit_text("many words " * 45, BOX)
    assert short.size == BOX.largest
    assert long.size < short.size
    assert len(long.lines) * LINE_HEIGHT * long.size <= BOX.height


def test_lines_are_of_about_equal_length() -> None:
    lines = fit_text("one two three four five six seven eight nine ten eleven twelve", BOX).lines
    lengths = [len(line) for line in lines]
    assert min(lengths) >= max(lengths) * 0.5


def test_words_stay_whole() -> None:
    text = "A remarkable internationalization conference"
    assert " ".join(fit_text(text, BOX).lines) == text


def test_a_word_without_end_is_cut() -> None:
    setting = fit_text("w" * 300, BOX)
    assert len(setting.lines) > 1
    assert "".join(setting.lines) == "w" * 300
    assert setting.size > 40


@pytest.mark.parametrize(
    "text",
    ["こんにちは、世界。" * 8, "（你好！）" * 20, "「はい」、「いいえ」。" * 8],  # noqa: RUF001
)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str) -> None:
    for line in fit_text(text, BOX).lines:
        assert line[0] not in "、。！）」"  # noqa: RUF001
        assert line[-1] not in "（「"  # noqa: RUF001


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("今天天气非常好我们去公园散步吧", 7.2, ["今天天气非常", "好我们去", "公园散步吧"]),
        ("สวัสดีชาวโลกวันนี้อากาศดีมาก", 6, ["สวัสดีชาว", "โลกวันนี้", "อากาศดีมาก"]),
        ("合計1,240万円です", 4.3, ["合計", "1,240万", "円です"]),
        ("https://example.org/some/path?a=b", 8, ["https://", "example.org/", "some/path?a=b"]),
    ],
)
def test_lines_end_between_words_where_there_are_no_spaces(
    text: str, width: float, lines: list[str]
) -> None:
    (paragraph,) = paragraphs(text)
    assert broken(paragraph, width) == lines


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("She walked to the end of it", 8, ["She walked", "to the end of it"]),
        ("El secreto de la buena sopa", 9, ["El secreto", "de la buena sopa"]),
        ("Una de cal", 4, ["Una", "de cal"]),
    ],
)
def test_lines_do_not_end_with_words_that_lead_to_the_next_whatever_the_width(
    text: str, width: float, lines: list[str]
) -> None:
    (paragraph,) = paragraphs(text)
    own = max(line.width for line in balanced(paragraph, width))
    assert broken(paragraph, own) == broken(paragraph, width) == lines


def test_an_emoji_family_is_not_torn_apart() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert all(
        line.replace(" ", "").replace(family, "") == "" for line in fit_text(family * 30, BOX).lines
    )


_TEXTS = st.text(min_size=1, max_size=120)


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_any_text_can_be_set_and_loses_nothing_that_shows(text: str) -> None:
    setting = fit_text(text, BOX)
    assert 1 <= setting.size <= BOX.largest
    wanted = unicodedata.normalize("NFC", text)

    def shown(characters: str) -> list[str]:
        return [c for c in characters if unicodedata.category(c)[0] not in "CZ"]

    assert shown("".join(setting.lines)) == shown(wanted)


@settings(max_examples=25, deadline=None)
@given(text=_TEXTS, width=st.integers(8, 400), height=st.integers(8, 400), on_picture=st.booleans())
def test_any_text_can_be_painted_into_any_box(
    tmp_path_factory: pytest.TempPathFactory, text: str, width: int, height: int, on_picture: bool
) -> None:
    box = Box(width=width, height=height, largest=max(1, width // 5))
    path = tmp_path_factory.mktemp("painted") / "text.png"
    painted = paint(fit_text(text, box), Ink("#ffffff", on_picture), path)
    assert (painted is not None) == path.exists()


@pytest.mark.parametrize("on_picture", [False, True])
def test_a_painted_text_is_transparent_around_its_letters(tmp_path: Path, on_picture: bool) -> None:
    painted = paint(fit_text("Hi", BOX), Ink("#ffcc00", on_picture), tmp_path / "text.png")
    assert painted is not None
    with Image.open(painted.path) as picture:
        assert picture.mode == "RGBA"
        alphas = picture.getchannel("A").getextrema()
    assert alphas == (0, 255)
    assert painted.y > 0


def test_a_text_of_nothing_visible_paints_nothing(tmp_path: Path) -> None:
    assert paint(fit_text("\u2060\u200d", BOX), Ink("#ffffff", True), tmp_path / "text.png") is None


def test_luminance_follows_the_eye() -> None:
    assert luminance("#000000") == 0
    assert luminance("#ffffff") == pytest.approx(1)
    assert luminance("#00ff00") > luminance("#ff0000") > luminance("#0000ff")
