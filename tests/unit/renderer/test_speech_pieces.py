"""The pieces of streamed speech: a short first one, then longer ones, in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.espeak.engine import EspeakEngine
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.protocol import SpeechEngine
from gala_renderer.speech.streaming import _parts
from gala_renderer.speech.turns import TextPiece

SENTENCES = (
    "The old fisherman left his house before dawn, as on every other day of his life. "
    "On the beach there was nobody, and the sea was so calm that it looked like a mirror. "
    "He pushed the boat into the water, and sang. What did he sing? "
) * 10


def texts(text: str, engine: SpeechEngine) -> list[str]:
    return [part.text for part in _parts(text, engine) if isinstance(part, TextPiece)]


@pytest.fixture(params=["espeak", "kokoro"])
def engine(request: pytest.FixtureRequest) -> SpeechEngine:
    sandbox = Sandbox(ProcessLimits())
    return EspeakEngine(sandbox) if request.param == "espeak" else KokoroEngine(sandbox, Path())


@pytest.mark.parametrize("text", [SENTENCES, "x" * 1000, "One.\n\nTwo. " * 90])
def test_the_first_piece_is_short_and_no_text_is_lost(text: str, engine: SpeechEngine) -> None:
    found = texts(text, engine)
    assert len(found[0]) <= 60
    assert "".join("".join(found).split()) == "".join(text.split())


def test_each_piece_of_a_slow_engine_is_ready_before_those_before_it_were_heard(
    engine: SpeechEngine,
) -> None:
    first, *others = texts(SENTENCES, engine)
    ready, heard = len(first) * 0.65, len(first) * 1.65
    for piece in others:
        ready += len(piece) * 0.65
        assert ready <= heard + 1
        heard += len(piece)
    assert len(others[-2]) > 150
