"""Phoneme mnemonics of espeak-ng for the symbols of the IPA. Pure.

Each voice has its own phonemes, so a symbol has several candidates, the best first;
:mod:`~gala_renderer.speech.espeak.program` finds out which of them the voice has.
"""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gala_renderer.speech.ipa import with_stress_at_vowels
from gala_renderer.speech.protocol import IpaStretch

_CANDIDATES_TABLE: Final = """
ɡ g
θ T t
ð D d
ʃ S s
ʒ Z z
tʃ tS
dʒ dZ
ts ts
dz dz
tɕ tS; tS
dʑ dZ; dZ
ɕ S; S
ʑ Z; Z
ŋ N n
ɲ n^ nj
ʎ l^ lj
ɾ * r
r r R R2 **
ɹ r- r
ʁ r r" R Q
ʀ r" R
χ X x
ç C S
ɣ Q g
β B b
ʔ ?
ʂ s. S
ʐ z. Z
ʈ t. t
ɖ d. d
ɳ n. n
ɭ l. l
ɽ *. *
c c k
ɟ J g
ɸ F f
ħ H h
ɦ h
ʋ v# v
ʍ w# w
ɬ l# l
ɫ l
ɱ m
ɥ y# w
ɰ Q g
a a a# A
æ a & E
ɑ A A: 0 a
ɒ 0 A O
ɔ O O: o
o o oU
e e eI E
ɛ E e
i i i: I
ɪ I I2 i
u u u: U
ʊ U u
ʌ V a# a
ə @ @2 a# e
ɐ a# V a
ɜ 3 3: @ e
ɚ 3 @r @ e
ɝ 3: 3 @ e
ɘ @ e
ɵ @ o
ɞ 3: e
ɨ i" I i
ᵻ I# I i
ʉ u" u
ᵿ U# U u
y y i i:
ʏ I. y I i
ø Y @ e
œ W Y E e
ɶ W a
ɯ u- u
ɤ o- o
aː a: A: a
ɑː A: A a
ɒː O: 0
ɔː O: O o
oː o: oU o
eː e: eI e
ɛː E: e@ E e
iː i: i
uː u: u
yː y: y i
øː Y: Y e
œː W: W e
ɜː 3: 3 e
ɝː 3: 3 e
əː @: 3: @ e
aɪ aI
aʊ aU
eɪ eI
oʊ oU
əʊ oU
ɔɪ OI
ɪə i@
eə e@
ʊə U@
"""
_NASAL: Final = {
    "ɛ": "E~ W~ E", "ɑ": "A~ O~ A a", "ɔ": "O~ o~ O o", "œ": "W~ E~ W", "a": "a~ A~ a",
    "e": "e~ E~ e", "i": "i~ i", "o": "o~ O~ o", "u": "u~ u", "ɐ": "&~ a~ a",
}  # fmt: skip
_CANDIDATES: Final[Mapping[str, tuple[str, ...]]] = {
    **{line.split()[0]: tuple(line.split()[1:]) for line in _CANDIDATES_TABLE.strip().splitlines()},
    **{f"{vowel}\u0303": tuple(listed.split()) for vowel, listed in _NASAL.items()},
}
_MARKS: Final = {"ˈ": "'", "ˌ": ","}
_PLAIN: Final = frozenset("bdfhjklmnpqstvwxz")
"""Consonants whose mnemonic is the symbol itself."""
_UNIT: Final = re.compile(
    "|".join([*map(re.escape, sorted(_CANDIDATES, key=len, reverse=True)), "."]), re.DOTALL
)


def phoneme_request(one: IpaStretch) -> list[Any]:
    """Return the stretch as the program takes it: start, end, and units.

    A unit is ``[symbol, candidates]``; those of stress marks and spaces are ``["", [mnemonic]]``.
    """
    units: list[Any] = []
    for symbol in _UNIT.findall(with_stress_at_vowels(one.ipa)):
        if symbol.isspace() or symbol in _MARKS:
            units.append(["", [_MARKS.get(symbol, " ")]])
        elif symbol in _CANDIDATES:
            units.append([symbol, list(_CANDIDATES[symbol])])
        elif symbol in _PLAIN:
            units.append([symbol, [symbol]])
    return [one.start, one.end, units]
