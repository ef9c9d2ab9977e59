"""Grouping words into captions, their text, and subtitle files."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest

from gala.render_types.params.captions import LineRules
from gala_renderer.captions.ass import ass
from gala_renderer.captions.overlay_track import CaptionTrack, Cue
from gala_renderer.captions.pipeline import from_subtitles
from gala_renderer.captions.reading.program import read
from gala_renderer.captions.segmentation import SegmentationRules, TimedCaption, captions, in_order
from gala_renderer.captions.stacking import Stacking, simultaneous, without_repeats
from gala_renderer.captions.subtitle_files import Subtitle, srt, vtt
from gala_renderer.captions.text_rules import capitals, shown_words, timed
from gala_renderer.captions.writing_systems import joined, width
from gala_renderer.speech.words import Word

ENGLISH = (
    "Hello there my friends. This is a somewhat longer sentence, and it goes on, Mr. Smith said,"
    " for 3.5 years until nobody listens anymore!"
)
TEXTS = {
    "en": ENGLISH,
    "ja": "今日は天気がいいですね。散歩に行きましょう。東京タワーへ行く予定です",
    "ar": "مرحبا بكم في عالم الفيديو القصير، نحن نصنع أشياء جميلة",
    "de": "Der Donaudampfschifffahrtsgesellschaftskapitän fährt heute",
    "th": "วันนี้อากาศดีมากเราไปเดินเล่นกัน",
}
HOSTILE = r"{\pos(0,0)}a\Nb\hc,d{\k9}e --> <b>&amp; {x}"


def lines_of(text: str, rules: SegmentationRules) -> list[tuple[str, ...]]:
    return [one.texts for one in captions(timed(text, 0, 12), rules)]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize(
    "rules",
    [
        SegmentationRules(),
        SegmentationRules(max_chars=12, max_lines=1),
        SegmentationRules(max_words=3),
    ],
)
def test_every_word_is_shown_once_in_order_and_no_line_is_too_long(
    language: str, rules: SegmentationRules
) -> None:
    words = timed(TEXTS[language], 0, 12, language)
    made = captions(words, rules)
    assert "".join(w.text for c in made for w in c.words) == "".join(w.text for w in words)
    for caption in made:
        assert len(caption.lines) <= rules.max_lines
        assert rules.max_words is None or len(caption.words) <= rules.max_words
        for line, text in zip(caption.lines, caption.texts, strict=True):
            assert width(text) <= rules.max_chars or len(line) == 1


def test_a_caption_ends_with_a_sentence_but_not_after_an_abbreviation() -> None:
    shown = lines_of(ENGLISH, SegmentationRules(max_chars=42))
    assert shown[0] == ("Hello there my friends.",)
    assert not any(text.endswith("Mr.") for text in shown[-1])


def test_lines_are_of_about_equal_length_and_no_word_is_left_alone() -> None:
    shown = lines_of(
        "one two three four five six seven eight nine", SegmentationRules(max_chars=20)
    )
    assert all(len(words.split()) > 1 for lines in shown for words in lines)
    for lines in shown:
        for one, other in pairwise(lines):
            assert abs(len(one) - len(other)) <= 8


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Hoy hablo, por fin, contigo.", ("Hoy hablo,", "por fin, contigo.")),
        ("Vino ayer con la madre de Luis.", ("Vino ayer", "con la madre de Luis.")),
        ("She walked to the end of it.", ("She walked", "to the end of it.")),
    ],
)
def test_lines_end_with_clauses_and_not_with_words_that_lead_to_the_next(
    text: str, lines: tuple[str, ...]
) -> None:
    assert lines_of(text, SegmentationRules(max_chars=22)) == [lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("A text and a picture go in.", ["A text and", "a picture go in."]),
        ("Nehmen Sie dann eine kleine Pause.", ["Nehmen Sie dann", "eine kleine Pause."]),
    ],
)
def test_a_line_rather_ends_with_a_conjunction_than_with_an_article(
    text: str, lines: list[str]
) -> None:
    words = [Word(one, at, at + 1) for at, one in enumerate(text.split())]
    (found,) = captions(words, SegmentationRules(max_chars=20))
    assert list(found.texts) == lines


def test_a_caption_does_not_end_with_an_article() -> None:
    rules = SegmentationRules(max_chars=18, max_lines=1)
    shown = lines_of("todos miraban la ventana oscura", rules)
    assert shown == [("todos miraban",), ("la ventana oscura",)]


def test_long_lines_of_the_shortest_words_are_even_and_grouped_in_no_time() -> None:
    rules = SegmentationRules(max_chars=200, max_lines=5)
    made = captions([Word("a", at * 0.1, at * 0.1 + 0.1) for at in range(5000)], rules)
    assert [len(one.words) for one in made] == [500] * 10
    assert {text for one in made for text in one.texts} == {" ".join("a" * 100)}


def test_a_pause_ends_a_caption() -> None:
    words = [Word("one", 0, 0.5), Word("two", 0.6, 1), Word("three", 2, 2.5)]
    assert [c.texts for c in captions(words, SegmentationRules(max_chars=42))] == [
        ("one two",),
        ("three",),
    ]


def test_words_of_scripts_without_spaces_are_joined_without() -> None:
    assert joined(["今日は", "天気が"]) == "今日は天気が"
    assert joined(["東京へ", "iPhone", "2台"]) == "東京へiPhone 2台"
    assert joined(["Hello", "世界"]) == "Hello世界"
    assert joined(["안녕", "세상"]) == "안녕 세상"
    assert joined(["مرحبا", "بكم"]) == "مرحبا بكم"
    assert joined(["Hi", "😀", "you"]) == "Hi 😀 you"


@pytest.mark.parametrize(
    "text",
    ["日本 の 天気", "你好 world, 再见", "สวัสดี ครับ", "안녕 하세요 .", "Hello, 世界 — « ok »"],
)
def test_the_spaces_of_a_subtitle_file_stay_in_every_script(text: str) -> None:
    (one,) = from_subtitles([Subtitle(1, 2, text)], LineRules(max_chars=42))
    assert one.texts == (text,)
    assert pysubs2.SSAFile.from_string(ass([one]))[0].plaintext == text
    rules = LineRules.parse({"keep_punctuation": False, "max_chars": 42})
    (bare,) = from_subtitles([Subtitle(1, 2, "你好。 世界。")], rules)
    assert bare.texts == ("你好世界",)


def test_word_by_word_captions_follow_the_words_exactly_and_do_not_drift() -> None:
    words = [Word(f"w{n}", n * 0.1, n * 0.1 + 0.05) for n in range(300)]
    made = captions(words, SegmentationRules(max_chars=1, max_lines=1, min_seconds=0.5))
    assert [c.start for c in made] == [w.start for w in words]
    assert all(c.end == following.start for c, following in pairwise(made))


def test_captions_neither_overlap_nor_flicker_and_stay_readable() -> None:
    words = [Word("a.", 0, 0.1), Word("b.", 0.3, 0.4), Word("c.", 1.3, 1.4), Word("d.", 5, 5.1)]
    made = captions(words, SegmentationRules(min_seconds=0.8))
    assert [(c.start, c.end) for c in made] == [(0, 0.3), (0.3, 1.3), (1.3, 2.1), (5, 5.8)]


def test_words_without_a_time_of_their_own_share_one() -> None:
    tangled = [Word("a", 1, 1), Word("b", 1, 1), Word("c", 0.5, 2), Word("d", 3, 2.5)]
    ordered = in_order(tangled)
    assert [w.text for w in ordered] == ["a", "b", "c", "d"]
    assert all(w.start < w.end for w in ordered[:3])
    assert all(one.end <= other.start for one, other in pairwise(ordered))
    assert ordered[3].start == 3


def test_text_is_replaced_across_words_and_keeps_its_time() -> None:
    rules = LineRules.parse(
        {
            "replace": [
                {"find": "new york", "replace": "the Big Apple"},
                {"find": "um", "replace": ""},
                {"find": "galla", "replace": "GALA"},
            ]
        }
    )
    words = [
        Word("Um", 0, 1), Word("galla-galla", 1, 2), Word("in", 2, 3), Word("New", 3, 4),
        Word("York,", 4, 5), Word("umbrella", 5, 6),
    ]  # fmt: skip
    shown = shown_words(words, rules)
    assert [w.text for w in shown] == ["GALA-GALA", "in", "the", "Big", "Apple,", "umbrella"]
    assert (shown[2].start, shown[4].end) == (3, 5)


def test_japanese_is_replaced_within_a_phrase() -> None:
    rules = LineRules.parse({"replace": [{"find": "天気", "replace": "空気"}]})
    shown = shown_words(timed("今日は天気がいい", 0, 3), rules)
    assert joined([w.text for w in shown]) == "今日は空気がいい"


def test_excluded_times_and_punctuation_are_left_out() -> None:
    rules = LineRules.parse(
        {"exclude": [{"start": 0, "end": "0:01"}], "keep_punctuation": False, "uppercase": True}
    )
    words = [Word("no", 0, 0.9), Word("¡hola,", 1, 2), Word("100%", 2, 3), Word("don't!", 3, 4)]
    assert [w.text for w in shown_words(words, rules)] == ["HOLA", "100%", "DON'T"]


def test_capitals_are_those_of_the_language() -> None:
    assert capitals("istanbul", "tr-TR") == "İSTANBUL"
    assert capitals("straße ijs", "de") == "STRASSE IJS"


def caption(text: str) -> TimedCaption:
    return TimedCaption(1.0, 2.5, ((Word(text, 1.0, 1.7), Word("end", 1.7, 2.5)),))


def test_what_is_written_reads_back_as_the_same_text() -> None:
    made = captions(timed(ENGLISH, 0.25, 11), SegmentationRules(max_chars=42))
    for write in (srt, vtt, ass):
        read = pysubs2.SSAFile.from_string(write(made))
        assert [e.plaintext for e in read] == ["\n".join(c.texts) for c in made]
        for event, one in zip(read, made, strict=True):
            assert abs(event.start / 1000 - one.start) <= 0.0051
            assert abs(event.end / 1000 - one.end) <= 0.0051


def test_no_text_becomes_syntax_in_ass() -> None:
    (event,) = pysubs2.SSAFile.from_string(ass([caption(HOSTILE)])).events
    assert event.text.count("{") == 2, "the two karaoke tags are ours"
    alike = str.maketrans(dict(zip("{}\\", "\uff5b\uff5d\uff3c", strict=True)))
    assert event.plaintext == HOSTILE.translate(alike) + " end"


def test_no_text_becomes_syntax_in_vtt() -> None:
    text = vtt([caption(HOSTILE + "\n\n00:00 --> 00:01\nx")])
    assert text.count("-->") == 1
    assert "&lt;b&gt;&amp;amp;" in text


def test_text_is_written_to_srt_as_it_is() -> None:
    made = [caption(text) for text in ("I <3 {sic} &amp; -->", HOSTILE, "1.2 --> 1.3")]
    shown = [line for line in srt(made).splitlines() if line.endswith(" end")]
    assert shown == ["I <3 {sic} &amp; --> end", f"{HOSTILE} end", "1.2 --> 1.3 end"]


@pytest.mark.parametrize(
    "text", ["00:00:01,000 --> 00:00:02,000", "7 00:00:00,0 --> 00:00:09,0 x", "at 1:2:3-->4:5:6"]
)
def test_a_timing_line_in_a_text_is_no_timing_line_in_srt(text: str) -> None:
    written = srt([caption(text), caption("x")])
    assert len(pysubs2.SSAFile.from_string(written)) == 2
    (first, _), _ = read(written.encode(), 10)
    assert "".join(first.text.split()) == "".join(f"{text} end".split())


def test_karaoke_times_add_up_to_the_captions_time() -> None:
    words = tuple(Word(str(n), 1 + n * 0.333, 1 + (n + 1) * 0.333) for n in range(7))
    (event,) = pysubs2.SSAFile.from_string(ass([TimedCaption(1, words[-1].end, (words,))])).events
    parts = [int(part.split("}")[0]) for part in event.text.split("\\k")[1:]]
    assert sum(parts) == round(7 * 33.3)


def test_subtitles_that_overlap_stay_as_they_are() -> None:
    found = [Subtitle(1, 4, "a"), Subtitle(2, 3, "b"), Subtitle(2, 3, "c")]
    for write in (srt, vtt, ass):
        events = pysubs2.SSAFile.from_string(write(from_subtitles(found, LineRules()))).events
        assert [(e.start, e.end, e.plaintext) for e in events] == [
            (1000, 4000, "a"),
            (2000, 3000, "b"),
            (2000, 3000, "c"),
        ]


def test_a_subtitle_keeps_its_lines_and_times_where_they_fit() -> None:
    rules = LineRules(max_chars=20, max_lines=2)
    (kept,) = from_subtitles([Subtitle(1, 3, "- Who is it?\n- Me.")], rules)
    assert (kept.start, kept.end, kept.texts) == (1, 3, ("- Who is it?", "- Me."))
    cut = from_subtitles([Subtitle(1, 3, "one two three four five six seven eight nine")], rules)
    assert len(cut) > 1
    assert (cut[0].start, cut[-1].end) == (1, 3)


def track(*cues: Cue) -> CaptionTrack:
    return CaptionTrack(Path("captions"), Fraction(30), "blank.png", 0, 0, (2, 2), cues)


def test_a_picture_appears_on_the_frame_nearest_to_its_time() -> None:
    frames = track(Cue(0.11, 0.52, "a.png"), Cue(0.52, 1.0, "b.png")).frames()
    assert frames == (("blank.png", 3), ("a.png", 13), ("b.png", 14), ("blank.png", 1))


def test_rounding_to_frames_does_not_drift() -> None:
    cues = [Cue(n * 0.21, (n + 1) * 0.21, f"{n}.png") for n in range(1000)]
    total = sum(count for _, count in track(*cues).frames())
    assert total == (210 * 30) + 1


def test_a_picture_shorter_than_a_frame_is_left_out() -> None:
    frames = track(Cue(1.0, 1.001, "a.png"), Cue(1.001, 2, "b.png")).frames()
    assert frames == (("blank.png", 30), ("b.png", 30), ("blank.png", 1))


def test_captions_of_the_same_time_are_shown_in_one_picture() -> None:
    cues = [Cue(1, 4, "a.png"), Cue(2, 3, "b.png"), Cue(3.99, 5, "c.png"), Cue(6, 7, "d.png")]
    shown = simultaneous(cues, Fraction(10), "+".join)
    assert [(cue.start, cue.end, cue.picture) for cue in shown] == [
        (1, 2, "a.png"),
        (2, 3, "a.png+b.png"),
        (3, 4, "a.png"),
        # Less than a frame is no overlap.
        (4, 5, "c.png"),
        (6, 7, "d.png"),
    ]


def test_each_caption_of_a_time_has_rows_of_its_own() -> None:
    stacking = Stacking(Fraction(30), top=10, bottom=190)

    def row(start: float, end: float, y: int) -> int | None:
        return stacking.place(start, end, y, 20, gap=5, up=True)

    assert [row(1, 4, 150), row(2, 3, 150), row(2, 3, 150)] == [150, 125, 100]
    assert row(3, 5, 150) == 125, "the other two are gone"
    assert row(5, 6, 150) == 150
    places = [row(10, 11, 180) for _ in range(9)]
    assert places == [180, 155, 130, 105, 80, 55, 30, None, None]


def test_a_text_that_is_already_shown_is_not_shown_twice() -> None:
    one, other = (captions(timed(text, 1, 3), SegmentationRules())[0] for text in ("a", "b"))
    later = replace(one, start=2, end=5)
    assert [(c.start, c.end, c.texts) for c in without_repeats([one, other, one, later])] == [
        (1, 3, ("a",)),
        (1, 3, ("b",)),
        (3, 5, ("a",)),
    ]


def test_a_track_is_listed_to_the_end_of_its_video_and_divided_at_key_frames(
    tmp_path: Path,
) -> None:
    cues = (Cue(1.0, 5.5, "a.png"), Cue(5.5, 6.0, "b.png"))
    shown = CaptionTrack(tmp_path, Fraction(10), "blank.png", 0, 0, (2, 2), cues)
    shown.write_whole(95, longest=20)
    listed = [line.split()[-1] for line in shown.path.read_text().splitlines()[1:]]
    entries = list(
        zip(listed[::3], [round(float(each) * 10) for each in listed[2::3]], strict=True)
    )
    assert entries == [
        ("blank.png", 10),
        *[("a.png", 10), ("a.png", 20), ("a.png", 15)],
        ("b.png", 5),
        *[("blank.png", 20), ("blank.png", 15)],
    ]


def test_what_is_after_the_end_of_a_video_is_not_listed(tmp_path: Path) -> None:
    shown = CaptionTrack(
        tmp_path, Fraction(10), "blank.png", 0, 0, (2, 2), (Cue(0.0, 3.0, "a.png"),)
    )
    shown.write_whole(12, longest=20)
    assert shown.path.read_text().count("file ") == 1
    assert "duration 1.2" in shown.path.read_text()
