"""Forced alignment in any language, with other sound around the speech.

espeak-ng tells exactly when it speaks each word; the alignment gets only the modified sound.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from gala.errors import InvalidRequest, UnprocessableMedia
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.speech.protocol import Speech, Utterance
from gala_renderer.speech.words import Word
from gala_renderer.transcription.forced_alignment import Alignment, Method, align, find_by_synthesis
from tests.fakes.media_files import VIDEO, make
from tests.support.engine import EngineHarness

TEXTS = {
    "en-US": "Good morning. In 1984 we walked down to the river, and the water was cold.",
    "es": "Buenos días a todos. En 1984 bajamos hasta el río, y el agua estaba fría.",
    "de": "Guten Morgen zusammen. Wir gingen hinunter zum Fluss, und das Wasser war kalt.",
    "ja": "みなさん、おはようございます。わたしたちはかわまであるいていきました。",
    "ar": "صباح الخير جميعا. مشينا إلى النهر، وكان الماء باردا جدا.",
}


EACH_KIND = {"es", "ja"}
"""Words between blanks, and a script without blanks."""
LANGUAGES = [
    pytest.param(one, marks=() if one in EACH_KIND else pytest.mark.exhaustive) for one in TEXTS
]


@dataclass
class Bench:
    """An engine in which texts are spoken and aligned."""

    engine: EngineHarness
    folder: Path

    @property
    def context(self) -> RenderContext:
        services = self.engine.engine.services
        return RenderContext(
            ffmpeg=self.engine.engine.ffmpeg,
            services=services,
            scratch=self.folder,
            part=self.folder.joinpath,
            threads=1,
        )

    def speak(self, text: str, language: str, **more: float) -> Speech:
        espeak = self.engine.engine.services.speech.find("espeak")
        utterance = Utterance(text=text, language=language, **more)  # type: ignore[arg-type]
        target = self.folder / "spoken.wav"
        return asyncio.run(
            espeak.speak(utterance, target=target, scratch=self.folder, report=lambda _: None)
        )

    def changed(self, speech: Speech, *filters: str) -> Path:
        path = self.folder / "changed.wav"
        return make(path, "-i", str(speech.path), "-af", ",".join(filters))

    def align(self, path: Path, text: str, language: str | None) -> Alignment:
        async def look() -> Alignment:
            context = self.context
            media = await context.inspect(InputFile(path, "", "inputs.audio_asset_id"))
            return await align(context, media, text, language)

        return asyncio.run(look())


@pytest.fixture
def bench(engine: EngineHarness, tmp_path: Path) -> Bench:
    return Bench(engine, tmp_path)


def errors(found: Sequence[Word], true: Sequence[Word]) -> list[float]:
    """Return the errors of the word starts in seconds, sorted."""
    assert [word.text for word in found] == [word.text for word in true]
    return sorted(abs(one.start - other.start) for one, other in zip(found, true, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_is_found_where_it_is_spoken(bench: Bench, language: str) -> None:
    text = TEXTS[language]
    speech = bench.speak(text, language, speed=0.9)
    found = bench.align(bench.changed(speech, "asetrate=23000"), text, language)
    true = [word.mapped(22050 / 23000) for word in speech.words]
    off = errors(found.words, true)
    assert median(off) < 0.035
    assert off[int(len(off) * 0.8)] < 0.1


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_its_sounds_a_text_is_compared_with_its_synthesis(
    bench: Bench, language: str
) -> None:
    reference = bench.speak(TEXTS[language], language)
    kept = reference.path.rename(bench.folder / "reference.wav")
    reference = Speech(path=kept, rate=reference.rate, seconds=0, words=reference.words)
    speech = bench.speak(TEXTS[language], language, speed=1.3)
    heard = make(bench.folder / "heard.wav", "-i", str(speech.path), "-ar", "16000")
    spans = asyncio.run(find_by_synthesis(bench.context, heard, reference, 9))
    found = [
        Word(word.text, *(span or (0, 0)))
        for word, span in zip(reference.words, spans, strict=True)
    ]
    off = errors(found, speech.words)
    assert median(off) < 0.02
    assert off[int(len(off) * 0.9)] < 0.1


def test_music_before_and_after_belongs_to_no_word(bench: Bench) -> None:
    text = TEXTS["en-US"]
    speech = bench.speak(text, "en-US")
    music = "aevalsrc='0.2*(sin(1400*t)+sin(1760*t))*(0.6+0.4*sin(12*t))':s=22050"
    path = make(
        bench.folder / "with.wav",
        *("-f", "lavfi", "-t", "3", "-i", music, "-i", str(speech.path)),
        *("-f", "lavfi", "-t", "2", "-i", music),
        *("-filter_complex", "[0][1][2]concat=n=3:v=0:a=1"),
    )
    found = bench.align(path, text, None)
    off = errors(found.words, [word.shifted(3) for word in speech.words])
    assert median(off) < 0.035
    assert off[-2] < 0.3
    assert found.words[0].start > 2.5
    assert found.words[-1].end < 3 + speech.seconds + 0.3


def test_the_text_stays_as_it_is_written(bench: Bench) -> None:
    spoken = bench.speak("Hello there, we are open until nine.", "en")
    text = "Hello “there” 😀 — we're {\\b1} open <b>till</b> 9!"
    found = bench.align(spoken.path, text, "en")
    assert " ".join(word.text for word in found.words) == text
    starts = [word.start for word in found.words]
    assert starts == sorted(starts)
    assert found.words[-1].end <= found.seconds


def test_text_that_is_not_in_the_sound_still_has_times_in_order(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    path = make(bench.folder / "tone.wav", "-f", "lavfi", "-i", "sine=d=2")
    with caplog.at_level(logging.INFO):
        found = bench.align(path, TEXTS["es"], None)
    times = [time for word in found.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= found.seconds
    assert found.language == "es"
    assert f"by {found.method}" in caplog.text


def test_silence_has_words_too(bench: Bench) -> None:
    path = make(bench.folder / "silence.wav", "-f", "lavfi", "-i", "anullsrc", "-t", "1")
    found = bench.align(path, "nobody says this", "en")
    assert len(found.words) == 3
    assert found.words[-1].end <= 1


def test_a_text_without_anything_to_speak_is_refused(bench: Bench) -> None:
    path = make(bench.folder / "tone.wav", "-f", "lavfi", "-i", "sine=d=1")
    with pytest.raises(InvalidRequest, match=r"params\.text"):
        bench.align(path, "…", "en")


def test_a_language_that_nobody_speaks_here_is_refused(bench: Bench) -> None:
    path = make(bench.folder / "tone.wav", "-f", "lavfi", "-i", "sine=d=1")
    with pytest.raises(InvalidRequest, match=r"params\.language"):
        bench.align(path, "nuqneH", "tlh")


def test_a_file_without_sound_is_refused(bench: Bench) -> None:
    with pytest.raises(UnprocessableMedia, match="has no sound"):
        bench.align(make(bench.folder / "a.mp4", *VIDEO), "hello", "en")


def test_the_type_gives_words_and_captions(bench: Bench, engine: EngineHarness) -> None:
    text = TEXTS["en-US"]
    speech = bench.speak(text, "en-US")
    made = engine.make("align", {"text": text}, audio=speech.path)
    told = json.loads(made.path("words").read_text())
    assert told["text"] == text
    assert told["language"] == "en-US"
    assert told["method"] == Method.SOUNDS
    assert told["duration"] == pytest.approx(speech.seconds, abs=0.01)
    assert [word["text"] for word in told["words"]] == text.split()
    captions = made.path("captions").read_text()
    assert captions.startswith("WEBVTT\n")
    assert "Good morning." in captions
    assert made.fractions == sorted(made.fractions)


def test_the_silence_type_tells_where_nothing_is_heard(
    engine: EngineHarness, tmp_path: Path
) -> None:
    drawn = "sine=d=3:r=48000,volume='if(between(t,1,2),1,0)':eval=frame"
    path = make(tmp_path / "a.wav", "-f", "lavfi", "-i", drawn)
    made = engine.make("detect_silence", {"min_seconds": 0.3}, audio=path)
    told = json.loads(made.path("silences").read_text())
    assert told["duration"] == pytest.approx(3)
    times = [span[key] for span in told["silences"] for key in ("start_ts", "end_ts")]
    assert times == pytest.approx([0, 1, 2, 3], abs=0.05)
