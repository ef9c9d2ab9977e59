"""Transcriptions in the IPA as engines take them. Pure."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
from typing import Final

from gala.render_types.params.ipa import LETTERS, STRESS, TIES

VOWELS: Final = "aeiouyɐɑɒæɔəɘɚɛɜɝɞɨɪɵøœɶʉʊʌɯɤʏᵻᵿ"
_CONSONANTS: Final = "".join(sorted(LETTERS - set(VOWELS)))
_BEFORE_ONSET: Final = re.compile(f"([{STRESS}])([{_CONSONANTS}ʰʲʷˠˤ\u0325\u032a]+)(?=[{VOWELS}])")
_SEPARATORS: Final = str.maketrans("", "", f"{TIES}.|‖‿-")


def with_stress_at_vowels(ipa: str) -> str:
    """Return a transcription with stress marks before vowels, where engines expect them, and
    without ties and the boundaries of syllables."""
    return _BEFORE_ONSET.sub(r"\2\1", ipa.translate(_SEPARATORS))
