"""Speech by Chatterbox, which imitates the voice of a sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gala.engine import OnProgress
from gala.errors import InvalidRequest
from gala.media_server.render_orders import speech_order
from gala.media_server.voice_config import VoiceConfig
from gala_renderer.library.audio_files import generate_speech
from gala_renderer.library.engine_call import PathLike


class ChatterboxTTS:
    """Clones voices, in English; the model is loaded once per process, by the first call."""

    def generate(
        self,
        text: str,
        output_path: PathLike,
        sample_audio_path: PathLike | None = None,
        exaggeration: float = 0.5,
        cfg_weight: float = 0.5,
        temperature: float = 0.8,
        chunk_chars: int = 1024,
        chunk_silence_ms: int = 350,
        *,
        on_progress: OnProgress | None = None,
    ) -> bool:
        """Generate speech in the format of the path's suffix (by default WAV), and return True.

        The model degrades with long texts, so it receives at most 280 characters at once, split at
        sentences, clauses or words, even if ``chunk_chars`` is larger. ``chunk_silence_ms`` is the
        pause between chunks. Raise ``EngineMissing`` naming the package to install, and
        ``InvalidRequest`` naming the argument.
        """
        if chunk_chars < 1:
            raise InvalidRequest("chunk_chars: Must be at least 1.", field="chunk_chars")
        # The engine validates the values and names the arguments in its errors.
        config = VoiceConfig.model_construct(
            engine="chatterbox",
            exaggeration=exaggeration,
            cfg_weight=cfg_weight,
            temperature=temperature,
        )
        sample = None if sample_audio_path is None else Path(sample_audio_path)
        order = speech_order(text, config, sample)
        params = {**order.params, "chunk_silence_ms": chunk_silence_ms}
        generate_speech(replace(order, params=params), output_path, on_progress)
        return True
