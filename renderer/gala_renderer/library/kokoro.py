"""Kokoro's voices."""

from __future__ import annotations

from typing import Any

from gala.engine import OnProgress
from gala.errors import InvalidRequest
from gala.media_server.render_orders import USUAL_VOICE, speech_order
from gala.media_service.models import Voice
from gala.render_types.params.kokoro_voices import VOICES
from gala_renderer.library.audio_files import probe, speak
from gala_renderer.library.engine_call import PathLike
from gala_renderer.speech.kokoro.voices import TAGS


class KokoroTTS:
    """Speaks with Kokoro. The model is loaded at the first speech, once for the whole program."""

    def generate(
        self,
        text: str,
        output_path: PathLike,
        voice: str = USUAL_VOICE,
        speed: float = 1.0,
        *,
        on_progress: OnProgress | None = None,
    ) -> tuple[list[dict[str, Any]], float]:
        """Speak a text into a file; gives its words with their times, and its length in seconds.

        The voice tells the language. The file's suffix tells its format: ``.wav``, ``.mp3``,
        ``.m4a``, ``.ogg``, ``.flac``. Raises ``EngineMissing`` naming what to install, and
        ``InvalidRequest`` naming the argument.
        """
        if voice not in VOICES and not set(voice) & set("+:"):
            raise InvalidRequest(
                f"voice: there is no voice {voice!r}; there are {', '.join(VOICES)}.",
                field="voice",
            )
        order = speech_order(text, Voice.model_construct(engine="kokoro", voice=voice, speed=speed))
        captions = speak(order, output_path, on_progress)
        return captions, float(probe(output_path)["duration"])

    def valid_voices(self, lang_code: str | None = None) -> list[str]:
        """All of Kokoro's voices, or those of a language.

        ``lang_code`` is Kokoro's letter (``a`` American, ``b`` British, ``e`` Spanish, ``f``
        French, ``h`` Hindi, ``i`` Italian, ``j`` Japanese, ``p`` Brazilian, ``z`` Mandarin) or a
        tag (``en-US``, ``es``).
        """
        if lang_code is None:
            return list(VOICES)
        letters = [
            tongue.value
            for tongue, tag in TAGS.items()
            if lang_code.lower() in {tongue.value, tag.lower(), tag.lower().partition("-")[0]}
        ]
        if not letters:
            known = ", ".join(f"{tongue} ({tag})" for tongue, tag in TAGS.items())
            raise InvalidRequest(
                f"lang_code: Kokoro does not speak {lang_code!r}; it speaks {known}.",
                field="lang_code",
            )
        return [voice for voice in VOICES if voice[0] in letters]
