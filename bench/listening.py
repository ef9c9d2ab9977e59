"""``python3 run.py bench listening [--minutes N] [--language en]``: Whisper base on long speech.

Kokoro speaks 20 sentences, which are repeated with pauses until the recording is ten minutes long.
The type ``transcribe`` hears it, as users have it. Printed are the word errors, the language and
its probability, how steady the progress is, how much memory the model worker has, and how far word
starts are from those that Kokoro gave, in each tenth of the recording: they must not drift.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import threading
import time
import wave
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console

from bench.platform.environments import CACHE, pulled
from bench.platform.report import machine
from bench.platform.setup import private_folder
from bench.word_times import SENTENCES, VOICES
from tests.support.engine import EngineHarness

ERRORS_AIM: Final = 0.04
STEP_AIM: Final = 0.1
"""Aim for the largest step of the progress: Whisper hears 30 seconds at a time."""
MEMORY_AIM_MB: Final = 1200
DRIFT_AIM: Final = 0.1
"""Aim for the seconds between the medians of the first and the last tenth."""
_PAUSE_SECONDS: Final = 0.6
_NEAR_SECONDS: Final = 2.0
"""How far a word that was heard may be from the one that was spoken."""
_SECONDS: Final = 3600.0
_WORKER: Final = "gala_renderer.transcription.whisper_child"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of ``seconds``, and its words with the times at which they start."""

    path: Path
    seconds: float
    words: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Listening:
    """What was measured; times in seconds, ``memory`` in megabytes."""

    recording: Recording
    took: float
    transcript: Mapping[str, Any]
    fractions: Sequence[float]
    memory: float

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """The starts of the words that were heard where they were spoken: spoken and heard."""
        heard = [(_plain(word["text"]), word["start_ts"]) for word in self.transcript["words"]]
        starts = [start for _, start in heard]
        found = []
        for text, start in self.recording.words:
            near = heard[
                bisect_left(starts, start - _NEAR_SECONDS) : bisect_left(
                    starts, start + _NEAR_SECONDS
                )
            ]
            same = [moment for word, moment in near if word == text]
            if same:
                found.append((start, min(same, key=lambda moment: abs(moment - start))))
        return found

    @property
    def errors(self) -> float:
        """The words that were not heard where they were spoken, and those added, as a share."""
        spoken, heard = len(self.recording.words), len(self.transcript["words"])
        return (spoken - len(self.pairs) + max(0, heard - spoken)) / spoken

    @property
    def largest_step(self) -> float:
        """The largest step of the progress."""
        return float(np.diff([0.0, *self.fractions]).max())

    @property
    def tenths(self) -> list[float]:
        """The median error of word starts in each tenth of the recording."""
        spoken, heard = np.array(self.pairs).T
        place = np.minimum(9, (spoken / self.recording.seconds * 10).astype(int))
        return [float(np.median((heard - spoken)[place == tenth])) for tenth in range(10)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench listening", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="(default: %(default)s)")
    parser.add_argument(
        "--language", choices=[*VOICES], default="en", help="(default: %(default)s)"
    )
    parser.add_argument("--weights", type=Path, default=CACHE / "weights", help="where to pull to")
    options = parser.parse_args(arguments)
    console = Console(width=110, highlight=False)
    root = options.weights.absolute()
    for name in ("kokoro", "whisper:base"):
        pulled(name, root)
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder))
        found = measured(root, folder, options.language, 60 * options.minutes)
    _print(found, options.language, console)


def measured(weights: Path, folder: Path, language: str, seconds: float) -> Listening:
    """Return what is measured with a recording of about that length."""
    engine = EngineHarness(folder / "engine", gala_weights_dir=weights)
    try:
        recording = _recorded(engine, folder / "long.wav", language, seconds)
        with _memory() as most:
            began = time.perf_counter()
            made = engine.make("transcribe", audio=recording.path, seconds=_SECONDS)
            took = time.perf_counter() - began
        transcript = json.loads(made.path("words").read_text(encoding="utf-8"))
    finally:
        engine.close()
    return Listening(recording, took, transcript, made.fractions, max(most) / 1e6)


def _recorded(engine: EngineHarness, path: Path, language: str, seconds: float) -> Recording:
    """Write the recording: the same speech again and again."""
    text = " ".join(SENTENCES[language].split("\n")[:21]).strip()
    made = engine.make("tts", {"text": text, "voice": VOICES[language]}, seconds=_SECONDS)
    with wave.open(str(made.path("audio"))) as file:
        parameters = file.getparams()
        once = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    gap = np.zeros(round(_PAUSE_SECONDS * parameters.framerate), np.int16)
    part: NDArray[np.int16] = np.concatenate([once, gap])
    repeats = max(1, round(seconds * parameters.framerate / len(part)))
    with wave.open(str(path), "wb") as file:
        file.setparams(parameters)
        for _ in range(repeats):
            file.writeframes(part.tobytes())
    lasts = len(part) / parameters.framerate
    spoken = json.loads(made.path("words").read_text(encoding="utf-8"))
    words = [
        (_plain(word["text"]), word["start_ts"] + number * lasts)
        for number in range(repeats)
        for word in spoken
    ]
    return Recording(path, lasts * repeats, words)


@contextmanager
def _memory() -> Iterator[list[float]]:
    """Collect the resident bytes of Whisper's worker while the block runs."""
    found, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            found.append(max(map(_resident, psutil.Process().children(recursive=True)), default=0))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) if _WORKER in process.cmdline() else 0.0
    except psutil.Error:
        return 0.0


def _plain(word: str) -> str:
    return re.sub(r"\W", "", word.lower())


def _print(found: Listening, language: str, console: Console) -> None:
    heard, tenths = found.transcript, found.tenths
    lines = {
        "speech": f"{found.recording.seconds:.0f} s, {len(found.recording.words)} words",
        "heard in": f"{found.took:.0f} s, {found.took / found.recording.seconds:.3f} s per second",
        "word errors": f"{found.errors:.1%} (aim ≤ {ERRORS_AIM:.0%})",
        "language": f"{heard['language']} ({heard['language_probability']:.2f}), is {language}",
        "progress": f"{len(found.fractions)} events, rising: "
        f"{list(found.fractions) == sorted(found.fractions)}, largest step"
        f" {found.largest_step:.1%} (aim ≤ {STEP_AIM:.0%})",
        "memory": f"{found.memory:.0f} MB at most (aim ≤ {MEMORY_AIM_MB})",
        "word starts": "median error of each tenth: " + " ".join(f"{one:+.2f}" for one in tenths),
        "drift": f"{tenths[-1] - tenths[0]:+.3f} s (aim ≤ {DRIFT_AIM})",
        "load": ", ".join(f"{one:.1f}" for one in os.getloadavg()),
    }
    for name, value in lines.items():
        console.print(f"{name:>12}: {value}")


if __name__ == "__main__":
    main()
