"""The tables of the benchmark, with its aims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
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
    FORMS = "written forms"


@dataclass(frozen=True, slots=True)
class Row:
    """One set of sentences that one engine spoke in one language."""

    engine: str
    language: str
    kind: Kind
    quality: Quality
    cold: float | None
    """Seconds for the first sentence, with the start of the model; None if it had been started."""
    first_sound: float
    """Seconds until the first sound of the whole set as one text, streamed, warm."""
    megabytes: float
    """The peak memory of the model's process so far; 0 without one."""

    @property
    def name(self) -> str:
        """What was measured."""
        return f"{self.engine}, {self.language}, {self.kind}"

    def missed(self) -> Iterator[str]:
        """Yield the aims for a neural voice that this row does not meet; none for espeak-ng."""
        if self.engine.startswith("espeak"):
            return
        found = self.quality
        aim = ERROR_AIMS.get(self.language)
        if aim is not None and found.error_rate > aim:
            yield f"WER {found.error_rate:.1%} > {aim:.0%}"
        if found.mos < MOS_AIM:
            yield f"DNSMOS {found.mos:.2f} < {MOS_AIM}"
        if found.clipped:
            yield f"{found.clipped} samples clipped"


def tell(row: Row, console: Console) -> None:
    """Print the result of a set as soon as it is there, and what was understood differently."""
    found = row.quality
    console.print(f"{row.name}: WER {found.error_rate:.1%}, DNSMOS {found.mos:.2f}")
    for one in row.quality.judged:
        if one.errors.errors:
            console.print(f"  {one.sentence.text} → {one.understood}", style="dim", markup=False)


def show(rows: Sequence[Row], console: Console) -> None:
    """Print all figures, the engines of a language side by side, and the aims that are missed."""
    table = Table(title="Speech, as Whisper base and DNSMOS hear it", title_justify="left")
    for heading in ("", "sentences", "engine"):
        table.add_column(heading, no_wrap=True)
    for heading in ("n", "WER", "DNSMOS", "LUFS", "dBTP", "clipped", "silence"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("cold", "s per s", "CPU s", "first", "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    languages = list(dict.fromkeys(row.language for row in rows))
    kinds = list(Kind)
    ordered = sorted(rows, key=lambda row: (languages.index(row.language), kinds.index(row.kind)))
    for _, group in groupby(ordered, key=lambda row: row.language):
        for row in group:
            table.add_row(*_cells(row))
        table.add_section()
    console.print(table)
    missed = [f"{row.name}: {aim}" for row in ordered for aim in row.missed()]
    console.print("Aims missed: " + "; ".join(missed) if missed else "All aims are met.")


def _cells(row: Row) -> list[str]:
    found = row.quality
    wall, cpu = found.warm
    low, high = found.lufs
    return [
        row.language,
        row.kind,
        row.engine,
        str(len(found.judged)),
        f"{found.error_rate:.1%}",
        f"{found.mos:.2f}",
        f"{low:.1f}…{high:.1f}",
        f"{found.true_peak:.1f}",
        str(found.clipped),
        f"{found.silence:.2f} s",
        "" if row.cold is None else f"{row.cold:.1f} s",
        f"{wall:.2f}",
        f"{cpu:.2f}",
        f"{row.first_sound:.1f} s",
        f"{row.megabytes:.0f}",
    ]
