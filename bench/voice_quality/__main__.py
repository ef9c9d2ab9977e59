"""``python3 run.py bench voice-quality``: how well speech is understood and how it sounds.

Each engine speaks 40 sentences of everyday narration per language, and texts with numbers, dates,
prices, URLs and pauses, as the job ``tts`` does. Measured are the words that Whisper base
understands differently (``WER``), the overall rating of DNSMOS, loudness, clipping, the longest
silence inside a sentence, and the time: cold, with the model's start; warm, per second of speech;
and until the first sound of a long text that is streamed. Weights are pulled once, to
``.gala/bench``.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.media.setup import ROOT
from bench.platform.report import machine
from bench.platform.setup import private_folder
from bench.voice_quality import dnsmos, report
from bench.voice_quality.dnsmos import Dnsmos
from bench.voice_quality.quality import Judge
from bench.voice_quality.sentences import LANGUAGES, narration, written_forms
from bench.voice_quality.speaker import ENGINES, KOKORO_TORCH, Speaker
from gala.cli.weights.install import pull
from gala.cli.weights.registry import find
from gala.errors import Unavailable
from gala_renderer.transcription.whisper import WhisperTranscriber

_CACHE: Final = ROOT / ".gala" / "bench"
_NOT_KOKORO: Final = frozenset({"de"})
"""Languages of the sentences that only espeak-ng speaks."""
_LONGEST_TEXT: Final = 2000
"""Characters of the text whose first sound is timed."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(arguments)
    # Also clean up when the benchmark is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    console = Console(width=140, highlight=False)
    for weights in (find("kokoro"), find("whisper:base"), dnsmos.WEIGHTS):
        pull(weights, options.weights)
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder))
        listener = WhisperTranscriber(options.weights / "whisper-base", compute_type="int8")
        judge = Judge(listener, Dnsmos(options.weights), folder)
        rows = [row for name in options.engines for row in _measured(judge, name, options, console)]
        report.show(rows, console)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench voice-quality", description=__doc__)
    parser.add_argument("--languages", type=_names(LANGUAGES), default=list(LANGUAGES))
    parser.add_argument("--engines", type=_names(ENGINES), default=list(ENGINES))
    parser.add_argument("--sentences", type=int, help="per set (default: all)")
    parser.add_argument("--voice", help="instead of the engine's voice for the language")
    parser.add_argument("--weights", type=Path, default=_CACHE / "weights")
    return parser.parse_args(arguments)


def _names(known: Collection[str]) -> Callable[[str], list[str]]:
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
) -> Iterator[report.Row]:
    reason = _not_pulled(options.weights) if name == KOKORO_TORCH else None
    speaker = Speaker(name, options.weights, judge.folder / name, options.voice)
    try:
        if reason := reason or speaker.missing():
            console.print(f"{name} is left out: {reason}", style="yellow")
            return
        cold = True
        for language in options.languages:
            if language in _NOT_KOKORO and name != "espeak":
                continue
            for kind in report.Kind:
                row = _row(judge, speaker, name, language, kind, options, cold=cold)
                report.tell(row, console)
                yield row
                cold = False
    finally:
        speaker.close()


def _not_pulled(weights: Path) -> str | None:
    """Pull Kokoro's weights for torch, which only the model hub has; return why that failed."""
    try:
        pull(find("kokoro:torch"), weights)
    except Unavailable as error:
        return str(error)
    return None


def _row(
    judge: Judge,
    speaker: Speaker,
    name: str,
    language: str,
    kind: report.Kind,
    options: argparse.Namespace,
    *,
    cold: bool,
) -> report.Row:
    texts = narration if kind is report.Kind.NARRATION else written_forms
    sentences = texts(language, options.sentences)
    quality = judge.judge(speaker, sentences, language)
    whole = " ".join(one.text for one in sentences)[:_LONGEST_TEXT]
    return report.Row(
        name,
        language,
        kind,
        quality,
        cold=quality.judged[0].spoken.took if cold else None,
        first_sound=speaker.first_sound(whole, language),
        megabytes=speaker.peak_megabytes(),
    )


if __name__ == "__main__":
    main()
