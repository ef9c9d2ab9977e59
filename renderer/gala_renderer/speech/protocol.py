"""What a speech engine is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gala_renderer.engine.plan import Report
from gala_renderer.speech.words import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One stretch of text to speak, free of pause marks; an engine cuts it further if it must."""

    text: str
    voice: str | None = None
    """The engine's own name of a voice; ``None``: its default for the language."""
    language: str | None = None
    """BCP 47 (``es``, ``en-GB``); ``None``: that of the voice."""
    speed: float = 1.0
    """1 is the engine's usual pace; 0.5 to 2."""
    sample: Path | None = None
    """A WAV file of ours with the voice to clone, for engines that clone."""
    exaggeration: float = 0.5
    cfg_weight: float = 0.5
    temperature: float = 0.8
    chunk_silence: float = 0.35
    """Seconds between the chunks of engines that need short ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Spoken sound: a WAV file of ours (mono, 16 bit), and when each word is spoken.

    ``words`` is empty for an engine that does not know; they are then found by alignment.
    """

    path: Path
    rate: int
    seconds: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice that an engine has; ``language`` as BCP 47."""

    name: str
    language: str
    gender: str | None = None
    description: str = ""


class SpeechEngine(Protocol):
    """Speaks. One object for the whole renderer; calls may come at the same time."""

    @property
    def name(self) -> str:
        """As requests call it: ``espeak``, ``kokoro``, ``chatterbox``, ``openai``."""

    @property
    def version(self) -> str:
        """Changes when the same request may sound different; part of the cache's key."""

    def available(self) -> str | None:
        """``None`` if it can speak here, or one sentence that says what to install or set."""

    async def voices(self) -> Sequence[Voice]:
        """Every voice; raises ``EngineMissing`` if it cannot be had."""

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak into the WAV file ``target``; cancelling the task stops the work.

        Raises ``InvalidRequest`` naming ``params.voice`` or ``params.language`` with what there
        is, ``EngineMissing`` with what to install, ``RenderFailed``.
        """
