"""The protocol of speech engines: requests, results and voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from gala.media import SpokenBy
from gala_renderer.engine.plan import Report
from gala_renderer.speech.words import Word


@dataclass(frozen=True, slots=True)
class IpaStretch:
    """The phonemes of the text from ``start`` to ``end``, as ``ipa`` of a pronunciation."""

    start: int
    end: int
    ipa: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One piece of text to speak, without pause marks; an engine may split it further."""

    text: str
    voice: str | None = None
    """The engine's name of a voice; None is its default for the language."""
    language: str | None = None
    """A BCP 47 tag (``es``, ``en-GB``); None is the language of the voice."""
    ipa: tuple[IpaStretch, ...] = ()
    """Phonemes of parts of the text, in order; only for engines that are :class:`TakesIpa`."""
    language_detected: bool = False
    """True if the language was guessed from the text and not requested."""
    speed: float = 1.0
    """Relative speed, 0.5 to 2; 1 is the engine's default."""
    sample: Path | None = None
    """A decoded WAV file with the voice to clone, for engines that support it."""
    exaggeration: float = 0.5
    cfg_weight: float = 0.5
    temperature: float = 0.8
    chunk_silence: float = 0.35
    """Seconds of silence between chunks, for engines that split text."""
    continues: bool = False
    """True if speech of the same turn follows: the sound ends with the usual silence of the text's
    last punctuation mark, or of a sentence if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Synthesised speech: a WAV file (mono, 16 bit) and the times of its words.

    ``words`` is empty for engines without word times; the caller then finds them by alignment.
    """

    path: Path
    rate: int
    seconds: float
    words: tuple[Word, ...] = ()
    voice: str | None = None
    """The engine's name of the voice that spoke; None if it has none."""
    language: str | None = None
    """The BCP 47 tag of the language that was spoken; None if the engine does not know it."""
    backend: str | None = None
    """What ran the engine's model, if there is a choice."""

    def by(self, engine: str) -> SpokenBy:
        """Return who has spoken."""
        return SpokenBy(
            engine=engine, voice=self.voice, language=self.language, backend=self.backend
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice of an engine; ``language`` is a BCP 47 tag."""

    name: str
    """Its name in requests."""
    language: str
    gender: str | None = None
    title: str = ""
    """A name for people, if the engine has one."""
    description: str = ""


@runtime_checkable
class KnowsVoiceLanguage(Protocol):
    """A speech engine that knows the language of a voice from its name."""

    def voice_language(self, voice: str | None) -> str | None:
        """Return the BCP 47 tag of a voice; of the default voice for None; None if unknown."""


class SpeechEngine(Protocol):
    """A speech synthesiser. One instance serves the whole renderer; calls may be concurrent."""

    @property
    def name(self) -> str:
        """The name in requests: ``espeak``, ``kokoro``, ``chatterbox``, ``openai``."""

    @property
    def version(self) -> str:
        """A string that changes when a request may sound different; part of the cache key."""

    @property
    def licence(self) -> str | None:
        """The SPDX identifier of the licence of its voices; None if it is not known."""

    def available(self) -> str | None:
        """Return None if the engine can speak here, else what to install or set."""

    async def voices(self) -> Sequence[Voice]:
        """Return all voices. Raise ``EngineMissing`` if the engine is not available."""

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak into the WAV file ``target``; cancelling the task stops the work.

        Raise ``InvalidRequest`` naming ``params.voice`` or ``params.language`` and listing the
        valid values, ``EngineMissing`` saying what to install, or ``RenderFailed``.
        """


@runtime_checkable
class SpeaksLanguages(Protocol):
    """A speech engine that can find a voice for a language."""

    async def voice_in(self, language: str, like: str | None) -> str | None:
        """Return its voice for a language that is most like one of its voices.

        ``like`` is None for its default voice. Return None if it does not speak the language.
        """


@runtime_checkable
class TakesIpa(Protocol):
    """A speech engine that speaks given phonemes."""

    takes_ipa: bool
    """True."""


@runtime_checkable
class OwnsVoices(Protocol):
    """An engine that recognises the names of its voices, also of misspelt ones, by their form."""

    def owns(self, voice: str) -> bool:
        """Return True if the name has the form of this engine's names."""


@runtime_checkable
class ChosenByLanguage(Protocol):
    """An engine that ``auto`` prefers for the languages that it speaks."""

    def knows(self, language: str) -> bool:
        """Return True if it speaks the language where everything for it is installed."""

    def lacks_for(self, language: str) -> str | None:
        """Return what is missing to speak a language that it knows; None if it can speak it."""


@runtime_checkable
class HasBackends(Protocol):
    """An engine whose model can be run by different libraries."""

    def backend(self) -> str:
        """Return the one that runs it here. Raise ``EngineMissing`` if it is not available."""
