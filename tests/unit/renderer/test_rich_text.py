"""Texts with parts of different looks, fitted into a width and a height."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from gala.timeline.document.elements import TextElement
from gala.timeline.reader import read_timeline
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.text_layout.rich_text import (
    Division,
    FittedText,
    Overflow,
    Room,
    TextRun,
    fit_runs,
)
from gala_renderer.text_layout.styled_layout import Edge, SpanLook, TextStyle
from gala_renderer.timeline.measured import laid_out

FONTS = FontRegistry(system_emoji=False)
REGULAR = SpanLook(FONTS.chain(None, bold=False, italic=False))
LARGE = SpanLook(FONTS.chain(None, bold=True, italic=False), 2.0)
STYLE = TextStyle(size=20, bold=False)
LONG = "A rather long sentence that does not fit, whatever one does with it"


def fitted(*runs: TextRun, room: Room, overflow: Overflow = Overflow.WRAP) -> FittedText:
    return fit_runs(runs, STYLE, room, overflow)


def texts(found: FittedText) -> list[str]:
    return ["".join(span.text for span in line) for line in found.lines]


def test_runs_have_their_colours_and_sizes_in_one_line() -> None:
    found = fitted(TextRun("One ", REGULAR), TextRun("5 €", LARGE, "#ffd60a"), room=Room(400))
    assert texts(found) == ["One 5 €"]
    # A line is as high as its largest letters.
    assert found.block.height == 50
    picture = np.asarray(found.block.picture(found.lines)).astype(int)
    seen = picture[..., 3] > 200
    yellow = seen & (picture[..., 2] < 100)
    white = seen & (picture[..., 2] > 200)
    heights = [np.flatnonzero(one.any(axis=1)) for one in (white, yellow)]
    assert heights[1][-1] - heights[1][0] > 1.5 * (heights[0][-1] - heights[0][0])
    assert np.flatnonzero(white.any(axis=0)).max() < np.flatnonzero(yellow.any(axis=0)).min()


def test_runs_of_a_text_from_right_to_left_stand_in_their_order() -> None:
    found = fitted(
        TextRun("مرحبا ", REGULAR, "#ff0000"), TextRun("GALA", REGULAR, "#00ff00"), room=Room(400)
    )
    picture = np.asarray(found.block.picture(found.lines)).astype(int)
    seen = picture[..., 3] > 100
    red, green = (seen & (picture[..., at] > 200) for at in (0, 1))
    assert np.flatnonzero(green.any(axis=0)).max() < np.flatnonzero(red.any(axis=0)).min()


@pytest.mark.parametrize("division", Division)
def test_blank_lines_stay_between_paragraphs(division: Division) -> None:
    found = fit_runs([TextRun("One\n\ntwo", REGULAR)], STYLE, Room(400), Overflow.WRAP, division)
    assert texts(found) == ["One", "", "two"]
    close = fit_runs([TextRun("One\ntwo", REGULAR)], STYLE, Room(400), Overflow.WRAP, division)
    assert found.block.height > close.block.height


def test_a_text_in_the_narrowest_room_has_a_letter_in_each_line() -> None:
    assert texts(fitted(TextRun("A bc", REGULAR), room=Room(1)))[-2:] == ["b", "c"]


def rows(run: TextRun) -> np.ndarray:
    """Return in which rows at least half of the width of a run is drawn."""
    found = fitted(run, room=Room(400))
    seen = np.asarray(found.block.picture(found.lines))[..., 3] > 200
    margin = found.block.margin
    return np.flatnonzero(seen[:, margin : margin + found.block.width].mean(axis=1) > 0.85)


def test_an_old_price_has_a_line_through_it_and_a_word_one_under_it() -> None:
    word = TextRun("iiii iiii", REGULAR)
    assert rows(word).size == 0
    through = rows(replace(word, strikethrough=True))
    under = rows(replace(word, underline=True))
    assert through.size == under.size == 1
    assert through[0] < under[0] - 5


def test_runs_are_underlined_as_their_text_unless_they_say_otherwise() -> None:
    runs = [{"text": "One "}, {"text": "two", "underline": False, "strikethrough": True}]
    text = {"type": "text", "text": runs, "underline": True}
    read = read_timeline({"tracks": [{"clips": [text]}]})
    element = cast(TextElement, read.tracks[0].clips[0])
    found = laid_out(element, (400, None), 100, FONTS)
    ruled = [(span.text, span.underline, span.strikethrough) for span in found.lines[0]]
    assert ruled == [("One ", True, False), ("two", False, True)]


def test_a_run_has_an_outline_and_a_shadow_of_its_own() -> None:
    red = Edge("#ff0000", 0.2, "#000000", 0.0)
    shaded = Edge("#000000", 0.0, "#0000ff", 1.0)
    style = replace(STYLE, shadow_blur=0.5, shadow_offset=1.0)
    runs = [
        TextRun("HH ", REGULAR, edge=red),
        TextRun("HH ", REGULAR),
        TextRun("HH", REGULAR, edge=shaded),
    ]
    found = fit_runs(runs, style, Room(400), Overflow.WRAP)
    picture = np.asarray(found.block.picture(found.lines)).astype(int)
    solid = picture[..., 3] > 100
    outline = solid & (picture[..., 0] > 200) & (picture[..., 1] < 100)
    shadow = solid & (picture[..., 2] > 200) & (picture[..., 1] < 100)
    columns = [np.flatnonzero(one.any(axis=0)) for one in (outline, shadow)]
    third = found.block.width / 3
    assert columns[0].min() < found.block.margin
    assert columns[0].max() < found.block.margin + third + 4
    assert columns[1].min() > found.block.margin + 2 * third - 4
    rows = np.flatnonzero(outline.any(axis=1))
    plain = fit_runs([TextRun("HH", REGULAR)], style, Room(400), Overflow.WRAP)
    letters = np.asarray(plain.block.picture(plain.lines))[..., 3] > 100
    high = np.flatnonzero(letters.any(axis=1))
    # Four pixels of outline, above and below.
    assert abs((rows[-1] - rows[0]) - (high[-1] - high[0] + 8)) <= 1


def test_there_is_room_for_the_widest_outline_of_a_run() -> None:
    usual = fitted(TextRun("H", REGULAR), room=Room(400)).block.margin
    wide = fitted(TextRun("H", REGULAR, edge=Edge("#ff0000", 2, "#000000", 0)), room=Room(400))
    assert wide.block.margin >= 40 > usual
    edge = np.asarray(wide.block.picture(wide.lines))[..., 3]
    assert not edge[0].any()
    assert edge[wide.block.margin - 20].any()


def test_an_outline_of_a_run_shrinks_with_its_text() -> None:
    run = TextRun(LONG, REGULAR, edge=Edge("#ff0000", 0.2, "#000000", 0.0))
    small = fitted(run, room=Room(100, 30), overflow=Overflow.SHRINK)
    red = np.asarray(small.block.picture(small.lines)).astype(int)
    ink = red[..., 3] > 100
    assert small.block.size < 10
    rows = np.flatnonzero(ink.any(axis=1))
    assert rows[-1] - rows[0] < small.block.height + 0.5 * small.block.size


def test_runs_take_what_they_do_not_set_from_their_text() -> None:
    runs = [{"text": "a"}, {"text": "b", "stroke_width": "1%"}, {"text": "c", "shadow_opacity": 0}]
    text = {"type": "text", "text": runs, "font_size": "10%", "stroke_color": "#ff0000",
            "stroke_width": "2%", "shadow_opacity": 0.5}  # fmt: skip
    element = cast(TextElement, read_timeline({"tracks": [{"clips": [text]}]}).tracks[0].clips[0])
    first, *others = (span.edge for span in laid_out(element, (400, None), 100, FONTS).lines[0])
    assert first is None
    assert [
        (one.stroke_colour, round(one.stroke_width, 6), one.shadow_opacity)
        for one in others
        if one is not None
    ] == [("#ff0000", 0.1, 0.5), ("#ff0000", 0.2, 0.0)]


def test_lines_break_between_words_also_where_a_run_ends() -> None:
    found = fitted(TextRun("one two", REGULAR), TextRun("three four", LARGE), room=Room(150))
    assert texts(found) == ["one", "twothree", "four"]


def test_a_text_with_an_emoji_that_no_font_has_fits_into_its_own_width() -> None:
    with_emoji = TextRun("Bread in thirty seconds \U0001f35e", REGULAR)
    once = fitted(with_emoji, room=Room(160))
    assert once.block.missing == ("\U0001f35e",)
    again = fitted(with_emoji, room=Room(once.block.width))
    assert texts(again) == texts(once) == ["Bread in thirty", "seconds"]


def test_a_text_shrinks_until_it_fits_into_height_and_lines() -> None:
    room = Room(200, 40, max_lines=2)
    found = fitted(TextRun(LONG, REGULAR), room=room, overflow=Overflow.SHRINK)
    assert len(found.lines) <= 2
    assert found.block.height <= 40
    assert found.block.width <= 200
    assert not found.is_cut
    # It is as large as it can be: a tenth more would not fit.
    larger = Room(room.width / 1.1, room.height / 1.1, 2)
    assert fitted(TextRun(LONG, REGULAR), room=larger, overflow=Overflow.SHRINK).block.size < (
        found.block.size
    )


@pytest.mark.parametrize(
    ("room", "overflow"),
    [(Room(150, 55), Overflow.CLIP), (Room(150, max_lines=2), Overflow.WRAP)],
)
def test_what_does_not_fit_is_cut_off_with_an_ellipsis(room: Room, overflow: Overflow) -> None:
    found = fitted(TextRun(LONG, REGULAR), room=room, overflow=overflow)
    assert found.is_cut
    assert len(found.lines) == 2
    assert texts(found)[-1].endswith("…")
    assert found.block.size == 20
    assert 100 < found.block.width <= 150


def test_a_text_that_fits_stays_as_it_is() -> None:
    for overflow in Overflow:
        found = fitted(TextRun("Hello", REGULAR), room=Room(200, 100, 3), overflow=overflow)
        assert (texts(found), found.block.size, found.is_cut) == (["Hello"], 20, False)


def test_a_very_long_word_is_broken_before_it_is_too_small_to_be_read() -> None:
    word = TextRun("a" * 80, REGULAR)
    tiny = fitted(word, room=Room(160, 120), overflow=Overflow.SHRINK)
    found = fitted(word, room=Room(160, 120, readable=10), overflow=Overflow.SHRINK)
    assert tiny.block.size < 6
    assert found.block.size == 10
    assert len(found.lines) > 1
    assert "".join(texts(found)) == "a" * 80


def test_a_word_that_can_be_read_in_one_line_is_not_broken() -> None:
    word = TextRun("a" * 20, REGULAR)
    found = fitted(word, room=Room(160, 120, readable=10), overflow=Overflow.SHRINK)
    assert len(found.lines) == 1


@pytest.mark.parametrize(
    ("text", "division", "expected"),
    [
        ("One two", Division.RUN, ["One two"]),
        ("¡Hola, señora!", Division.WORD, ["¡Hola, ", "señora!"]),
        ("Añil", Division.LETTER, ["A", "ñ", "i", "l"]),
        ("cafe\u0301", Division.LETTER, ["c", "a", "f", "é"]),
        ("مرحبا بالعالم", Division.LETTER, ["مرحبا ", "بالعالم"]),
        ("朝の光が静か", Division.WORD, ["朝の", "光が", "静か"]),
    ],
)
def test_lines_are_divided_into_words_and_letters_of_any_script(
    text: str, division: Division, expected: list[str]
) -> None:
    runs = [TextRun(text, REGULAR)]
    found = fit_runs(runs, STYLE, Room(1000), Overflow.WRAP, division)
    assert [[span.text for span in line] for line in found.lines] == [expected]
    whole = fit_runs(runs, STYLE, Room(1000), Overflow.WRAP)
    pictures = [np.asarray(one.block.picture(one.lines)) for one in (found, whole)]
    assert np.array_equal(*pictures)


def test_a_part_of_a_block_is_drawn_where_the_block_has_it() -> None:
    found = fit_runs([TextRun("One two", REGULAR)], STYLE, Room(400), Overflow.WRAP, Division.WORD)
    whole = np.asarray(found.block.picture(found.lines)).copy()
    for span in range(2):
        part, (left, top) = found.block.part((0, span))
        drawn = np.asarray(part.picture(found.lines))
        height, width = drawn.shape[:2]
        region = whole[top : top + height, left : left + width]
        inked = drawn[..., 3] > 0
        assert inked.any()
        assert np.array_equal(region[inked], drawn[inked])
        region[inked] = 0
    assert not whole[..., 3].any()


def ink(text: object, **look: object) -> float:
    """Return how much of a drawn text is covered."""
    clip = {"type": "text", "text": text, "font_size": "20%", **look}
    [track] = read_timeline({"tracks": [{"clips": [clip]}]}).tracks
    found = laid_out(cast(TextElement, track.clips[0]), (400, None), 200, FONTS)
    return float(np.asarray(found.block.picture(found.lines))[..., 3].sum())


@pytest.mark.parametrize("font", [None, "Montserrat"])
def test_a_greater_weight_has_thicker_strokes(font: str | None) -> None:
    found = [ink("Hamburg", font=font, weight=weight) for weight in (200, 300, 400, 700, 900)]
    assert found == sorted(set(found))
    assert found[-1] > 1.5 * found[0]
    assert found[2] == ink("Hamburg", font=font)
    assert found[3] == ink("Hamburg", font=font, bold=True)


def test_runs_have_weights_of_their_own_or_that_of_the_text() -> None:
    light = ink("Hamburg", weight=300)
    assert ink([{"text": "Hamburg"}], weight=300) == light
    assert ink([{"text": "Hamburg", "weight": 300}], bold=True) == light
    assert ink([{"text": "Hamburg", "bold": True}], weight=300) == ink("Hamburg", bold=True)
