"""The symbols of Kokoro-82M and their numbers, as ``config.json`` of its weights has them.

The ONNX weights come without that file.
"""

# ruff: noqa: RUF001 - letters of the IPA and of other scripts

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_RUNS: Final[Mapping[int, str]] = {
    1: ';:,.!?', 9: '—…"()“” \u0303ʣʥʦʨᵝ\uab67A', 25: "I", 31: "O", 33: "Q", 35: "ST", 39: "W",
    41: "Yᵊabcdef", 50: "hijklmnopqrstuvwxyzɑɐɒæ", 75: "βɔɕç", 80: "ɖðʤə", 85: "ɚɛɜ", 90: "ɟ",
    92: "ɡ", 99: "ɥ", 101: "ɨɪʝ", 110: "ɯɰŋɳɲɴø", 118: "ɸθœ", 123: "ɹ", 125: "ɾɻ", 128: "ʁɽʂʃʈʧ",
    135: "ʊʋ", 138: "ʌɣɤ", 142: "χʎ", 147: "ʒʔ", 156: "ˈˌː", 162: "ʰ", 164: "ʲ", 169: "↓",
    171: "→↗↘", 177: "ᵻ",
}  # fmt: skip
"""Symbols with consecutive numbers, by the number of the first."""

NUMBERS: Final[Mapping[str, int]] = {
    symbol: first + at for first, run in _RUNS.items() for at, symbol in enumerate(run)
}
EDGE: Final = 0
"""The number before the first and after the last symbol."""
