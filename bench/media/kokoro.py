"""Kokoro's speech by the engine and by the kokoro package directly; same text, same weights.

The weights are random and have the real size (82 million), so that they take the same time.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.media.report import Row
from bench.media.setup import Bench
from bench.platform.report import seconds
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.protocol import Speech, Utterance
from tests.support.kokoro import make_weights

# Spanish, because kokoro downloads a spaCy model for English.
VOICE: Final = "ef_dora"
TEXT: Final = (
    "El viejo pescador salió de su casa antes del amanecer, como todos los días. "
    "En la playa no había nadie, y el mar estaba tan quieto que parecía un espejo. "
    "Empujó la barca hasta el agua, tomó los remos y empezó a cantar en voz baja. "
)
RUNS: Final = 3
AT_MOST: Final = 1.1

_SIDE: Final = Path(__file__).with_name("kokoro_side.py")


def rows(bench: Bench) -> Iterator[Row]:
    """Yield the only row."""
    folder = make_weights(bench.folder / "kokoro", full=True, voices=[VOICE])
    ours, theirs, lasts = _measured(folder, bench.folder)
    yield Row(
        what=f"Kokoro says {lasts:.0f} s, warm",
        ours=ours,
        below=AT_MOST * theirs,
        shown=f"kokoro called directly: {theirs:.2f} s; ratio {ours / theirs:.2f} (≤ {AT_MOST})",
    )


def _measured(folder: Path, scratch: Path) -> tuple[float, float, float]:
    """Return the medians of both, measured in turns, and the length of the speech."""
    engine = KokoroEngine(Sandbox(ProcessLimits()), folder, device="cpu")
    side = subprocess.Popen(
        [sys.executable, "-I", str(_SIDE), str(folder), VOICE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with asyncio.Runner() as runner, side:

        def ours() -> Speech:
            return runner.run(_spoken(engine, scratch))

        lasts = ours().seconds
        _direct(side)
        mine, theirs = [], []
        for _ in range(RUNS):
            mine.append(seconds(ours))
            theirs.append(_direct(side))
        runner.run(engine.close())
        side.communicate()
    return statistics.median(mine), statistics.median(theirs), lasts


async def _spoken(engine: KokoroEngine, scratch: Path) -> Speech:
    return await engine.speak(
        Utterance(text=TEXT, voice=VOICE),
        target=scratch / "kokoro.wav",
        scratch=scratch,
        report=lambda _: None,
    )


def _direct(side: subprocess.Popen[str]) -> float:
    assert side.stdin
    assert side.stdout
    side.stdin.write(json.dumps(TEXT) + "\n")
    side.stdin.flush()
    took, _ = json.loads(side.stdout.readline())
    return float(took)
