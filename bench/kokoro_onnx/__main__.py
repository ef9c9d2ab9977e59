"""``python3 run.py bench kokoro-onnx --weights FOLDER``: Kokoro on ONNX Runtime, by the engine and
by calling ONNX Runtime directly.

Both sides speak the same passages in turns, warm. The engine also finds the pronunciation and the
times of words, and writes a file. The time until the first sound of a long text through the API is
that of ``run.py bench speech kokoro --weights FOLDER``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.platform.report import machine, seconds
from bench.platform.setup import private_folder
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.kokoro.passages import passages
from gala_renderer.speech.kokoro.phonemize import Pronunciation, pronouncer
from gala_renderer.speech.kokoro.vocabulary import EDGE, NUMBERS
from gala_renderer.speech.kokoro.voices import KokoroLanguage
from gala_renderer.speech.kokoro.weights import find_onnx_weights
from gala_renderer.speech.protocol import Speech, Utterance
from gala_renderer.speech.word_tokens import Span, written_words

VOICE: Final = "ef_dora"
TEXT: Final = (
    "El viejo pescador salió de su casa antes del amanecer, como todos los días. "
    "En la playa no había nadie, y el mar estaba tan quieto que parecía un espejo. "
    "Empujó la barca hasta el agua, tomó los remos y empezó a cantar en voz baja. "
)
AT_MOST: Final = 1.05
"""Aim for our time as a multiple of theirs."""
A_SECOND: Final = 0.8
"""Aim for the seconds that a second of speech takes."""

_SIDE: Final = Path(__file__).with_name("direct.py")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench kokoro-onnx", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="*.onnx and voices/*.bin")
    parser.add_argument("--runs", type=int, default=5, help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    console = Console(width=110, highlight=False)
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder))
        ours, theirs, lasts = _measured(options.weights.absolute(), folder, options.runs)
    for name, found in (("by the engine", ours), ("onnxruntime directly", theirs)):
        each = ", ".join(f"{one:.2f}" for one in found)
        share = statistics.median(found) / lasts
        console.print(f"{name}: {each} s for {lasts:.1f} s of speech, median {share:.3f} s per s")
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    console.print(f"ratio of a turn, median: {ratio:.3f} (aim ≤ {AT_MOST}); a second: ≤ {A_SECOND}")
    console.print(f"load of the machine: {', '.join(f'{one:.1f}' for one in os.getloadavg())}")


def _measured(weights: Path, scratch: Path, runs: int) -> tuple[list[float], list[float], float]:
    """Return the times of both sides, measured in turns, and the length of the speech."""
    found = find_onnx_weights(weights)
    engine = KokoroEngine(Sandbox(ProcessLimits()), weights, backend="onnx", device="cpu")
    side = subprocess.Popen(
        [sys.executable, "-I", str(_SIDE), str(found.model), str(found.voices[VOICE])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    tokens = _tokens()
    with asyncio.Runner() as runner, side:

        def ours() -> Speech:
            return runner.run(_spoken(engine, scratch))

        lasts = ours().seconds
        _, theirs_last = _direct(side, tokens)
        if abs(lasts - theirs_last) > 0.2:
            raise RuntimeError(f"not the same speech: {lasts} s and {theirs_last} s")
        mine, theirs = [], []
        for _ in range(runs):
            mine.append(seconds(ours))
            theirs.append(_direct(side, tokens)[0])
        runner.run(engine.close())
        side.communicate()
    return mine, theirs, lasts


def _tokens() -> list[list[int]]:
    """Return the passages that the engine speaks, as numbers."""
    spanish, known = pronouncer(KokoroLanguage.SPANISH), frozenset(NUMBERS)

    def pronounce(text: str, words: Sequence[Span], _begin: int) -> Pronunciation:
        return spanish.sounds(text, words).only(known)

    found = passages(TEXT, written_words(TEXT, "es"), pronounce)
    return [[EDGE, *map(NUMBERS.__getitem__, one.sounds.symbols), EDGE] for one in found]


async def _spoken(engine: KokoroEngine, scratch: Path) -> Speech:
    return await engine.speak(
        Utterance(text=TEXT, voice=VOICE),
        target=scratch / "kokoro.wav",
        scratch=scratch,
        report=lambda _: None,
    )


def _direct(side: subprocess.Popen[str], tokens: list[list[int]]) -> tuple[float, float]:
    assert side.stdin
    assert side.stdout
    side.stdin.write(json.dumps(tokens) + "\n")
    side.stdin.flush()
    took, lasts = json.loads(side.stdout.readline())
    return float(took), float(lasts)


if __name__ == "__main__":
    main()
