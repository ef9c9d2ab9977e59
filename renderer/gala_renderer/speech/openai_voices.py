"""The voices that OpenAI's clients ask for by name, spoken by the engines that are here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gala_renderer.transcription.language_detection import detect_language

_KOKORO: Final[Mapping[str, str]] = {
    "alloy": "af_alloy",
    "ash": "am_adam",
    "ballad": "bm_lewis",
    "cedar": "am_michael",
    "coral": "af_bella",
    "echo": "am_echo",
    "fable": "bm_fable",
    "marin": "bf_emma",
    "nova": "af_nova",
    "onyx": "am_onyx",
    "sage": "af_sarah",
    "shimmer": "af_sky",
    "verse": "am_puck",
}

PERSONAS: Final = frozenset(_KOKORO)


def voice_for(name: str | None, *, engine: str, text: str, language: str | None) -> str | None:
    """The engine's own name of the voice; ``None`` leaves it to choose by the language.

    Kokoro's voices speak one language each, so that its counterparts serve for English alone.
    """
    if name not in PERSONAS or engine == "openai":
        return name
    tongue = language or detect_language(text) or "en"
    return _KOKORO[name] if engine == "kokoro" and tongue.lower().startswith("en") else None
