"""Inputs, outputs, models and languages that the types for speech recognition share."""

from __future__ import annotations

from typing import Final

from gala.media import AssetKind, MediaClass
from gala.name_suggestions import language_suggestion
from gala.render_types.base import InputSpec, OutputSpec

HEARD_INPUT: Final = InputSpec(
    "The audio: an audio file, or a video with audio.",
    frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
    required=True,
)
WORDS_OUTPUT: Final = OutputSpec("words", AssetKind.CAPTIONS, "application/json")
VTT_OUTPUT: Final = OutputSpec("captions", AssetKind.CAPTIONS, "text/vtt")

WHISPER_LANGUAGES: Final = frozenset(
    {
        "af", "am", "ar", "as", "az", "ba", "be", "bg", "bn", "bo", "br", "bs", "ca", "cs", "cy",
        "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fo", "fr", "gl", "gu", "ha", "haw",
        "he", "hi", "hr", "ht", "hu", "hy", "id", "is", "it", "ja", "jw", "ka", "kk", "km", "kn",
        "ko", "la", "lb", "ln", "lo", "lt", "lv", "mg", "mi", "mk", "ml", "mn", "mr", "ms", "mt",
        "my", "ne", "nl", "nn", "no", "oc", "pa", "pl", "ps", "pt", "ro", "ru", "sa", "sd", "si",
        "sk", "sl", "sn", "so", "sq", "sr", "su", "sv", "sw", "ta", "te", "tg", "th", "tk", "tl",
        "tr", "tt", "uk", "ur", "uz", "vi", "yi", "yo", "yue", "zh",
    }
)  # fmt: skip
"""Languages of Whisper's large models; smaller models support all but ``yue``."""

WHISPER_SIZES: Final = (
    *("large-v3", "large-v3-turbo", "large-v2", "medium", "small", "base", "tiny"),
    *("medium.en", "small.en", "base.en", "tiny.en"),
)
"""Whisper's models, the best first; those that only know English last."""

_WHISPER_CODES: Final = {"cmn": "zh", "fil": "tl", "in": "id", "iw": "he", "jv": "jw", "nb": "no"}


def whisper_language(tag: str) -> str:
    """Return Whisper's code for a BCP 47 tag: ``es-MX`` → ``es``, ``cmn`` → ``zh``.

    Raise ValueError for a language that Whisper does not support.
    """
    first = tag.lower().replace("_", "-").partition("-")[0]
    code = _WHISPER_CODES.get(first, first)
    if code not in WHISPER_LANGUAGES:
        raise ValueError(
            f"Whisper does not know {tag!r}."
            f" {language_suggestion(tag, sorted(WHISPER_LANGUAGES), also=_WHISPER_CODES)}"
        )
    return code
