"""Captions without the emoji that no font has, and without the words that consist of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.speech.words import Word
from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.paragraph import unknown_emoji, without_emoji

_ENDS: Final = frozenset(".!?…,;:")


def undrawn_emoji(captions: Iterable[TimedCaption], chain: Sequence[Font]) -> tuple[str, ...]:
    """Return the emoji in captions that no font of the chain has, each once."""
    texts = (word.text for caption in captions for word in caption.words)
    return tuple(dict.fromkeys(one for text in texts for one in unknown_emoji(text, chain)))


def without_undrawn(
    captions: Iterable[TimedCaption], undrawn: Collection[str]
) -> Iterator[TimedCaption]:
    """Yield the captions without these emoji.

    A word of which only punctuation is left gives it to the word before, with its time.
    """
    for caption in captions:
        lines = tuple(line for one in caption.lines if (line := _drawn(one, undrawn)))
        if lines:
            yield replace(caption, lines=lines)


def _drawn(words: Sequence[Word], undrawn: Collection[str]) -> tuple[Word, ...]:
    kept: list[Word] = []
    opening = ""
    for word in words:
        text = word.text
        if any(character in undrawn for character in text):
            text = without_emoji(text, undrawn).strip()
        if text == word.text or any(character.isalnum() for character in text):
            kept.append(replace(word, text=opening + text))
            opening = ""
        elif kept:
            kept[-1] = replace(kept[-1], text=_ended(kept[-1].text, text), end=word.end)
        else:
            opening = text.strip("".join(_ENDS))
    return tuple(kept)


def _ended(text: str, punctuation: str) -> str:
    """Return a word with punctuation, of which one end of a sentence is enough."""
    is_ended = text[-1:] in _ENDS and punctuation[:1] in _ENDS
    return text if is_ended else text + punctuation
