"""The setting ``GALA_VOICE``: who speaks if a request names neither engine nor voice."""

from __future__ import annotations

from enum import StrEnum


class DefaultVoice(StrEnum):
    """The voice of the engine ``auto``."""

    AUTO = "auto"
    """Kokoro where it is installed and speaks the language, else espeak-ng."""
    KOKORO = "kokoro"
    """The same, but it is an error if Kokoro speaks the language and is not installed."""
    ESPEAK_NG = "espeak-ng"
    """espeak-ng, also where Kokoro is installed."""
