"""Kokoro by the package of its authors, on torch; never uses the network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from gala.errors import EngineMissing
from gala_renderer.speech.kokoro.model import Samples, Shares, no_check
from gala_renderer.speech.kokoro.weights import KokoroWeights

_REPOSITORY: Final = "hexgrad/Kokoro-82M"


class TorchModel:
    """The model on ``device``: ``auto`` (CUDA, then MPS, then CPU), ``cpu``, ``mps``, ``cuda`` or
    ``cuda:N``.

    Raise ``EngineMissing`` if a package or the device is missing.
    """

    def __init__(self, weights: KokoroWeights, *, device: str = "auto"):
        self.voices = weights.voices
        self.check: Callable[[], None] = no_check
        self._device = _device(device)
        self.about: Mapping[str, str] = {
            "backend": "torch",
            "device": self._device,
            "weights": weights.model.name,
        }
        self._model = _loaded(weights, self._device)
        for module in self._model.modules():
            module.register_forward_pre_hook(lambda *_: self.check())
        self.known = frozenset(self._model.vocab)
        self._styles: dict[str, Any] = {}

    def infer(self, symbols: str, shares: Shares, speed: float) -> tuple[Samples, list[int]]:
        """Return the sound of a passage, and its symbols' lengths in frames."""
        import torch  # noqa: PLC0415

        # The model generates the noise of breath and fricatives at random.
        torch.manual_seed(0)
        style: Any = sum(share * self._voice(name)[len(symbols) - 1] for name, share in shares)
        output = self._model(symbols, style, speed, return_output=True)
        frames: list[int] = output.pred_dur.reshape(-1).tolist()
        return np.clip(output.audio.numpy(), -1, 1), frames

    def _voice(self, name: str) -> Any:
        import torch  # noqa: PLC0415

        if name not in self._styles:
            style = torch.load(self.voices[name], map_location="cpu", weights_only=True)
            self._styles[name] = style.to(self._device)
        return self._styles[name]


def _device(requested: str) -> str:
    import torch  # noqa: PLC0415

    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if requested == "auto":
        return next((name for name, there in has.items() if there), "cpu")
    if not has.get(requested.partition(":")[0], True):
        raise EngineMissing(
            f"KOKORO_DEVICE is {requested}, but torch finds no such device. Set it to auto or cpu."
        )
    return requested


def _loaded(weights: KokoroWeights, device: str) -> Any:
    from kokoro.model import KModel  # noqa: PLC0415

    config = json.loads(weights.config.read_text(encoding="utf-8"))
    model = KModel(repo_id=_REPOSITORY, config=config, model=str(weights.model))
    return model.to(device).eval()
