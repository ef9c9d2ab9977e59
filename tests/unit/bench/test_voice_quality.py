"""What the benchmark of voices counts as an error, and the level at which speech is rated."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench.voice_quality.dnsmos import at_speech_level
from bench.voice_quality.quality import Judged, Quality
from bench.voice_quality.report import Kind, Row, show
from bench.voice_quality.sentences import LANGUAGES, Sentence, narration, written_forms
from bench.voice_quality.sound import SoundFacts, longest_silence
from bench.voice_quality.speaker import Spoken
from bench.voice_quality.word_errors import WordErrors, word_errors

RATE = 16_000


@pytest.mark.parametrize(
    ("language", "said", "understood", "errors"),
    [
        ("es", "cuesta veinte euros", "Cuesta 20 €.", 0),
        ("es", "cuesta veinte euros", "¡Cuesta treinta euros!", 1),
        ("es", "la niña ríe", "la nina ríe", 1),
        ("en", "it's half past five", "It's half-past five", 0),
        ("en", "we sold most of them", "we sold of them all", 2),
        ("it", "ventidue anni", "venti due anni", 0),
        ("de", "am zwanzigsten mai", "am zwanzig sten Mai", 0),
    ],
)
def test_an_error_is_a_difference_that_can_be_heard(
    language: str, said: str, understood: str, errors: int
) -> None:
    found = word_errors(Sentence(said, (said,)), understood, language)
    assert (found.errors, found.words) == (errors, len(said.replace("'", " ").split()))


def test_the_closest_reading_counts() -> None:
    sentence = Sentence("17:30", ("diecisiete treinta", "cinco y media de la tarde"))
    assert word_errors(sentence, "cinco y media de la tarde", "es").errors == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_narration_pauses_and_written_forms(language: str) -> None:
    assert len({one.text for one in narration(language)}) == 40
    forms = written_forms(language)
    assert all(one.readings for one in forms)
    texts = " ".join(one.text for one in forms)
    for kind in (r"\[pause", r"\d ?%", r"\b2026\b", r"€|\$", r"[a-z]\.[a-z]"):
        assert re.search(kind, texts), kind


@pytest.mark.parametrize("pause", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("level", [0.001, 0.9])
def test_speech_is_rated_at_one_level_whatever_its_own_and_its_pauses(
    level: float, pause: float
) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    silence = np.zeros(int(pause * RATE), np.float32)
    rated = at_speech_level(np.concatenate([silence, level * noise, silence]))
    spoken = rated[len(silence) :][:RATE]
    assert 10 * np.log10(np.mean(spoken**2)) == pytest.approx(-26, abs=0.1)


def test_the_level_of_silence_is_left_alone() -> None:
    assert not at_speech_level(np.zeros(RATE, np.float32)).any()


def test_a_silence_is_between_two_sounds() -> None:
    sound, silence = np.ones(RATE // 10), np.zeros(RATE // 2)
    assert longest_silence(np.concatenate([silence, sound, silence]), RATE) == 0
    assert longest_silence(np.concatenate([sound, silence, sound]), RATE) == 0.5


def test_a_missed_aim_is_named_and_none_is_asked_of_espeak() -> None:
    worse = [row("kokoro", "es", errors=5, mos=3.1), row("espeak", "es", errors=80, mos=2.4)]
    assert "Aims missed: kokoro, es, narration: WER 5.0% > 4%; " in printed(worse)
    assert "DNSMOS 3.10 < 3.2" in printed(worse)
    assert "espeak, es, narration" not in printed(worse)
    assert "All aims are met." in printed([row("kokoro", "es", errors=4, mos=3.2)])
    assert "All aims are met." in printed([row("kokoro", "fr", errors=8, mos=3.2)])


def row(engine: str, language: str, *, errors: int, mos: float) -> Row:
    judged = Judged(
        Sentence("a", ("a",)),
        "a",
        WordErrors(errors, 100),
        SoundFacts(seconds=1, lufs=-16, true_peak=-1, clipped=0, silence=0),
        Spoken(Path("a.wav"), took=1, cpu=1),
    )
    return Row(
        engine, language, Kind.NARRATION, Quality([judged], mos), None, first_sound=1, megabytes=1
    )


def printed(rows: list[Row]) -> str:
    text = io.StringIO()
    show(rows, Console(file=text, width=200))
    return text.getvalue()
