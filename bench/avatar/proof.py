"""The proof of lips on rendered films: portraits of a folder, two languages, three voices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.avatar.setup import TEXT
from gala.cli.weights.install import pull
from gala.cli.weights.registry import find
from tests.support.lip_proof import Proof, Stage

_VOICES: Final = {"espeak-ng": "espeak", "Kokoro": "kokoro", "recorded": "kokoro"}
_SIZE: Final = (540, 720, 30)
_LEAST: Final = {"correlation": 0.8, "sharpness": 0.9}


def show(
    folder: Path, weights: Path, portraits: Sequence[Path], repeats: int, console: Console
) -> None:
    """Render and judge each film, and print one line for each."""
    for name in ("faces", "kokoro", "whisper:base"):
        pull(find(name), weights)
    table = Table(
        *("portrait", "voice", "m b p shut", "silence shut", "follows jaw", "lag"),
        *("blinks closed", "unrest", "sharpness"),
        title=f"Seen on the films, {_SIZE[0]}x{_SIZE[1]}, {_SIZE[2]} fps",
    )
    stage = Stage(folder, weights)
    try:
        for portrait, name, language, proof in _proofs(stage, portraits, repeats):
            table.add_row(portrait.stem, f"{name} {language}", *_cells(proof))
            console.print(f"{portrait.stem}, {name} {language}: {proof}", style="dim")
    finally:
        stage.close()
    console.print(table)


def _proofs(
    stage: Stage, portraits: Sequence[Path], repeats: int
) -> Iterator[tuple[Path, str, str, Proof]]:
    for portrait in portraits:
        for name, engine in _VOICES.items():
            for language, text in TEXT.items():
                spoken: dict[str, Any] = {"engine": engine, "language": language}
                proof = stage.prove(
                    {**spoken, "text": text * repeats},
                    portrait,
                    _SIZE,
                    recorded=name == "recorded",
                )
                yield portrait, name, language, proof


def _cells(proof: Proof) -> tuple[str, ...]:
    return (
        _judged(f"{proof.shut}/{proof.closures}", good=proof.shut == proof.closures),
        _judged(
            f"{proof.shut_silent_frames}/{proof.silent_frames}",
            good=proof.shut_silent_frames == proof.silent_frames,
        ),
        _judged(f"{proof.correlation:.2f}", good=proof.correlation >= _LEAST["correlation"]),
        _judged(f"{proof.lag:+.1f}", good=abs(proof.lag) <= 1),
        _judged(f"{proof.closed_blinks}/{proof.blinks}", good=proof.closed_blinks == proof.blinks),
        _judged(f"{proof.unrest:.2f}", good=proof.unrest < 1),
        _judged(f"{proof.sharpness:.2f}", good=proof.sharpness >= _LEAST["sharpness"]),
    )


def _judged(text: str, *, good: bool) -> str:
    return text if good else f"[red]{text}[/red]"
