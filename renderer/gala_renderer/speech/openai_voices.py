"""OpenAI's voice names, mapped to the voices of the engines available here."""

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
    """Return the engine's name for the voice; None lets the engine choose by language.

    Each Kokoro voice speaks one language, so its counterparts are used for English only.
    """
    if name not in PERSONAS or engine == "openai":
        return name
    spoken_language = language or detect_language(text) or "en"
    return (
        _KOKORO[name] if engine == "kokoro" and spoken_language.lower().startswith("en") else None
    )
