"""Speak a written text: engines get its spoken form, and times belong to the written words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gala.render_types.params.language_tags import same_language
from gala.render_types.params.pronunciations import matching
from gala.render_types.params.voice import VoiceParams, can_be_spoken
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.speech.protocol import (
    KnowsVoiceLanguage,
    Speech,
    SpeechEngine,
    TakesIpa,
    Utterance,
)
from gala_renderer.speech.spoken_form.form import SpokenForm, spoken_form
from gala_renderer.speech.spoken_form.written_words import as_written
from gala_renderer.speech.words import Word
from gala_renderer.transcription.forced_alignment import align_speech
from gala_renderer.transcription.language_detection import detect_language


@dataclass(frozen=True, slots=True)
class Reading:
    """How the written texts of one voice are read."""

    voice: VoiceParams
    language: str | None
    """The language of the spoken words; None if it is unknown."""
    takes_ipa: bool = False
    """True if the engine speaks given phonemes."""

    def form(self, text: str) -> SpokenForm:
        """Return the spoken form of a text."""
        return spoken_form(
            text,
            self.language,
            self.voice.pronunciations,
            rules=self.voice.normalize_text,
            takes_ipa=self.takes_ipa,
        )

    def unspoken_ipa(self, text: str) -> tuple[str, ...]:
        """Return the texts with phonemes that occur and that the engine cannot speak."""
        if self.takes_ipa:
            return ()
        listed = [one for one in self.voice.pronunciations if one.applies_to(self.language)]
        given = [one.text for one in listed if one.ipa and one.say is None]
        found = matching(given).findall(text) if given else ()
        return tuple(dict.fromkeys(found))

    def spoken_length(self, text: str) -> int:
        """Return the number of characters that an engine gets for a text."""
        return len(self.form(text).spoken)


def reading(voice: VoiceParams, language: str | None, text: str, engine: SpeechEngine) -> Reading:
    """Return how a text is read; ``language`` is the one that the engine is asked for.

    Without one it is that of the voice, or, if the engine does not know it, guessed from the text.
    """
    if language is None and isinstance(engine, KnowsVoiceLanguage):
        language = engine.voice_language(voice.voice)
    if language is None and voice.normalize_text:
        language = detect_language(text)
    return Reading(voice, language, isinstance(engine, TakesIpa))


def language_advice(voice: VoiceParams, engine: SpeechEngine, *, field: str) -> Iterator[str]:
    """Yield a warning if the voice that a request names is not of the language that it names."""
    if voice.voice is None or voice.language is None or not isinstance(engine, KnowsVoiceLanguage):
        return
    own = engine.voice_language(voice.voice)
    if own is not None and not same_language(own, voice.language):
        yield (
            f"{field}: {voice.voice!r} is a voice for {own!r}, and the text is in"
            f" {voice.language!r}; it is spoken, with an accent or worse"
        )


async def speak_written(
    context: RenderContext,
    engine: SpeechEngine,
    utterance: Utterance,
    how: Reading,
    *,
    target: Path,
    report: Report,
    timed: bool = True,
) -> Speech:
    """Speak an utterance with a written text; the words of the result are those written.

    Without ``timed``, words may be missing. Raise as :meth:`SpeechEngine.speak` does.
    """
    form = await asyncio.to_thread(how.form, utterance.text)
    said = replace(utterance, text=form.spoken, ipa=form.ipa)
    speech = await engine.speak(said, target=target, scratch=target.parent, report=report)
    words = await timed_words(context, speech, said) if timed else ()
    return replace(speech, words=as_written(form, words, utterance.language))


async def timed_words(
    context: RenderContext, speech: Speech, utterance: Utterance
) -> Sequence[Word]:
    """Return the words with the engine's times, or with those that alignment finds."""
    if speech.words or not can_be_spoken(utterance.text):
        return speech.words
    return await align_speech(context, speech.path, utterance.text, utterance.language)
