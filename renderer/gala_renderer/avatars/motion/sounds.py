"""Phonemes as the speech engines spell them to visemes.

espeak-ng writes one phoneme as one or several IPA letters with marks (``ˈaɪ``, ``tʃʲ``, ``ɐ̃ʊ̃``),
for some languages with its own ASCII signs (``ts.h``, ``e-``). Kokoro's phonemes are one letter or
a pair, and may be a stress mark alone. Every letter is one sound here; affricates and diphthongs
are several.
"""

# ruff: noqa: RUF001, RUF002 - the IPA's own letters

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gala_renderer.avatars.motion.visemes import VOWELS, Viseme


@dataclass(frozen=True, slots=True)
class Sound:
    """The viseme of one letter."""

    viseme: Viseme
    strength: float = 1.0
    """Of vowels, the opening of the jaw relative to the viseme's; of lips (PP, FF), how far they
    close."""


def _each(letters: str, viseme: Viseme, strength: float = 1.0) -> dict[str, Sound]:
    return dict.fromkeys(letters, Sound(viseme, strength))


_SOUNDS: Final[Mapping[str, Sound]] = {
    **_each("mbpɓʙʘ", Viseme.PP),
    **_each("β", Viseme.PP, 0.6),
    **_each("ɸ", Viseme.PP, 0.5),
    **_each("fvɱⱱ", Viseme.FF),
    **_each("ʋ", Viseme.FF, 0.7),
    **_each("θð", Viseme.TH),
    **_each("tdʈɖɗlɫɭɬɮɺrɾɽʎʟǀǁǃ", Viseme.DD),
    **_each("nɳɲ", Viseme.NN),
    **_each("kɡgɠcɟʄqɢʛxɣχʁʀħʕhɦɧʔŋɴɰʜʢʡ", Viseme.KK),
    **_each("ʃʒʂʐɕʑʧʤʨʥꭧ", Viseme.CH),
    **_each("çʝj", Viseme.IH, 0.8),
    **_each("szʦʣ", Viseme.SS),
    **_each("ɹɻ", Viseme.RR),
    **_each("wʍɥʷ", Viseme.OU, 0.8),
    **_each("aɑäɶ", Viseme.AA),
    **_each("ɐʌ", Viseme.AA, 0.75),
    **_each("əɘɜɞɚɝɤ", Viseme.AA, 0.5),
    **_each("æ", Viseme.E, 1.5),
    **_each("ɛε", Viseme.E, 1.2),
    **_each("e", Viseme.E, 0.95),
    **_each("i", Viseme.IH, 0.9),
    **_each("ɪᵻ", Viseme.IH, 1.2),
    **_each("ɨɯ", Viseme.IH),
    **_each("ɔ", Viseme.OH, 1.2),
    **_each("ɒ", Viseme.OH, 1.4),
    **_each("oɵ", Viseme.OH, 0.9),
    **_each("œ", Viseme.OH, 1.1),
    **_each("ø", Viseme.OH, 0.8),
    **_each("uyʉ", Viseme.OU),
    **_each("ʊʏ", Viseme.OU, 1.2),
}
_NEUTRAL: Final = Sound(Viseme.AA, 0.5)
_ASPIRATED: Final = frozenset("ptkcqʈdbɡɖɟs")
_NAMED_AFTER: Final = re.compile(
    r"LATIN (?:SMALL |CAPITAL )?LETTER (?:SMALL CAPITAL |OPEN |TURNED |REVERSED )*([A-Z])\b"
)
_SHARES: Final = {True: 1.0, False: 0.7}
"""Vowels are longer than consonants."""
_STRESS: Final = {"ˈ": 1.0, "ˌ": 0.5}


@lru_cache(maxsize=4096)
def sounds_of(symbol: str) -> tuple[tuple[Sound, float], ...]:
    """Return the sounds of a phoneme with their shares of its duration, which add up to 1.

    Letters that no table has get the class of the letter that they are derived from, otherwise
    that of a neutral vowel. Marks (stress, length, tone, voicing) have no sound.
    """
    found = list(_letters(symbol[:16]))
    shares = [_SHARES[sound.viseme in VOWELS] for sound in found]
    return tuple((sound, share / sum(shares)) for sound, share in zip(found, shares, strict=True))


def stress_of(symbol: str) -> float:
    """Return 1 for primary stress, 0.5 for secondary, otherwise 0."""
    return max((_STRESS.get(mark, 0.0) for mark in symbol), default=0.0)


def spelled(text: str) -> tuple[str, ...]:
    """Return the letters of a word as symbols, for words whose phonemes are not known."""
    return tuple("ə" if c.isdigit() else c for c in text.casefold() if c.isalnum())


def _letters(symbol: str) -> Iterator[Sound]:
    before = ""
    for letter in symbol:
        if letter == "h" and before in _ASPIRATED:
            continue  # espeak-ng's aspirated stops (``th``)
        sound = _sound(letter)
        if sound is not None:
            yield sound
            before = letter


def _sound(letter: str) -> Sound | None:
    known = _SOUNDS.get(letter)
    if known is not None:
        return known
    category = unicodedata.category(letter)
    if category[0] != "L" or category == "Lm":
        return None
    plain = unicodedata.normalize("NFKD", letter)[0].casefold()[:1]
    named = _NAMED_AFTER.match(unicodedata.name(letter, ""))
    derived = _SOUNDS.get(plain) or (_SOUNDS.get(named[1].lower()) if named else None)
    return derived or _NEUTRAL
