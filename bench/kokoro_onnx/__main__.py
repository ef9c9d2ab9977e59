"""``python3 run.py bench kokoro-onnx``: Kokoro on ONNX Runtime, by the engine and
by the package kokoro-onnx.

Both speak the same text with the same weights and as many threads, in turns, warm. The engine also
finds the times of words, and writes a file. kokoro-onnx is installed in an environment of its own
the first time. The time until the first sound of a long text through the API is that of
``run.py bench speech kokoro --first``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from bench.platform.environments import CACHE, pulled, python_with
from bench.platform.report import machine, seconds
from bench.platform.setup import private_folder
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.kokoro.weights import find_onnx_weights
from gala_renderer.speech.protocol import Speech, Utterance

PACKAGE: Final = "kokoro-onnx==0.6.1"
VOICE: Final = "ef_dora"
LANGUAGE: Final = "es"
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
_SAME_SECONDS: Final = 0.5
"""How much the lengths may differ: the pronunciations are not quite the same."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench kokoro-onnx", description=__doc__)
    parser.add_argument("--weights", type=Path, default=CACHE / "weights", help="where to pull to")
    parser.add_argument("--runs", type=int, default=5, help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    console = Console(width=110, highlight=False)
    weights = pulled("kokoro", options.weights.absolute())
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder))
        ours, theirs, lasts = _measured(weights, folder, options.runs)
    for name, found in (("by the engine", ours), (PACKAGE, theirs)):
        each = ", ".join(f"{one:.2f}" for one in found)
        share = statistics.median(found) / lasts
        console.print(f"{name}: {each} s for {lasts:.1f} s of speech, median {share:.3f} s per s")
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    console.print(f"ratio of a turn, median: {ratio:.3f} (aim ≤ {AT_MOST}); a second: ≤ {A_SECOND}")
    console.print(f"load of the machine: {', '.join(f'{one:.1f}' for one in os.getloadavg())}")


def _measured(weights: Path, scratch: Path, runs: int) -> tuple[list[float], list[float], float]:
    """Return the times of both sides, measured in turns, and the length of the speech."""
    engine = KokoroEngine(Sandbox(ProcessLimits()), weights, backend="onnx", device="cpu")
    with asyncio.Runner() as runner, _side(weights, scratch) as side:

        def ours() -> Speech:
            return runner.run(_spoken(engine, scratch))

        lasts = ours().seconds
        _, theirs_last = _direct(side)
        if abs(lasts - theirs_last) > _SAME_SECONDS:
            raise RuntimeError(f"not the same speech: {lasts} s and {theirs_last} s")
        mine, theirs = [], []
        for _ in range(runs):
            mine.append(seconds(ours))
            theirs.append(_direct(side)[0])
        runner.run(engine.close())
        side.communicate()
    return mine, theirs, lasts


def _side(weights: Path, scratch: Path) -> subprocess.Popen[str]:
    """Start the program with kokoro-onnx, which takes voices in one file."""
    found = find_onnx_weights(weights)
    voices = scratch / "voices.npz"
    np.savez(voices, **{VOICE: np.fromfile(found.voices[VOICE], "<f4").reshape(510, 1, 256)})
    threads = str(os.cpu_count() or 1)
    return subprocess.Popen(
        [
            python_with("kokoro-onnx", PACKAGE),
            *("-I", str(_SIDE), str(found.model), str(voices), VOICE, LANGUAGE, threads),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def _spoken(engine: KokoroEngine, scratch: Path) -> Speech:
    return await engine.speak(
        Utterance(text=TEXT, voice=VOICE),
        target=scratch / "kokoro.wav",
        scratch=scratch,
        report=lambda _: None,
    )


def _direct(side: subprocess.Popen[str]) -> tuple[float, float]:
    assert side.stdin
    assert side.stdout
    side.stdin.write(json.dumps(TEXT) + "\n")
    side.stdin.flush()
    took, lasts = json.loads(side.stdout.readline())
    return float(took), float(lasts)


if __name__ == "__main__":
    main()
