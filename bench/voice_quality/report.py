"""The tables of the benchmark, with its aims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.voice_quality.quality import Quality

ERROR_AIMS: Final[Mapping[str, float]] = {
    "es": 0.04,
    "en": 0.04,
    "fr": 0.08,
    "it": 0.08,
    "pt": 0.08,
}
"""Aims for the word error rate of a neural voice, by language."""
MOS_AIM: Final = 3.2


class Kind(StrEnum):
    """A set of sentences."""

    NARRATION = "narration"
    FORMS = "numbers, dates, …"


@dataclass(frozen=True, slots=True)
class Row:
    """One set of sentences that one engine spoke in one language."""

    engine: str
    language: str
    kind: Kind
    quality: Quality
    megabytes: float
    """The peak memory of the model's process so far; 0 without one."""


def tell(row: Row, console: Console) -> None:
    """Print what was understood differently."""
    console.print(f"{row.engine}, {row.language}, {row.kind}: {row.quality.error_rate:.1%}")
    for one in row.quality.judged:
        if one.errors.errors:
            console.print(f"  {one.sentence.text} → {one.understood}", style="dim", markup=False)


def show(rows: Sequence[Row], console: Console) -> None:
    """Print all figures."""
    table = Table(title="Speech, as Whisper base and DNSMOS hear it", title_justify="left")
    for heading in ("engine", "", "sentences", "n"):
        table.add_column(heading)
    for heading in ("WER", "DNSMOS", "LUFS", "dBTP", "clipped", "silence"):
        table.add_column(heading, justify="right")
    for heading in ("cold", "s per s", "CPU s per s", "MB"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def _cells(row: Row) -> list[str]:
    found = row.quality
    aimed = not row.engine.startswith("espeak")
    error_aim = ERROR_AIMS.get(row.language)
    rate = f"{found.error_rate:.1%}"
    mos = f"{found.mos:.2f}"
    wall, cpu = found.warm
    low, high = found.lufs
    return [
        row.engine,
        row.language,
        row.kind,
        str(len(found.judged)),
        _verdict(rate, met=found.error_rate <= error_aim) if aimed and error_aim else rate,
        _verdict(mos, met=found.mos >= MOS_AIM) if aimed else mos,
        f"{low:.1f} … {high:.1f}",
        f"{found.true_peak:.1f}",
        _verdict(str(found.clipped), met=not found.clipped),
        f"{found.silence:.2f} s",
        f"{found.judged[0].spoken.took:.1f} s",
        f"{wall:.2f}",
        f"{cpu:.2f}",
        f"{row.megabytes:.0f}",
    ]


def _verdict(text: str, *, met: bool) -> str:
    return f"[{'green' if met else 'red'}]{text}[/]"
