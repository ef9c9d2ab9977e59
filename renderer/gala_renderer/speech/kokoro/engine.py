"""Speech by Kokoro, in nine languages; fast enough on a CPU."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing
from gala.render_types.params.kokoro_voices import VOICES, is_voice, letter_of, voices_in
from gala_renderer.engine.plan import Report
from gala_renderer.model_workers.pool import WORKER_LIMITS, PoolStatus, WorkerPool
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.kokoro.backends import Backend, Backends, Wanted, missing_for
from gala_renderer.speech.kokoro.voices import (
    TAGS,
    KokoroLanguage,
    alternating,
    chosen,
    described,
    in_order,
    language_of,
)
from gala_renderer.speech.protocol import Speech, Utterance, Voice
from gala_renderer.speech.words import Phoneme, Word

_DEFAULT_VOICE: Final = VOICES[0]
_CHILD: Final = "gala_renderer.speech.kokoro.child"
# A passage of the greatest length takes 1.9 GB of address space, and no graphics card is mapped.
_ONNX_LIMITS: Final = ProcessLimits(memory_bytes=8 * 1024**3, cpu_seconds=WORKER_LIMITS.cpu_seconds)


class KokoroEngine:
    """Speaks in worker processes that keep the model loaded; this process never imports torch.

    ``folder`` holds the weights for torch, ``onnx_folder`` those for ONNX Runtime (``folder`` if
    None); ``backend`` says which of them to use. At most ``processes`` copies of the model are
    loaded, which share the cores.
    """

    name: Final = "kokoro"
    licence: Final = "Apache-2.0"
    takes_ipa = True

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        *,
        onnx_folder: Path | None = None,
        backend: Wanted = "auto",
        device: str = "auto",
        processes: int = 1,
        idle_seconds: float = 900.0,
    ):
        self._sandbox = sandbox
        self._backends = Backends(
            torch_folder=folder,
            onnx_folder=folder if onnx_folder is None else onnx_folder,
            wanted=backend,
            device=device,
        )
        self._processes = processes
        self._idle_seconds = idle_seconds
        self._pools: dict[Backend, WorkerPool] = {}
        self._last: WorkerPool | None = None

    @property
    def status(self) -> PoolStatus:
        """The state of the worker processes; ``about`` has backend, device and weights after first
        use."""
        return PoolStatus(up=0, busy=0, started=0) if self._last is None else self._last.status

    @property
    def version(self) -> str:
        """The versions of the packages, the weights, and the English pronunciation model."""
        return self._backends.version()

    def backend(self) -> str:
        """Return what runs the model here: ``onnx`` or ``torch``. Raise ``EngineMissing``."""
        return self._backends.choose().value

    def available(self) -> str | None:
        """Return None if the packages and the weights of a backend are installed."""
        try:
            self._backends.choose()
        except EngineMissing as error:
            return error.message
        return None

    async def voices(self) -> Sequence[Voice]:
        """Return all voices that have a file in the folder of weights."""
        names = in_order(self._backends.voices(self._backends.choose()))
        return tuple(described(name) for name in names)

    def voice_language(self, voice: str | None) -> str | None:
        """Return the language of the voice, of a mix that of the first."""
        letter = (voice or KokoroLanguage.AMERICAN).strip()[:1].lower()
        known = letter in frozenset(KokoroLanguage)
        return TAGS[KokoroLanguage(letter)] if known else None

    def owns(self, voice: str) -> bool:
        """Return True for ``af_heart`` and mixes of such names."""
        return all(is_voice(name) for name in voices_in(voice))

    def knows(self, language: str) -> bool:
        """Return True for the nine languages of Kokoro-82M."""
        return language_of(language) is not None

    def lacks_for(self, language: str) -> str | None:
        """Return what is missing to speak the language; None if nothing is."""
        known = language_of(language)
        return None if known is None else self._backends.lacks_for(known)

    async def voice_in(self, language: str, like: str | None) -> str | None:
        """Return the first voice of the language with the same gender, or its first."""
        if self.lacks_for(language) is not None:
            return None
        letter = letter_of(language)
        gender = (like or _DEFAULT_VOICE).strip().lower()[1:2]
        names = self._backends.voices(self._backends.choose())
        found = [name for name in in_order(names) if name[0] == letter]
        return next((name for name in found if name[1] == gender), next(iter(found), None))

    async def usual_voices(self, language: str | None) -> Sequence[Voice]:
        """Return the voices of a language, women and men in turn, the best of each first."""
        letter = letter_of(language or TAGS[KokoroLanguage.AMERICAN])
        voices = [voice for voice in await self.voices() if voice.name[0] == letter]
        return alternating(voices)

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak; word times come from the model's predicted durations."""
        del scratch  # the worker process has its own folder
        backend = self._backends.choose()
        # Validated before the model is loaded or waited for.
        choice = chosen(utterance.voice, utterance.language, self._backends.voices(backend))
        if missing := missing_for(choice.tongue):
            raise EngineMissing(missing, field="params.language")
        words: list[Word] = []

        def on_event(event: Mapping[str, Any]) -> None:
            words.extend(_word(*plain) for plain in event["words"])
            report(event["fraction"])

        request = {
            "text": utterance.text,
            "voice": utterance.voice,
            "language": utterance.language,
            "speed": utterance.speed,
            "ipa": [astuple(one) for one in utterance.ipa],
        }
        pool = self._last = self._pool(backend)
        result = await pool.request(request, on_event=on_event, writes={"target": target})
        rate = result["rate"]
        return Speech(
            path=target,
            rate=rate,
            seconds=result["samples"] / rate,
            words=tuple(words),
            voice=utterance.voice or choice.shares[0][0],
            language=TAGS[choice.tongue],
            backend=backend.value,
        )

    async def close(self) -> None:
        """End the worker processes."""
        for pool in self._pools.values():
            await pool.close()

    def _pool(self, backend: Backend) -> WorkerPool:
        """Return the workers of a backend, which changes if other weights are installed."""
        if backend not in self._pools:
            options = {"backend": backend.value, "folder": str(self._backends.folder(backend))}
            self._pools[backend] = WorkerPool(
                self._sandbox,
                _CHILD,
                {**options, **self._resources(backend)},
                max_workers=self._processes,
                idle_seconds=self._idle_seconds,
                environment={"PYTORCH_ENABLE_MPS_FALLBACK": "1"},
                limits=_ONNX_LIMITS if backend is Backend.ONNX else WORKER_LIMITS,
            )
        return self._pools[backend]

    def _resources(self, backend: Backend) -> Mapping[str, Any]:
        if backend is Backend.TORCH:
            return {"device": self._backends.device}
        return {"threads": max(1, -(-(os.cpu_count() or 1) // self._processes))}


def _word(text: str, start: float, end: float, sounds: Sequence[tuple[str, float, float]]) -> Word:
    return Word(text, start, end, tuple(Phoneme(*sound) for sound in sounds))
