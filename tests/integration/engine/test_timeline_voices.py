"""Who speaks with which voice in a composition."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.engine import EngineHarness, Made
from tests.support.films import SIZE, made, sound_of


def presenter(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "presenter", "text": text, "height": "50%", **fields}


def voices(film: Made) -> list[str | None]:
    """Return the voices that speak in it, each once."""
    return [one.voice for one in film.outputs["video"].speech]


def spoken(engine: EngineHarness, *scenes: dict[str, Any]) -> list[str | None]:
    return voices(made(engine, {"voice": {"engine": "espeak"}, "scenes": list(scenes)}))


def test_presenters_of_one_gender_have_different_voices_in_all_scenes(
    engine: EngineHarness,
) -> None:
    gala, maya = {"character": {"name": "gala"}}, {"character": {"name": "maya"}}
    found = spoken(
        engine,
        {"elements": [presenter("Hello there.", **gala), presenter("Good morning.", **maya)]},
        {"elements": [presenter("And goodbye.", **maya)]},
    )
    assert len(set(found)) == 2


def test_voices_that_presenters_speak_with_are_as_different_as_they(engine: EngineHarness) -> None:
    said = [{"type": "voice", "name": name, "text": f"I am {name}."} for name in ("one", "two")]
    seen = [
        {"type": "presenter", "of": name, "start": 0, "duration": "end", "height": "50%",
         "character": {"name": character}}
        for name, character in (("one", "gala"), ("two", "maya"))
    ]  # fmt: skip
    assert len(set(spoken(engine, {"elements": [*said, *seen]}))) == 2


def test_a_voice_that_nobody_is_seen_with_stays_the_default_one(engine: EngineHarness) -> None:
    alone = spoken(engine, {"voice": "Once upon a time."})
    leo = presenter("Good morning.", character={"name": "leo"})
    assert spoken(engine, {"voice": "Once upon a time."}, {"elements": [leo]})[:1] == alone


def test_characters_without_a_name_have_voices_of_their_genders(engine: EngineHarness) -> None:
    elements = [presenter("Hello there."), presenter("Good morning.")]
    first, second = spoken(engine, {"elements": elements})
    gala, leo = spoken(
        engine,
        {"elements": [{**elements[0], "character": {"name": "gala"}},
                      {**elements[1], "character": {"name": "leo"}}]},
    )  # fmt: skip
    assert (first, second) == (gala, leo)


def test_an_exported_presenter_looks_and_sounds_as_in_the_film(
    engine: EngineHarness, tmp_path: Path
) -> None:
    tracks = [{"clips": [presenter("Hello there.")]}, {"clips": [presenter("Good morning.")]}]
    wanted = {"quality": "draft", "voice": {"engine": "espeak"}, "tracks": tracks}
    leo = voices(made(engine, wanted))[1]
    project = engine.make("timeline_export", wanted, size=SIZE)
    with zipfile.ZipFile(project.path("project")) as archive:
        archive.extractall(tmp_path)
    exported, _ = sound_of(sorted(tmp_path.glob("media/*.mov"))[1])
    alone = presenter("Good morning.", character={"name": "leo"}, voice=leo)
    same = made(engine, {**wanted, "tracks": [{"clips": [alone]}], "file_format": "wav"})
    heard, _ = sound_of(same.path("video"))
    length = min(len(exported), len(heard))
    assert np.corrcoef(exported[:length], heard[:length])[0, 1] > 0.95
