"""What all measurements of presenters share: the engine, a painted portrait, and speech."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bench.media.setup import ROOT
from gala.cli.weights.install import pull
from gala.cli.weights.registry import find
from gala_renderer.avatars.drawings.portrait.painting import portrait
from tests.support.engine import EngineHarness
from tests.support.kept_step import KeepingFFmpeg

CACHE: Final = ROOT / ".gala" / "bench"
TEXT: Final = {
    "es": "Hola, soy tu presentadora. Hoy te cuento cómo se prepara un buen café en casa, paso a"
    " paso, sin prisa y con muy poco. Primero, muele el grano. ¿Ves? Es más fácil de lo que"
    " parece. ",
    "en": "Hello, I am your presenter. Today I show you how to prepare a better coffee at home,"
    " step by step, with very few things. First, grind the beans. You see? It is simpler than"
    " most people believe. ",
}


@dataclass(frozen=True, slots=True)
class Bench:
    """The engine (one render at a time, no cache of results), and a folder."""

    folder: Path
    harness: EngineHarness
    ffmpeg: KeepingFFmpeg

    def spoken(self, seconds: float, language: str = "es", **voice: Any) -> str:
        """Return a text that takes about as long when it is spoken."""
        once = self.speak(TEXT[language], language, **voice)[1]
        return TEXT[language] * max(1, round(seconds / once))

    def speak(self, text: str, language: str = "es", **voice: Any) -> tuple[float, float]:
        """Return the seconds that the synthesis takes, and those of the speech."""
        params = {"engine": "espeak", **voice, "text": text, "language": language}
        began = time.perf_counter()
        made = self.harness.make("tts", params, seconds=600)
        took = time.perf_counter() - began
        words = json.loads(made.path("words").read_text())
        return took, float((words["words"] if isinstance(words, dict) else words)[-1]["end_ts"])


@contextmanager
def start_bench(folder: Path, weights: Path) -> Iterator[Bench]:
    """Prepare everything; the models of faces are pulled once."""
    pull(find("faces"), weights)
    harness = EngineHarness(folder / "engine", renderer_slots=1, gala_weights_dir=weights)
    keeping = KeepingFFmpeg(harness.engine.ffmpeg, folder / "kept")
    harness.engine.ffmpeg = keeping
    try:
        yield Bench(folder, harness, keeping)
    finally:
        harness.close()


def painted_portrait() -> Path:
    """Return a PNG of the painted portrait; painting it takes some seconds, once."""
    path = CACHE / "portrait.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.png")
        Image.fromarray(portrait()).save(part)
        shutil.move(part, path)
    return path
