"""Speech by Kokoro."""

from __future__ import annotations

from typing import Any

from gala.engine import OnProgress
from gala.errors import InvalidRequest
from gala.media_server.render_orders import DEFAULT_VOICE, speech_order
from gala.media_server.voice_config import VoiceConfig
from gala.name_suggestions import language_suggestion, suggestion
from gala.render_types.params.kokoro_voices import VOICES
from gala_renderer.library.audio_files import generate_speech, probe
from gala_renderer.library.engine_call import PathLike
from gala_renderer.speech.kokoro.voices import TAGS


class KokoroTTS:
    """Generates speech with Kokoro; the model is loaded once per process, by the first call."""

    def generate(
        self,
        text: str,
        output_path: PathLike,
        voice: str = DEFAULT_VOICE,
        speed: float = 1.0,
        *,
        on_progress: OnProgress | None = None,
    ) -> tuple[list[dict[str, Any]], float]:
        """Generate speech, and return its words with their times, and its duration in seconds.

        The voice determines the language, and the suffix of ``output_path`` the format: ``.wav``,
        ``.mp3``, ``.m4a``, ``.ogg`` or ``.flac``. Raise ``EngineMissing`` naming the package to
        install, and ``InvalidRequest`` naming the argument.
        """
        if voice not in VOICES and not set(voice) & set("+:"):
            raise InvalidRequest(
                f"voice: There is no voice {voice!r}. {suggestion(voice, VOICES)}",
                field="voice",
            )
        # The engine validates the values and names the arguments in its errors.
        config = VoiceConfig.model_construct(engine="kokoro", voice=voice, speed=speed)
        order = speech_order(text, config)
        captions = generate_speech(order, output_path, on_progress)
        return captions, float(probe(output_path)["duration"])

    def valid_voices(self, lang_code: str | None = None) -> list[str]:
        """Return all of Kokoro's voices, or those of a language.

        ``lang_code`` is Kokoro's letter (``a`` American, ``b`` British, ``e`` Spanish, ``f``
        French, ``h`` Hindi, ``i`` Italian, ``j`` Japanese, ``p`` Brazilian, ``z`` Mandarin) or a
        tag (``en-US``, ``es``).
        """
        if lang_code is None:
            return list(VOICES)
        letters = [
            language.value
            for language, tag in TAGS.items()
            if lang_code.lower() in {language.value, tag.lower(), tag.lower().partition("-")[0]}
        ]
        if not letters:
            raise InvalidRequest(
                f"lang_code: Kokoro has no language {lang_code!r}."
                f" {language_suggestion(lang_code, TAGS.values(), also=map(str, TAGS))}",
                field="lang_code",
            )
        return [voice for voice in VOICES if voice[0] in letters]
