"""Checks of the languages of voices, before a job runs."""

from __future__ import annotations

from typing import Final

from gala.errors import InvalidRequest
from gala.name_suggestions import VOICE_LISTING, language_suggestion
from gala.render_types.params import espeak_voices, kokoro_voices
from gala.render_types.params.speech_marks import LANGUAGE_CODES
from gala.render_types.params.voice import SpeechEngineName, VoiceParams

_ENGINES: Final = (SpeechEngineName.AUTO, SpeechEngineName.ESPEAK, SpeechEngineName.KOKORO)
"""The engines whose languages are known here."""
_SPOKEN: Final = frozenset(
    {*kokoro_voices.LANGUAGES, *(name.partition("-")[0] for name in espeak_voices.VOICES)}
)
_KNOWN: Final = LANGUAGE_CODES | _SPOKEN


def unknown_language(voice: VoiceParams) -> str | None:
    """Return what is wrong with the language of a voice: a name such as ``spanish``, or no code.

    Whether an engine speaks a language that there is, the engine decides.
    """
    tag = voice.language
    if tag is None or voice.engine not in _ENGINES:
        return None
    if tag.lower().replace("_", "-").partition("-")[0] in _KNOWN:
        return None
    hint = language_suggestion(tag, sorted(_SPOKEN), listing=VOICE_LISTING)
    return f"There is no language {tag[:40]!r}. {hint}"


def check_language(voice: VoiceParams, field: str = "params.language") -> None:
    """Raise InvalidRequest, with the tag that is meant, if there is no such language."""
    problem = unknown_language(voice)
    if problem is not None:
        raise InvalidRequest(f"{field}: {problem}", field=field)
