"""A folder with Kokoro's weights, as published by its authors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gala.errors import EngineMissing
from gala_renderer.speech.kokoro.voices import in_order, is_voice


@dataclass(frozen=True, slots=True)
class KokoroWeights:
    """A folder of weights: ``config.json``, a ``.pth`` file and ``voices/*.pt``."""

    config: Path
    model: Path
    voices: Mapping[str, Path]


def find_weights(folder: Path) -> KokoroWeights:
    """Find the weights in a folder. Raise ``EngineMissing`` naming what is missing."""
    models = sorted(folder.glob("*.pth"))
    voices = {path.stem: path for path in folder.glob("voices/*.pt") if is_voice(path.stem)}
    config = folder / "config.json"
    contents = {"config.json": config.is_file(), "*.pth": models, "voices/*.pt": voices}
    missing = [name for name, found in contents.items() if not found]
    if missing:
        raise EngineMissing(
            f"Kokoro's weights are not in {folder} ({', '.join(missing)} missing). "
            "Run `gala weights pull kokoro`, or set KOKORO_WEIGHTS to a folder that has them."
        )
    return KokoroWeights(config, models[0], {name: voices[name] for name in in_order(voices)})
