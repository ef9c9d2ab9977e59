"""``gala types`` and ``gala voices``: what there is, in short."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gala.render_types import all_types
from tests.integration.cli.conftest import Gala
from tests.platform.stack import Stack


def test_each_render_type_has_one_line(gala: Gala) -> None:
    listed = gala("types")
    assert listed.code == 0
    heading, *lines = listed.out.splitlines()
    assert heading == "type"
    assert [line.split()[0] for line in lines] == sorted(all_types())
    assert max(map(len, lines)) < 130


def test_one_type_has_a_page_of_its_own(gala: Gala) -> None:
    page = gala("types", "trim").out
    assert page.startswith("## trim\n")
    assert page.count("\n## ") == 0
    assert page in gala("types", "--all").out + "\n"


def test_a_type_that_does_not_exist_is_answered_with_the_nearest(gala: Gala) -> None:
    refused = gala("types", "trimm")
    assert refused.code == 2
    assert "Did you mean 'trim'?" in refused.err


def test_the_voices_of_a_language_are_listed_and_missing_engines_say_why(gala: Gala) -> None:
    listed = gala("voices", "--language", "es")
    heading, *lines = listed.out.splitlines()
    assert heading.split() == ["voice", "engine", "language", "gender", "licence"]
    assert {line.split()[0] for line in lines} >= {"es", "es-419"}
    assert all(line.split()[2].split("-")[0] == "es" for line in lines)
    assert "SPEECH_OPENAI_URL" in listed.err
    espeak = gala("voices", "--engine", "espeak", "--json").json["voices"]
    assert {one["engine"] for one in espeak} == {"espeak"}
    refused = gala("voices", "--language", "Spanish")
    assert refused.code == 2
    assert "Did you mean 'es'?" in refused.err


def test_a_server_lists_its_voices(gala: Gala, shared_stack: Stack) -> None:
    there = gala("voices", "--language", "es-419", "--json", "--url", shared_stack.base_url)
    assert there.json == gala("voices", "--language", "es-419", "--json").json
    assert there.json["voices"][0]["name"] == "es-419"


def test_a_sample_is_saved_here_or_from_a_server(
    gala: Gala, shared_stack: Stack, tmp_path: Path
) -> None:
    here, there = tmp_path / "here.mp3", tmp_path / "there"
    assert gala("voices", "es+f3", "--save", str(here)).code == 0
    saved = gala("voices", "es+f3", "--save", str(there), "--url", shared_stack.base_url)
    assert saved.code == 0, saved.err
    assert (there / "es+f3.mp3").stat().st_size == pytest.approx(here.stat().st_size, rel=0.1)
    refused = gala("voices", "es+f33", "--save", str(here))
    assert refused.code == 2
    assert "Did you mean 'f3'?" in refused.err


def test_the_sample_is_played_by_the_first_program_that_can(
    gala: Gala, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = tmp_path / "played"
    for name, script in {"ffplay": "exit 1", "mpv": f'echo "$@" > {played}'}.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert gala("voices", "es", "--play").code == 0
    assert played.read_text().rstrip().endswith("es.mp3")
