"""Folders with Kokoro's weights: as published by its authors, and those for ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import EngineMissing
from gala.render_types.params.kokoro_voices import is_voice
from gala_renderer.speech.kokoro.voices import in_order

_REMEDY: Final = (
    "Run `gala weights pull {}`, or set KOKORO_WEIGHTS to a folder that has the weights."
)
TORCH_REMEDY: Final = _REMEDY.format("kokoro:torch")
ONNX_REMEDY: Final = _REMEDY.format("kokoro")


@dataclass(frozen=True, slots=True)
class KokoroWeights:
    """A folder of weights for torch: ``config.json``, a ``.pth`` file and ``voices/*.pt``."""

    config: Path
    model: Path
    voices: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class OnnxWeights:
    """A folder of weights for ONNX Runtime: an ``.onnx`` file and ``voices/*.bin``."""

    model: Path
    voices: Mapping[str, Path]


class WeightsMissing(EngineMissing):
    """Kokoro's weights are not installed."""


def find_weights(folder: Path) -> KokoroWeights:
    """Find torch's weights in a folder. Raise ``EngineMissing`` naming what is missing."""
    if absent := absent_files(folder):
        raise not_found([(folder, absent)], remedy=TORCH_REMEDY)
    model = min(folder.glob("*.pth"))
    return KokoroWeights(folder / "config.json", model, _voices(folder, "pt"))


def find_onnx_weights(folder: Path) -> OnnxWeights:
    """Find ONNX Runtime's weights in a folder. Raise ``EngineMissing`` naming what is missing."""
    if absent := absent_onnx_files(folder):
        raise not_found([(folder, absent)])
    return OnnxWeights(min(folder.glob("*.onnx")), _voices(folder, "bin"))


def absent_files(folder: Path) -> Sequence[str]:
    """Return the patterns of torch's weights that no file in the folder matches."""
    patterns = ("config.json", "*.pth")
    absent = [pattern for pattern in patterns if not any(folder.glob(pattern))]
    return absent if _voices(folder, "pt") else [*absent, "voices/*.pt"]


def absent_onnx_files(folder: Path) -> Sequence[str]:
    """Return the patterns of ONNX Runtime's weights that no file in the folder matches."""
    absent = [] if any(folder.glob("*.onnx")) else ["*.onnx"]
    return absent if _voices(folder, "bin") else [*absent, "voices/*.bin"]


def not_found(
    places: Sequence[tuple[Path, Sequence[str]]], *, remedy: str = ONNX_REMEDY
) -> WeightsMissing:
    """Return the error for folders, in none of which the weights are complete."""
    where = ", nor in ".join(f"{folder} ({', '.join(absent)} missing)" for folder, absent in places)
    return WeightsMissing(f"Kokoro's weights are not in {where}. {remedy}")


def _voices(folder: Path, suffix: str) -> Mapping[str, Path]:
    found = {path.stem: path for path in folder.glob(f"voices/*.{suffix}") if is_voice(path.stem)}
    return {name: found[name] for name in in_order(found)}
