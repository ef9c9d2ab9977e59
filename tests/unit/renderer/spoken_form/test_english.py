"""English: what is written is spoken as a person would."""

from __future__ import annotations

import pytest

from gala_renderer.speech.spoken_form.form import spoken_form

CASES = {
    "3 cats": "three cats",
    "1,234": "one thousand two hundred thirty-four",
    "1.234": "one point two three four",
    "1,234,567.89": (
        "one million two hundred thirty-four thousand five hundred sixty-seven point eight nine"
    ),
    "12.5": "twelve point five",
    "0.05": "zero point zero five",
    "007": "zero zero seven",
    "in 1984": "in nineteen eighty-four",
    "in 1905": "in nineteen oh-five",
    "in 2005": "in two thousand five",
    "in 2024": "in twenty twenty-four",
    "the 1990s": "the nineteen nineties",
    "the '80s": "the eighties",
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "the 21st time": "the twenty-first time",
    "12.05.2024": "May twelfth twenty twenty-four",
    "5/12/2024": "May twelfth twenty twenty-four",
    "2024-05-12": "May twelfth twenty twenty-four",
    "May 12, 2024": "May twelfth, twenty twenty-four",
    "12 May 2024": "the twelfth of May twenty twenty-four",
    "the 5th May": "the fifth of May",
    "on 10/12": "on October twelfth",
    "at 14:30": "at fourteen thirty",
    "at 9:00": "at nine o'clock",
    "at 3pm": "at three P-M",
    "3:05 p.m.": "three oh five P-M",
    "$5": "five dollars",
    "$1": "one dollar",
    "€5.50": "five euros and fifty cents",
    "$0.99": "ninety-nine cents",
    "$1.2M": "one point two million dollars",
    "$1.2 million": "one point two million dollars",
    "£3/month": "three pounds per month",
    "USD 20": "twenty dollars",
    "1-800-555-1234": "one, eight zero zero, five five five, one two three four",
    "a 4:3 picture": "a four three picture",
    "20%": "twenty percent",
    "10-15%": "ten to fifteen percent",
    "10 km/h": "ten kilometers per hour",
    "1 km": "one kilometer",
    "-5 °C": "minus five degrees Celsius",
    "6 ft": "six feet",
    "1.2M followers": "one point two million followers",
    "4K": "four K",
    "1920x1080": "nineteen twenty by one thousand eighty",
    "+1 (555) 123-4567": "plus one, five five five, one two three, four five six seven",
    "555-123-4567": "five five five, one two three, four five six seven",
    "https://example.com/a?b=c": "example dot com slash a question mark b equals c",
    "www.bbc.co.uk/news.": "bbc dot co dot U-K slash news.",
    "user@example.com": "user at example dot com",
    "the UN": "the U-N",
    "an API": "an A-P-I",
    "NASA": "NASA",
    "two PDFs": "two P-D-F's",
    "THIS IS AN API": "THIS IS AN API",
    "AT&T": "A-T and T",
    "Henry VIII": "Henry the eighth",
    "World War II": "World War two",
    "Charles I think": "Charles I think",
    "2–3": "two to three",  # noqa: RUF001
    "1990–1995": "nineteen ninety to nineteen ninety-five",  # noqa: RUF001
    "won 3-2": "won three two",
    "1/2": "one half",
    "2 1/2": "two and a half",
    "2/3": "two thirds",
    "10/12": "ten out of twelve",
    "24/7": "twenty-four seven",
    "😀": "grinning face",
    "👍🏽": "thumbs up",
    "🇪🇸": "flag of Spain",
    "#MeToo": "hashtag Me Too",
    "@john_doe": "at john doe",
    "C++": "C plus plus",
    "C#": "C sharp",
    "v2.0": "version two point zero",
    "№ 5": "number five",
    "salt & pepper": "salt and pepper",
    "2+2=4": "two plus two equals four",
    "Dr. Who": "Doctor Who",
    "192.168.0.1": "one hundred ninety-two point one hundred sixty-eight point zero point one",
}


@pytest.mark.parametrize("written", CASES)
def test_it_is_spoken_as_a_person_would(written: str) -> None:
    assert " ".join(spoken_form(written, "en").spoken.split()) == CASES[written]


def test_the_day_comes_first_in_britain() -> None:
    assert spoken_form("on 5/12/2024", "en-GB").spoken == (
        "on the fifth of December twenty twenty-four"
    )
