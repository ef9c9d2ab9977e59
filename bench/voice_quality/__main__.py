"""``python3 run.py bench voice_quality``: how well speech is understood and how it sounds.

Each engine speaks 40 sentences of everyday narration per language, and texts with numbers, dates,
prices, URLs and pauses, as the job ``tts`` does. Measured are the words that Whisper base
understands differently (``WER``), the overall rating of DNSMOS, loudness, clipping, the longest
silence inside a sentence, and the time: cold, with the model's start, and warm, per second of
speech. Weights are pulled once, to ``.gala/bench``.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.media.setup import ROOT
from bench.platform.report import machine
from bench.platform.setup import private_folder
from bench.voice_quality import report
from bench.voice_quality.dnsmos import Dnsmos
from bench.voice_quality.quality import Judge, Quality
from bench.voice_quality.sentences import LANGUAGES, narration, written_forms
from bench.voice_quality.speaker import ENGINES, Speaker
from gala.cli.weights.install import pull
from gala.cli.weights.registry import find
from gala_renderer.transcription.whisper import WhisperTranscriber

_CACHE: Final = ROOT / ".gala" / "bench"
_NOT_KOKORO: Final = frozenset({"de"})
"""Languages of the sentences that only espeak-ng speaks."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(arguments)
    # Also clean up when the benchmark is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    console = Console(width=120, highlight=False)
    for name in ("kokoro", "whisper:base"):
        pull(find(name), options.weights)
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder))
        listener = WhisperTranscriber(options.weights / "whisper-base", compute_type="int8")
        judge = Judge(listener, Dnsmos(_CACHE / "speechmos"), folder)
        rows = []
        for name in options.engines:
            rows += _measured(judge, name, options, console)
        report.show(rows, console)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench voice_quality", description=__doc__)
    parser.add_argument("--languages", type=_names(LANGUAGES), default=list(LANGUAGES))
    parser.add_argument("--engines", type=_names(ENGINES), default=list(ENGINES))
    parser.add_argument("--sentences", type=int, help="per set (default: all)")
    parser.add_argument("--voice", help="instead of the engine's voice for the language")
    parser.add_argument("--weights", type=Path, default=_CACHE / "weights")
    return parser.parse_args(arguments)


def _names(known: Sequence[str] | dict[str, str]) -> object:
    def names(text: str) -> list[str]:
        found = text.split(",")
        if unknown := [name for name in found if name not in known]:
            raise argparse.ArgumentTypeError(
                f"unknown: {', '.join(unknown)}; choose from: {', '.join(known)}"
            )
        return found

    return names


def _measured(
    judge: Judge, name: str, options: argparse.Namespace, console: Console
) -> list[report.Row]:
    speaker = Speaker(name, options.weights, judge.folder / name, options.voice)
    try:
        if reason := speaker.missing():
            console.print(f"{name} is left out: {reason}", style="yellow")
            return []
        rows = []
        for language in options.languages:
            if language in _NOT_KOKORO and name != "espeak":
                continue
            rows += [_row(judge, speaker, name, language, kind, options) for kind in report.Kind]
            for row in rows[-len(report.Kind) :]:
                report.tell(row, console)
        return rows
    finally:
        speaker.close()


def _row(
    judge: Judge,
    speaker: Speaker,
    name: str,
    language: str,
    kind: report.Kind,
    options: argparse.Namespace,
) -> report.Row:
    texts = narration if kind is report.Kind.NARRATION else written_forms
    quality: Quality = judge.judge(speaker, texts(language, options.sentences), language)
    return report.Row(name, language, kind, quality, speaker.peak_megabytes())


if __name__ == "__main__":
    main()
