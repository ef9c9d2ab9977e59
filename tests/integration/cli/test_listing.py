"""``gala types`` and ``gala voices``: what there is, in short."""

from __future__ import annotations

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
    assert heading.split() == ["voice", "engine", "language", "gender"]
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
