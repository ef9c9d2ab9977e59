"""One speaker's turn: text with pauses, spoken piece by piece, with the voice's effects."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from gala.errors import InvalidRequest
from gala.render_types.params.speech_marks import MarkedText, own_text, split_marks
from gala.render_types.params.voice import (
    PARAGRAPH_PAUSE_SECONDS,
    VoiceParams,
    can_be_spoken,
)
from gala_renderer.speech import pcm_track
from gala_renderer.speech.pcm_track import Samples
from gala_renderer.speech.protocol import SpeechEngine, Utterance
from gala_renderer.speech.registry import EngineChoice, SpeechEngines
from gala_renderer.speech.speaking import Reading, reading
from gala_renderer.speech.text_chunks import chunks, ends_at_pause, ends_sentence, paragraphs
from gala_renderer.transcription.language_detection import detect_language

CHUNK_CHARACTERS: Final = 4000
"""The default maximum of characters per engine call, some minutes of speech."""
_SHORTEST_CHUNK: Final = 32
_UNSPOKEN_SECONDS: Final = 0.3
_JOIN_SECONDS: Final = 0.04
_CLAUSE_SECONDS: Final = 0.2
_SENTENCE_SECONDS: Final = 0.4
"""The silence between texts of different languages, by how the first one ends."""
_LEADING_SIGNS: Final = re.compile(r"[^\w\s\[(¿¡«“‘&%@#*/\\§†‰]+")  # noqa: RUF001
_OPENING: Final = re.compile(r"(?<=\s)[(¿¡«“‘\"']+$")  # noqa: RUF001


@runtime_checkable
class LimitsChunkLength(Protocol):
    """A speech engine with its own limit on the length of a text."""

    @property
    def chunk_characters(self) -> int:
        """The maximum number of characters per call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The text of one speaker, with optional pause marks. Pauses are in seconds."""

    text: str
    voice: VoiceParams = field(default_factory=VoiceParams)
    speaker: Hashable = None
    """Who speaks: those without a voice of their own get different ones."""
    sample: Path | None = None
    """A decoded WAV file with the voice to clone."""
    pause_after: float = 0.0
    field: str = "params"
    """The request field of this turn, for errors: ``params``, ``params.turns.2``."""
    usual_language: str | None = None
    """The language of the turns around it that name none either, if it is known."""

    @property
    def language(self) -> str | None:
        """The requested language; without one and without a voice, the detected language."""
        chosen = self.voice.language
        if chosen is None and self.voice.voice is None:
            return detect_language(own_text(self.text), self.usual_language)
        return chosen

    def choose(self, engines: SpeechEngines) -> EngineChoice:
        """Return the engine that speaks this turn. Raise as :meth:`SpeechEngines.choose` does."""
        voice = self.voice
        return engines.choose(
            voice.engine,
            text=own_text(self.text),
            voice=voice.voice,
            language=self.language,
            field=self.field,
        )

    def reading(self, engine: SpeechEngine) -> Reading:
        """Return how the turn's texts are read by its engine."""
        return reading(self.voice, self.language, self.text, engine)

    def utterance(self, piece: TextPiece) -> Utterance:
        """Return the request to an engine for a piece of the text."""
        voice = self.voice
        return Utterance(
            text=piece.text,
            voice=voice.voice,
            language=self.language,
            language_detected=voice.language is None,
            speed=voice.speed,
            sample=self.sample,
            exaggeration=voice.exaggeration,
            cfg_weight=voice.cfg_weight,
            temperature=voice.temperature,
            chunk_silence=voice.chunk_silence_ms / 1000,
            continues=piece.continues,
        )


def in_company(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns of one conversation, each with the language of all that name none.

    Blocks as :func:`detect_language` does.
    """
    unnamed = [turn for turn in turns if turn.voice.language is None and turn.voice.voice is None]
    if len(unnamed) < 2:
        return list(turns)
    usual = detect_language("\n".join(own_text(turn.text) for turn in unnamed))
    return [replace(turn, usual_language=usual) for turn in turns]


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text to speak in one call; silence next to an explicit pause is trimmed."""

    text: str
    cut_start: bool
    cut_end: bool
    continues: bool = False
    """True if more text follows after a natural pause."""
    language: str | None = None
    """The language that a mark gives it; None is that of the turn."""

    def span(self, samples: Samples, rate: int) -> tuple[int, int]:
        """Return the start and end of the samples to keep."""
        start, end = pcm_track.audible_span(samples, rate)
        return start if self.cut_start else 0, end if self.cut_end else len(samples)


def pieces(
    text: str,
    most: int,
    *,
    follows: bool,
    goes_on: bool,
    length: Callable[[str], int] = len,
) -> list[TextPiece | float]:
    """Split a text into pieces of at most ``most`` characters and pauses in seconds.

    Pauses are marks and blank lines; a mark next to a blank line replaces its pause. ``follows``
    and ``goes_on`` are true if there is a turn before and after this one. ``length`` returns the
    number of characters that an engine gets for a text.
    """
    parts = _parts(unicodedata.normalize("NFC", text))
    found: list[TextPiece | float] = []
    for index, part in enumerate(parts):
        if isinstance(part, float):
            found.append(part)
            continue
        before = parts[index - 1] if index else None
        after = parts[index + 1] if index + 1 < len(parts) else None
        piece = TextPiece(
            part.text,
            cut_start=follows if before is None else True,
            cut_end=goes_on if after is None else True,
            language=part.language,
        )
        found.extend(_in_paragraphs(piece, most, length))
        if isinstance(after, MarkedText):
            found.append(_pause_after(part.text))
    return found


def _parts(text: str) -> list[MarkedText | float]:
    """Return the texts and pauses; signs next to a mark belong to the text that they touch."""
    parts: list[MarkedText | float] = []
    for part in split_marks(text):
        if isinstance(part, float):
            parts.append(part)
            continue
        before = parts[-1] if parts else None
        text_left = part.text
        if isinstance(before, MarkedText):
            opening = _OPENING.search(before.text)
            if opening and opening.start() > 0:
                parts[-1] = before = replace(before, text=before.text[: opening.start()])
                text_left = opening[0] + text_left
            closing = _LEADING_SIGNS.match(text_left) if not opening else None
            if closing:
                parts[-1] = replace(before, text=before.text + closing[0])
                text_left = text_left[closing.end() :]
        if can_be_spoken(text_left):
            parts.append(replace(part, text=text_left))
        elif not isinstance(before, MarkedText):
            parts.append(_UNSPOKEN_SECONDS)
    return parts


def _pause_after(text: str) -> float:
    """Return the silence between texts of different languages, as within a text."""
    if not ends_at_pause(text):
        return _JOIN_SECONDS
    return _SENTENCE_SECONDS if ends_sentence(text) else _CLAUSE_SECONDS


def _in_paragraphs(
    part: TextPiece, most: int, length: Callable[[str], int]
) -> Iterator[TextPiece | float]:
    # One without anything to speak, such as a line of dashes, only separates its neighbours.
    texts = [text for text in paragraphs(part.text) if can_be_spoken(text)]
    for index, text in enumerate(texts):
        last = index + 1 == len(texts)
        # The silence at the end is kept: it is the engine's pause after a sentence.
        yield from in_chunks(
            TextPiece(
                text,
                cut_start=part.cut_start or index > 0,
                cut_end=part.cut_end and last,
                continues=part.continues or not last,
                language=part.language,
            ),
            most,
            length,
        )
        if not last:
            yield PARAGRAPH_PAUSE_SECONDS


def _chunks(text: str, most: int, spoken: int, length: Callable[[str], int]) -> Iterator[str]:
    for chunk in chunks(text, most):
        if length is len or len(chunk) < _SHORTEST_CHUNK or length(chunk) <= spoken:
            yield chunk
        else:
            yield from _chunks(chunk, len(chunk) // 2, spoken, length)


def in_chunks(piece: TextPiece, most: int, length: Callable[[str], int] = len) -> list[TextPiece]:
    """Split a piece into pieces of at most ``most`` characters, with its ends at the outer ones.

    ``length`` returns the number of characters that an engine gets for a text.
    """
    texts = list(_chunks(piece.text, most, most, length))
    return [
        replace(
            piece,
            text=text,
            cut_start=piece.cut_start and index == 0,
            cut_end=piece.cut_end and index + 1 == len(texts),
            continues=piece.continues if index + 1 == len(texts) else ends_at_pause(text),
        )
        for index, text in enumerate(texts)
    ]


def renamed(error: InvalidRequest, field_name: str) -> InvalidRequest:
    """Return an engine's error with ``params`` replaced by the field of the turn."""
    original = str(error.details.get("field", "params"))
    field_path = original.replace("params", field_name, 1)
    return InvalidRequest(error.message.replace(original, field_path, 1), field=field_path)
