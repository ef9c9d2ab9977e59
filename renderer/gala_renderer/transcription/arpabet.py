"""Map IPA symbols to the nearest of the 39 phones of pocketsphinx's English model.

Exact for English. For other languages it is close enough to locate a known word, because a forced
alignment only needs the order of the phones.
"""

# ruff: noqa: RUF001 - the IPA's own letters

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_PAIRS: Final[Mapping[str, str]] = {
    "aɪ": "AY", "ai": "AY", "aʊ": "AW", "au": "AW", "ɔɪ": "OY", "ɔø": "OY", "oɪ": "OY",
    "eɪ": "EY", "ei": "EY", "ɛɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ou": "OW", "ɔʊ": "OW",
    "ɪɹ": "IH R", "ɛɹ": "EH R", "ʊɹ": "UH R", "ɔɹ": "AO R", "ɑɹ": "AA R", "əl": "AH L",
    "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH", "ʈʂ": "CH", "ɖʐ": "JH", "tʂ": "CH",
    "ts": "T S", "dz": "D Z", "pf": "P F",
}  # fmt: skip
_SINGLES: Final[Mapping[str, str]] = {
    "i": "IY", "ɪ": "IH", "e": "EH", "ɛ": "EH", "æ": "AE", "a": "AA", "ɑ": "AA", "ɒ": "AA",
    "ɔ": "AO", "o": "OW", "u": "UW", "ʊ": "UH", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɜ": "ER",
    "ɚ": "ER", "ɝ": "ER", "y": "IY", "ʏ": "IH", "ø": "ER", "œ": "ER", "ɨ": "IH", "ᵻ": "IH",
    "ɯ": "UW", "ɤ": "AH", "ɵ": "UH", "ʉ": "UW", "ɘ": "IH", "ɞ": "ER", "ɶ": "AE",
    "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "g": "G", "q": "K", "c": "K",
    "ɟ": "G", "ʈ": "T", "ɖ": "D", "f": "F", "v": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z",
    "ʃ": "SH", "ʒ": "ZH", "ɕ": "SH", "ʑ": "ZH", "ʂ": "SH", "ʐ": "ZH", "ç": "HH", "x": "HH",
    "χ": "HH", "ɣ": "G", "ʁ": "R", "ʀ": "R", "ħ": "HH", "ʕ": "AH", "h": "HH", "ɦ": "HH",
    "β": "V", "ɸ": "F", "m": "M", "ɱ": "M", "n": "N", "ɳ": "N", "ɲ": "N Y", "ŋ": "NG", "ɴ": "NG",
    "l": "L", "ɫ": "L", "ɭ": "L", "ɬ": "L", "ʎ": "L Y", "r": "R", "ɹ": "R", "ɾ": "R", "ɻ": "R",
    "ɽ": "R", "j": "Y", "ʝ": "Y", "w": "W", "ɥ": "W", "ʋ": "V", "ɰ": "W", "ʍ": "W",
}  # fmt: skip
_NASAL: Final = "\N{COMBINING TILDE}"


def arpabet(symbols: Iterable[str], language: str | None = None) -> tuple[str, ...]:
    """Return the phones of IPA symbols: ``("h", "ə", "l", "oʊ")`` → ``("HH", "AH", "L", "OW")``.

    Symbols without a near phone (a glottal stop, a tone) are omitted.
    """
    flap = (language or "en").lower().startswith("en")
    return tuple(phone for symbol in symbols for phone in _phones(symbol, flap))


def _phones(symbol: str, flap: bool) -> Iterator[str]:
    if flap and symbol == "ɾ":
        # American English: the t of "water".
        yield "D"
        return
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFC", symbol).replace("ç", "x"))
    nasal = _NASAL in plain
    letters = "".join(c for c in plain if unicodedata.category(c)[0] == "L" and c not in "ʰʲʷˠˤː")
    at = 0
    while at < len(letters):
        pair = _PAIRS.get(letters[at : at + 2])
        single = _SINGLES.get(letters[at], "")
        yield from (pair or single).split()
        at += 2 if pair else 1
    if nasal and letters:
        yield "N"
