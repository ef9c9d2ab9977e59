"""Times of written words from those of spoken words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gala_renderer.speech.spoken_form.form import SpokenForm
from gala_renderer.speech.word_tokens import written_words
from gala_renderer.speech.words import Word


@dataclass(slots=True)
class _Block:
    """Written words, from ``first`` to ``last``, and the spoken words that belong to them."""

    first: int
    last: int
    spoken: list[Word] = field(default_factory=list)


def as_written(form: SpokenForm, spoken: Sequence[Word], language: str | None) -> tuple[Word, ...]:
    """Return one word for each word of the written text, from the words of the spoken one.

    A written word that became several spoken ones lasts from the first to the last of them; several
    written words that were spoken as one share its time. Times never decrease.
    """
    if not form.changes or not spoken:
        return tuple(spoken)
    spans = written_words(form.written, language)
    words: list[Word] = []
    reached = spoken[0].start
    for block in _blocks(form, spoken, spans):
        unspoken = spans[len(words) : block.first]
        words += [Word(form.written[slice(*span)], reached, reached) for span in unspoken]
        texts = [form.written[slice(*spans[at])] for at in range(block.first, block.last + 1)]
        words += _shared(texts, block.spoken)
        reached = words[-1].end
    words += [Word(form.written[slice(*span)], reached, reached) for span in spans[len(words) :]]
    return tuple(words)


def _blocks(
    form: SpokenForm, spoken: Sequence[Word], spans: Sequence[tuple[int, int]]
) -> Iterator[_Block]:
    block: _Block | None = None
    at = index = 0
    for word in spoken:
        start = max(form.spoken.find(word.text, at), at)
        at = start + len(word.text)
        begin, end = form.written_span(start, at)
        while index + 1 < len(spans) and spans[index][1] <= begin:
            index += 1
        last = index
        while last + 1 < len(spans) and spans[last + 1][0] < end:
            last += 1
        if block is not None and index <= block.last:
            block.last = max(block.last, last)
        else:
            if block is not None:
                yield block
            block = _Block(index, last)
        block.spoken.append(word)
    if block is not None:
        yield block


def _shared(texts: Sequence[str], spoken: Sequence[Word]) -> Iterator[Word]:
    """Yield the written words of a block, with the spoken words divided by their lengths."""
    if len(spoken) < len(texts):
        yield from _divided(texts, spoken)
        return
    whole = sum(map(len, texts))
    before = first = 0
    for index, text in enumerate(texts):
        before += len(text)
        left = len(texts) - index - 1
        last = min(max(first + 1, round(len(spoken) * before / whole)), len(spoken) - left)
        own = spoken[first : last if left else len(spoken)]
        first = last
        phonemes = tuple(phoneme for word in own for phoneme in word.phonemes)
        yield Word(text, own[0].start, own[-1].end, phonemes)


def _divided(texts: Sequence[str], spoken: Sequence[Word]) -> Iterator[Word]:
    """Yield more written words than there are spoken ones; each gets a part of the time."""
    start, seconds = spoken[0].start, spoken[-1].end - spoken[0].start
    whole = sum(map(len, texts))
    before = 0
    phonemes = tuple(phoneme for word in spoken for phoneme in word.phonemes)
    for text in texts:
        begin, before = start + seconds * before / whole, before + len(text)
        end = start + seconds * before / whole
        own = tuple(phoneme for phoneme in phonemes if begin <= phoneme.start < end)
        yield Word(text, begin, end, own)
