"""When a word is spoken. Times are seconds from the start of the sound that they belong to."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One speech sound, in the IPA."""

    symbol: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Word:
    """One written word as the text has it, punctuation that touches it included."""

    text: str
    start: float
    end: float
    phonemes: tuple[Phoneme, ...] = ()

    def shifted(self, seconds: float) -> Word:
        """The same word, that much later."""
        return self.mapped(1.0, seconds)

    def mapped(self, factor: float, offset: float = 0.0) -> Word:
        """The same word with every time multiplied, then moved."""
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
        """The same word, cut to lie between two times."""
        return replace(
            self,
            start=min(max(self.start, first), last),
            end=min(max(self.end, first), last),
            phonemes=tuple(
                replace(p, start=min(max(p.start, first), last), end=min(max(p.end, first), last))
                for p in self.phonemes
            ),
        )
