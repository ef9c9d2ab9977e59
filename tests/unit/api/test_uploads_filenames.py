from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gala_api.http.filenames import MAX_LENGTH, Disposition, clean_filename, content_disposition


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("clip.mp4", "clip.mp4"),
        ("  my clip .mp4 ", "my clip .mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\clip.mp4", "clip.mp4"),
        ("/", "file"),
        ("", "file"),
        ("..", "file"),
        (".hidden", "hidden"),
        ("a\r\nSet-Cookie: x=1.mp4", "aSet-Cookie: x=1.mp4"),
        ("nul\0byte.png", "nulbyte.png"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("lone\ud800surrogate.png", "lonesurrogate.png"),
        ("видео.mp4", "видео.mp4"),
        ("動画👩‍👩‍👧.mp4", "動画👩‍👩‍👧.mp4"),
        ("cafe\u0301.mp4", "caf\u00e9.mp4"),
    ],
)
def test_a_name_keeps_what_can_be_shown(given_name: str, kept: str) -> None:
    assert clean_filename(given_name) == kept


def test_a_long_name_keeps_its_suffix() -> None:
    name = clean_filename("x" * 500 + ".mp4")
    assert len(name) == MAX_LENGTH
    assert name.endswith("x.mp4")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clip.mp4", 'inline; filename="clip.mp4"'),
        ('a"b\\c.mp4', 'inline; filename="c.mp4"'),
        ('say "hi".mp4', "inline; filename=\"say _hi_.mp4\"; filename*=UTF-8''say%20%22hi%22.mp4"),
        ("100%41.mp4", "inline; filename=\"100_41.mp4\"; filename*=UTF-8''100%2541.mp4"),
        ("ñ.mp4", "inline; filename=\"_.mp4\"; filename*=UTF-8''%C3%B1.mp4"),
    ],
)
def test_a_header_names_the_file_for_old_clients_and_new(name: str, value: str) -> None:
    assert content_disposition(Disposition.INLINE, name) == value


@given(st.text(max_size=300))
def test_any_name_makes_one_header_line_that_reads_back(name: str) -> None:
    value = content_disposition(Disposition.ATTACHMENT, name)
    assert value.isascii()
    assert value.isprintable()
    plain, _, extended = value.partition("; filename*=UTF-8''")
    name_in_quotes = re.fullmatch(r'attachment; filename="([^"]*)"', plain)
    assert name_in_quotes is not None
    assert (unquote(extended) or name_in_quotes[1]) == clean_filename(name)
