"""Timed words and phonemes. Times are in seconds from the start of their sound."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One phoneme, as an IPA symbol."""

    symbol: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written in the text, including adjacent punctuation."""

    text: str
    start: float
    end: float
    phonemes: tuple[Phoneme, ...] = ()

    def shifted(self, seconds: float) -> Word:
        """Return the word moved by ``seconds``."""
        return self.mapped(1.0, seconds)

    def mapped(self, factor: float, offset: float = 0.0) -> Word:
        """Return the word with all times multiplied by ``factor``, then moved by ``offset``."""
        return replace(
            self,
            start=self.start * factor + offset,
            end=self.end * factor + offset,
            phonemes=tuple(
                Phoneme(p.symbol, p.start * factor + offset, p.end * factor + offset)
                for p in self.phonemes
            ),
        )

    def within(self, first: float, last: float) -> Word:
        """Return the word with all times limited to the range ``first`` to ``last``."""
        return replace(
            self,
            start=min(max(self.start, first), last),
            end=min(max(self.end, first), last),
            phonemes=tuple(
                replace(p, start=min(max(p.start, first), last), end=min(max(p.end, first), last))
                for p in self.phonemes
            ),
        )
