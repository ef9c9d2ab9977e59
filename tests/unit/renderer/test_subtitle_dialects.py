"""Subtitle files as people have them: every dialect is read, and nothing but text is text."""

# ruff: noqa: RUF001 - punctuation of other scripts

from __future__ import annotations

import pytest

from gala_renderer.captions.reading.cues import SubtitleError
from gala_renderer.captions.reading.program import read

SRT = "1\n00:00:01,500 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nWorld\n"
VTT = """\
WEBVTT - title
Kind: captions

STYLE
::cue { color: red }

NOTE nothing

12
00:01.500 --> 00:02.000 line:0 align:start
<v Bob><c.a>Hel</c>lo</v>

NOTE
not
shown

second part
00:00:03.000 --> 00:00:04.000
World
"""
ASS = r"""[Script Info]

[V4+ Styles]
Format: Name, Fontname

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.50,0:00:02.00,Default,,0,0,0,,{\an8\k20}Hel{note}lo
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,World
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0
"""
SAMI = """\
<SAMI><BODY><SYNC Start=1500><P>Hello<SYNC Start=2000><P>&nbsp;
<SYNC Start=3000><P>World<SYNC Start=4000><P>&nbsp;</BODY></SAMI>
"""
TTML = """\
<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1.5s" end="00:00:02.000">Hello</p>
<p begin="00:00:03.000" end="4s">World</p></div></body></tt>
"""
EXPECTED = [(1.5, 2.0, "Hello"), (3.0, 4.0, "World")]


def found(data: str | bytes, fps: float | None = None) -> list[tuple[float, float, str]]:
    captions, _ = read(data.encode() if isinstance(data, str) else data, 1000, fps)
    return [(round(one.start, 3), round(one.end, 3), one.text) for one in captions]


def timed(one: str, two: str, three: str, four: str, arrow: str = " --> ") -> str:
    return f"1\n{one}{arrow}{two}\nHello\n\n2\n{three}{arrow}{four}\nWorld\n"


@pytest.mark.parametrize(
    "text",
    [
        timed("00:00:01.500", "00:00:02.000", "00:00:03.000", "00:00:04.000"),
        timed("00:00:01,500", "00:00:02", "00:00:03", "00:00:04"),
        timed("00:00:01:500", "00:00:02:000", "00:00:03:000", "00:00:04:000"),
        timed("0:00:01,5", "0:0:2,0", "0:00:3,00", "0:00:04,000000"),
        timed("00:01.500", "00:02.000", "00:03.000", "00:04.000"),
        timed("00:01:500", "00:02:000", "00:03:000", "00:04:000"),
        timed("00:00:01 500", "00:00:02 000", "00:00:03 000", "00:00:04 000"),
        timed("00:00:01500", "00:00:02000", "00:00:03000", "00:00:04000"),
        timed("000001500", "000002000", "000003", "000004"),
        timed("00: 00: 01, 500", "00: 00: 02, 000", "00: 00: 03, 000", "00: 00: 04, 000", " -> "),
        timed("00：00：01，500", "00：00：02，000", "00：00：03", "00：00：04", " → "),
        timed("\u202a00:00:01,500", "00:00:02,000\u202c", "00:00:03", "00:00:04", "-->"),
        timed("00:00:01,500", "00:00:02,000 X1:10 Y1:9", "00:00:03", "00:00:04", " --&gt; "),
        timed("00:00:01,500", "00:00:02,000", "00:00:03,000", "00:00:04,000", "\t"),
        timed("1.5", "2.0", "3.0", "4.0"),
    ],
)
def test_times_are_read_in_every_form(text: str) -> None:
    assert found(text) == EXPECTED


@pytest.mark.parametrize("place", [0, 1])
def test_times_without_milliseconds_are_times_in_any_caption(place: int) -> None:
    cues = [(280.0, 281.0, "Hello"), (290.0, 291.0, "World")]
    times = ["00:04:40,000 --> 00:04:41,000", "00:04:50,000 --> 00:04:51,000"]
    times[place] = times[place].replace(",000", "")
    assert found(f"1\n{times[0]}\nHello\n\n2\n{times[1]}\nWorld\n") == cues


@pytest.mark.parametrize(
    ("fps", "known"), [(25.0, None), (24.0, 24.0), (30000 / 1001, 30000 / 1001)]
)
def test_frame_numbers_are_those_of_the_video(fps: float, known: float | None) -> None:
    text = timed("00:00:01:12", "00:00:02:00", "00:00:03;06", "00:00:04;00")
    assert [start for start, _, _ in found(text, known)] == [
        round(1 + 12 / fps, 3),
        round(3 + 6 / fps, 3),
    ]
    assert found("{36}{48}Hello\n", known) == [(round(36 / fps, 3), round(48 / fps, 3), "Hello")]


@pytest.mark.parametrize(
    "data",
    [
        SRT.replace("\n", "\r\n").encode(),
        SRT.replace("\n", "\r").encode(),
        SRT.replace("\n", "\r\r\n").encode(),
        SRT.replace("\n", "\n\n").encode(),
        SRT.replace("\n", "\r\n", 3).replace("Hello\n", "Hello\r").encode(),
        SRT.replace("\n", "\u2028").encode(),
        SRT.replace("Hello", "He\0llo").encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + SRT.encode(),
        SRT.encode("utf-16"),
        SRT.encode("utf-16-le"),
        SRT.encode("utf-16-be"),
        SRT.encode("utf-32"),
        b"\n \n\n" + SRT.encode().rstrip(),
    ],
)
def test_line_ends_marks_and_wide_encodings_do_not_matter(data: bytes) -> None:
    assert found(data) == EXPECTED


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("¡Hola, señor! ¿Qué tal?", "cp1252"),
        ("C’est l’été, garçon", "cp1252"),
        ("Größe und Übung", "cp1252"),
        ("Nie wiem, co się stało. Musimy już iść.", "cp1250"),
        ("Příliš žluťoučký kůň", "cp1250"),
        ("Nereye gidiyorsun, çocuğum? Şimdi güneş", "cp1254"),
        ("Куда ты идёшь?", "cp1251"),
        ("Привет, как дела", "koi8_r"),
        ("Καλημέρα κόσμε", "cp1253"),
        ("שלום עולם", "cp1255"),
        ("مرحبا بالعالم", "cp1256"),
        ("สวัสดีครับ", "cp874"),
        ("东西在哪里？谢谢", "gb18030"),
        ("今天天氣很好", "big5"),
        ("안녕하세요", "cp949"),
        ("東京へ行く", "cp932"),
        ("ありがとう", "euc_jp"),
    ],
)
def test_old_encodings_are_known_by_their_letters(text: str, encoding: str) -> None:
    data = SRT.replace("Hello", text).encode(encoding)
    assert [shown for _, _, shown in found(data)] == [text, "World"]


def test_a_few_wrong_bytes_do_not_spoil_utf_8() -> None:
    data = SRT.replace("Hello", "Größe für Übung").encode() + b"\xff"
    assert found(data)[0][2] == "Größe für Übung"


@pytest.mark.parametrize(
    "text",
    [
        SRT.replace("\n\n", "\n"),
        SRT.replace("1\n", "", 1).replace("2\n00", "00"),
        SRT.replace("1\n", "", 1).replace("\n2\n00", "00"),
        SRT.replace("1\n", "7.\n", 1).replace("2\n00", "7\n00"),
        SRT.replace("1\n", "1 ", 1).replace("2\n00", "2 00"),
        SRT.replace("\n\n", "\n \t\n\n\n"),
        f"{SRT}\n3\n",
        VTT,
        VTT.replace("\n", "\r"),
        VTT.partition("\n\n")[2],
        f"WEBVTT\n{SRT}",
        f"webvtt\n\n{SRT}",
        VTT.replace("World\n", "World\n\nwithout a time\n"),
        ASS,
        ASS.replace("V4+", "V4").replace("Layer", "Marked").replace(": 0,", ": Marked=0,"),
        ASS[ASS.index("Dialogue") :],
        "0:00:01.500,0:00:02.000\nHello\n\n0:00:03.000,0:00:04.000\nWorld\n",
        "[00:01.500 --> 00:02.000]  Hello\n[00:03.000 --> 00:04.000]  World\n",
        "[1.50s -> 2.00s] Hello\n[3.00s -> 4.00s] World\n",
        "[ti:Song]\n[offset:+500]\n[00:02.00]<00:02.1>Hello\n[00:02.50]\n[00:03.5]World\n[00:04.50]\n",
        "{1}{1}10.0\n{15}{20}{y:i}Hello\n{30}{40}/World\n",
        "[15][20]Hello\n[30][40]/World\n",
        SAMI,
        TTML,
    ],
)
def test_every_dialect_and_format_has_the_same_captions(text: str) -> None:
    assert found(text) == EXPECTED


@pytest.mark.parametrize(
    ("numbers", "indexed", "blank"),
    [
        (numbers, indexed, blank)
        for numbers in (("42", "1984", "7"), ("3", "2", "1"), ("2", "3", "4"))
        for indexed in (True, False)
        for blank in ("\n", "")
        # Nothing tells such texts from the numbers of captions.
        if (numbers, indexed, blank) != (("2", "3", "4"), False, "")
    ],
)
def test_a_text_that_is_a_number_is_text(
    numbers: tuple[str, str, str], indexed: bool, blank: str
) -> None:
    text = ""
    for index, number in enumerate(numbers, 1):
        text += f"{index}\n" if indexed else ""
        text += f"00:00:0{index},000 --> 00:00:0{index},500\n{number}\n{blank}"
    assert [shown for _, _, shown in found(text)] == list(numbers)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("I <3 you --> and 3 --> 4", "I <3 you --> and 3 --> 4"),
        ("1.2 --> 1.3\n10:30 --> 11:00", "1.2 --> 1.3\n10:30 --> 11:00"),
        ("one\n\ngo --> there", "one\ngo --> there"),
        ("12.05.2024 - 13.05.2024\n10:30 - 11:00", "12.05.2024 - 13.05.2024\n10:30 - 11:00"),
        ("1,000,000 -> 2,000,000\n555-123-4567", "1,000,000 -> 2,000,000\n555-123-4567"),
        ("Tom &amp; Jerry, AT&T, a&b; &lt;b&gt;", "Tom & Jerry, AT&T, a&b; <b>"),
        ("{\\an8}<i>Fish</i> <FONT color='x'>and</font> <Name> x<y>z", "Fish and <Name> x<y>z"),
        ("one<br/>two\\Nthree", "one\ntwo\nthree"),
        ("C:\\New {sic} {unclosed", "C:\\New {sic} {unclosed"),
    ],
)
def test_tags_are_dropped_and_all_else_is_text(written: str, shown: str) -> None:
    assert [text for _, _, text in found(SRT.replace("Hello", written))] == [shown, "World"]


@pytest.mark.parametrize(
    "times",
    [
        "00:00:0x,000 --> 00:00:02,000",
        "00:00:01,000 --> 00:00:o2,000",
        "00:00:01,000 -->",
        "--> 00:00:02,000",
        "00:00:01.000.5 --> 00:00:02.000",
        "00:00:01,000 -- 00:00:02,000",
        "00:01.000 -x> 00:02.000",
        "00:00:02,000 --> 00:00:02,000",
        "00:00:02,000 --> 00:00:01,000",
        "99:00:02,000 --> 99:00:03,000",
    ],
)
def test_a_broken_caption_is_left_out_with_its_line_and_the_others_stay(times: str) -> None:
    broken = f"3\n{times}\nlost\nlost, too\n"
    for data, line in ((f"{broken}\n{SRT}", 2), (f"{SRT}\n{broken}", 10)):
        captions, warnings = read(data.encode(), 1000)
        assert [one.text for one in captions] == ["Hello", "World"]
        (warning,) = warnings
        assert warning.startswith(f"line {line}: ")
    with pytest.raises(SubtitleError, match="line 2: "):
        read(broken.encode(), 1000)


def test_a_caption_that_stays_to_the_end_of_all_time_is_shown() -> None:
    text = "WEBVTT\n\n00:01.500 --> 99:59:59.999\nHello\n\n99:00:00.000 --> 99:59:59.999\nLate\n"
    assert found(text) == [(1.5, 12 * 3600, "Hello")]


def test_a_broken_line_of_ass_is_left_out_too() -> None:
    captions, warnings = read(ASS.replace("0:00:01.50", "x").encode(), 1000)
    assert [one.text for one in captions] == ["World"]
    assert warnings == ["line 8: the times cannot be read; the caption is left out"]


def test_captions_stay_in_their_order_and_may_overlap() -> None:
    text = timed("00:00:05,000", "00:00:09,000", "00:00:01,000", "00:00:06,000")
    assert found(text) == [(5.0, 9.0, "Hello"), (1.0, 6.0, "World")]


def test_many_broken_captions_are_reported_briefly() -> None:
    broken = "".join(f"{n}\n00:00:xx,000 --> 00:00:01,000\nlost\n\n" for n in range(50))
    captions, warnings = read((SRT + broken).encode(), 1000)
    assert len(captions) == 2
    assert len(warnings) == 6
    assert "45 more" in warnings[-1]


@pytest.mark.parametrize("data", [b"", b"prose with an arrow --> here\nand 3 --> 4\n", b"\0" * 99])
def test_what_is_no_subtitle_file_is_refused(data: bytes) -> None:
    with pytest.raises(SubtitleError, match="it is not SRT"):
        read(data, 1000)


@pytest.mark.parametrize(
    "line", ["1:" * 200, "- " * 200, "0 " * 200, "0:0 " + "- " * 190, "a" * 395]
)
def test_a_hostile_line_takes_no_time(line: str) -> None:
    found(SRT + f"{line}\n{line}-->\n-->{line}\n" * 100)
