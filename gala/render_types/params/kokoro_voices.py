"""The voices of Kokoro-82M, by name; which of them are installed is another matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# The best of each language comes first: it speaks when only the language is named.
_NAMES: Final[Mapping[str, str]] = {
    "af": "heart alloy aoede bella jessica kore nicole nova river sarah sky",
    "am": "michael adam echo eric fenrir liam onyx puck santa",
    "bf": "emma alice isabella lily",
    "bm": "george daniel fable lewis",
    "ef": "dora",
    "em": "alex santa",
    "ff": "siwis",
    "hf": "alpha beta",
    "hm": "omega psi",
    "if": "sara",
    "im": "nicola",
    "jf": "alpha gongitsune nezumi tebukuro",
    "jm": "kumo",
    "pf": "dora",
    "pm": "alex santa",
    "zf": "xiaobei xiaoni xiaoxiao xiaoyi",
    "zm": "yunjian yunxi yunxia yunyang",
}
VOICES: Final = tuple(
    f"{group}_{name}" for group, names in _NAMES.items() for name in names.split()
)
"""All 54: the language's letter, ``f`` or ``m``, and the voice's own name."""
