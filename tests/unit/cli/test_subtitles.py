"""Conversion of captions to the formats that players read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.cli.rendering.options import CommonOptions
from gala.cli.rendering.session import open_session
from gala.cli.rendering.subtitles import check_ending, convert_captions
from gala.errors import InvalidRequest

HERE = CommonOptions(server=None, force=False, as_json=False)


def test_where_nothing_was_heard_there_are_no_captions_but_a_warning() -> None:
    with open_session(HERE) as session:
        assert convert_captions(session, "WEBVTT\n\n", ".srt") == ""
        assert session.warnings == ["no speech was detected, so there are no captions"]


def test_a_file_of_captions_is_known_by_its_ending() -> None:
    check_ending(Path("a.SRT"), "--captions")
    with pytest.raises(InvalidRequest, match="--captions"):
        check_ending(Path("a.doc"), "--captions")
