"""Weights of Kokoro and Whisper for tests: tiny ones that are made, or published ones.

Tiny weights have the inputs and outputs of the real ones and load in a moment; what they say is a
hum and what they hear is gibberish. With ``pytest --real-weights`` the same tests run with
published weights.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.kokoro_onnx import make_onnx_weights
from tests.support.real_weights import PulledWeights
from tests.support.whisper_weights import make_whisper

OPTION = "--real-weights"


@dataclass(frozen=True)
class ModelWeights:
    """Provides weights; ``pulled`` is None if they are tiny."""

    pulled: PulledWeights | None

    @property
    def real(self) -> bool:
        """True if the weights are the published ones."""
        return self.pulled is not None

    @property
    def whisper_model(self) -> str:
        """The name of Whisper's model."""
        return "base" if self.real else "tiny"

    def kokoro(self, folder: Path) -> Path:
        """Return a folder for ``KOKORO_WEIGHTS``; tiny weights are made in ``folder``."""
        if self.pulled is not None:
            return self.pulled("kokoro") / "kokoro-onnx"
        return make_onnx_weights(folder / "kokoro-onnx")

    def whisper(self, folder: Path, *, multilingual: bool = False) -> Path:
        """Return a folder for ``WHISPER_MODEL``; tiny weights are made in ``folder``."""
        if self.pulled is not None:
            return self.pulled("whisper:base") / "whisper-base"
        return make_whisper(folder / "whisper-tiny", multilingual=multilingual)

    def install(self, folder: Path) -> None:
        """Put all into the folder that ``GALA_WEIGHTS_DIR`` names."""
        folder.mkdir(parents=True, exist_ok=True)
        for made in (self.kokoro(folder), self.whisper(folder)):
            if made.parent != folder:
                shutil.copytree(made, folder / made.name)


@pytest.fixture(scope="session")
def model_weights(request: pytest.FixtureRequest) -> ModelWeights:
    """Tiny weights, or published ones with ``--real-weights``."""
    if not request.config.getoption(OPTION):
        return ModelWeights(None)
    return ModelWeights(request.getfixturevalue("real_weights"))
