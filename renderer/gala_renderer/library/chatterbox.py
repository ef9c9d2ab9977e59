"""Chatterbox: a voice like that of a sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gala.engine import OnProgress
from gala.errors import InvalidRequest
from gala.media_server.render_orders import speech_order
from gala.media_service.models import Voice
from gala_renderer.library.audio_files import speak
from gala_renderer.library.engine_call import PathLike


class ChatterboxTTS:
    """Clones voices, in English. The model is loaded at the first speech, once for the program."""

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
        """Speak a text into a file (WAV, or as its suffix says); ``True`` when it is there.

        The model wanders off in long texts: it gets at most 280 characters at once, cut between
        sentences, clauses or words, however many ``chunk_chars`` allow. ``chunk_silence_ms`` lie
        between them. Raises ``EngineMissing`` naming what to install, and ``InvalidRequest``
        naming the argument.
        """
        if chunk_chars < 1:
            raise InvalidRequest("chunk_chars: must be at least 1.", field="chunk_chars")
        manner = Voice.model_construct(
            engine="chatterbox",
            exaggeration=exaggeration,
            cfg_weight=cfg_weight,
            temperature=temperature,
        )
        sample = None if sample_audio_path is None else Path(sample_audio_path)
        order = speech_order(text, manner, sample)
        params = {**order.params, "chunk_silence_ms": chunk_silence_ms}
        speak(replace(order, params=params), output_path, on_progress)
        return True
