"""Speech by Kokoro, in nine languages; fast enough on a CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing
from gala.installation import install_hint
from gala_renderer.engine.plan import Report
from gala_renderer.model_workers.pool import PoolStatus, WorkerPool
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.speech.kokoro.voices import chosen, described
from gala_renderer.speech.kokoro.weights import find_weights
from gala_renderer.speech.protocol import Speech, Utterance, Voice
from gala_renderer.speech.words import Phoneme, Word

_CHILD: Final = "gala_renderer.speech.kokoro.child"
_PACKAGES: Final = ("torch", "kokoro", "misaki")
_SPACY_MODEL: Final = "en_core_web_sm"


class KokoroEngine:
    """Speaks in worker processes that keep the model loaded; this process never imports torch.

    ``folder`` holds the weights; at most ``processes`` copies of the model are loaded.
    """

    name: Final = "kokoro"

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        *,
        device: str = "auto",
        processes: int = 1,
        idle_seconds: float = 900.0,
    ):
        self._folder = folder
        self._pool = WorkerPool(
            sandbox,
            _CHILD,
            {"folder": str(folder), "device": device},
            max_workers=processes,
            idle_seconds=idle_seconds,
            environment={"PYTORCH_ENABLE_MPS_FALLBACK": "1"},
        )

    @property
    def status(self) -> PoolStatus:
        """The state of the worker processes; ``about`` has device and weights after first use."""
        return self._pool.status

    @property
    def version(self) -> str:
        """The versions of the package, of the weights, and of the English pronunciation model."""
        weights = find_weights(self._folder)
        parts = [version("kokoro"), str(find_spec(_SPACY_MODEL) is not None)]
        for path in (weights.model, weights.config, self._folder / "voices"):
            known = path.stat()
            parts.append(f"{path.name}:{known.st_size}:{known.st_mtime_ns}")
        return " ".join(parts)

    def available(self) -> str | None:
        """Return None if the packages and the weights are installed."""
        missing = [package for package in _PACKAGES if find_spec(package) is None]
        if missing:
            return (
                f"Kokoro is not installed ({', '.join(missing)} missing): "
                f"{install_hint('kokoro')} and `gala weights pull kokoro`."
            )
        try:
            find_weights(self._folder)
        except EngineMissing as error:
            return error.message
        return None

    async def voices(self) -> Sequence[Voice]:
        """Return all voices that have a file in the folder of weights."""
        return tuple(described(name) for name in find_weights(self._folder).voices)

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak; word times come from the model's predicted durations."""
        del scratch  # the worker process has its own folder
        if reason := self.available():
            raise EngineMissing(reason)
        # Validated before the model is loaded or waited for.
        chosen(utterance.voice, utterance.language, find_weights(self._folder).voices)
        words: list[Word] = []

        def on_event(event: Mapping[str, Any]) -> None:
            words.extend(_word(*plain) for plain in event["words"])
            report(event["fraction"])

        request = {
            "text": utterance.text,
            "voice": utterance.voice,
            "language": utterance.language,
            "speed": utterance.speed,
        }
        result = await self._pool.request(request, on_event=on_event, writes={"target": target})
        rate = result["rate"]
        return Speech(path=target, rate=rate, seconds=result["samples"] / rate, words=tuple(words))

    async def close(self) -> None:
        """End the worker processes."""
        await self._pool.close()


def _word(text: str, start: float, end: float, sounds: Sequence[tuple[str, float, float]]) -> Word:
    return Word(text, start, end, tuple(Phoneme(*sound) for sound in sounds))
