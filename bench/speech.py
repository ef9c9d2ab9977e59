"""``python3 run.py bench speech [ENGINE …]``: time until the first sound of 2,000 characters.

``POST /v1/audio/speech`` of a real API, read as a stream. The first sound is when the bytes
received so far decode to samples; a header alone does not count. Cold is the first speech of a
renderer that was just started; warm figures are medians. Kokoro speaks with its published weights,
on ONNX Runtime. With ``--first``, the client leaves after the first sound, and only that is timed.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import statistics
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from bench.platform.environments import pulled
from bench.platform.report import machine
from bench.platform.setup import Bench, private_folder, start_bench
from tests.support.kokoro import make_weights

AIM: Final = 0.15
"""Aim for the time until the first sound, as a share of the whole time."""
FIRST_AIM: Final = 1.5
"""Aim for the seconds until the first sound, warm."""
CHARACTERS: Final = 2000
FORMATS: Final = ("mp3", "wav", "opus", "pcm")
# Spanish, because kokoro downloads a spaCy model for English.
VOICES: Final[Mapping[str, str]] = {"espeak": "es", "kokoro": "ef_dora"}
ROUNDS: Final[Mapping[str, int]] = {"espeak": 5, "kokoro": 1}
"""Number of warm rounds per format; Kokoro takes minutes for one."""
FIRST_ROUNDS: Final = 5
"""The same if only the first sound is timed."""

_PARAGRAPH: Final = (
    "El viejo pescador salió de su casa antes del amanecer, como todos los días. En la playa no"
    " había nadie, y el mar estaba tan quieto que parecía un espejo. Empujó la barca hasta el agua,"
    " tomó los remos y empezó a cantar en voz baja. ¿Qué cantaba? Una canción que su abuela le"
    " había enseñado cuando era niño, en una cocina que olía a pan y a leña, mientras afuera el"
    " viento movía las ramas de los almendros y los perros del pueblo ladraban a la luna. "
)
TEXT: Final = (_PARAGRAPH * 6)[: CHARACTERS - 1] + "."
_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of one speech in seconds from the request; ``lasts`` is the length of the sound.

    The last two are None if the client left after the first sound.
    """

    byte: float
    sound: float
    whole: float | None = None
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Measurements of one engine in one format."""

    engine: str
    form: str
    state: str
    measured: Sequence[Timing]

    def typical(self, name: str) -> float | None:
        """Return the median of that time; None if it was not measured."""
        found = [getattr(one, name) for one in self.measured]
        return None if None in found else statistics.median(found)

    @property
    def ratio(self) -> float | None:
        """The time of the first sound as a share of the whole, if that was measured."""
        shares = [one.sound / one.whole for one in self.measured if one.whole]
        return statistics.median(shares) if shares else None

    @property
    def met(self) -> bool | None:
        """True if the aim was met; None if there is none for it."""
        if self.ratio is not None:
            return self.ratio < AIM
        sound = self.typical("sound")
        return None if sound is None or self.state == "cold" else sound <= FIRST_AIM


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; remove all files afterwards."""
    parser = argparse.ArgumentParser(prog="run.py bench speech", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=", ".join(VOICES))
    parser.add_argument("--formats", default=",".join(FORMATS), help="(default: %(default)s)")
    parser.add_argument("--first", action="store_true", help="time only the first sound")
    parser.add_argument("--weights", type=Path, help="Kokoro's folder (default: pulled weights)")
    parser.add_argument("--quick", action="store_true", help="tiny random weights, one round")
    parser.add_argument("--folder", type=Path, default=Path("/tmp"), help="where to work")
    options = parser.parse_args(arguments)
    if unknown := set(options.engines) - VOICES.keys():
        parser.error(f"unknown: {', '.join(unknown)}; choose from: {', '.join(VOICES)}")
    engines, forms = options.engines or list(VOICES), options.formats.split(",")
    if unknown := set(forms) - set(FORMATS):
        parser.error(f"unknown: {', '.join(unknown)}; choose from: {', '.join(FORMATS)}")
    console = Console(width=110)
    # Also clean up when the benchmark is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with private_folder(options.folder) as folder:
        console.print(machine(folder), highlight=False)
        settings = {}
        if "kokoro" in engines:
            weights, description = _weights(options.weights, folder, quick=options.quick)
            console.print(f"Kokoro's weights: {description}", highlight=False)
            settings["KOKORO_WEIGHTS"] = str(weights)
        with start_bench(folder, **settings) as bench:
            rows = []
            for name in engines:
                for row in _rows(bench, name, forms, quick=options.quick, first=options.first):
                    rows.append(row)
                    console.print(_told(row), style="dim")
        _show(rows, console)
    console.print(f"load of the machine: {', '.join(f'{one:.1f}' for one in os.getloadavg())}")


def _weights(given: Path | None, folder: Path, *, quick: bool) -> tuple[Path, str]:
    if given is not None:
        return given.absolute(), f"those in {given}"
    if not quick:
        return pulled("kokoro"), "published"
    with warnings.catch_warnings():
        # Warnings of torch about Kokoro's code.
        warnings.simplefilter("ignore")
        made = make_weights(folder / "kokoro", voices=[VOICES["kokoro"]])
    return made, "random and tiny: their speech is noise"


def _rows(
    bench: Bench, engine: str, forms: Sequence[str], *, quick: bool, first: bool
) -> Iterator[Row]:
    yield Row(engine, forms[0], "cold", [_measure(bench, engine, forms[0], first=first)])
    rounds = 1 if quick else FIRST_ROUNDS if first else ROUNDS[engine]
    for form in forms:
        times = [_measure(bench, engine, form, first=first) for _ in range(rounds)]
        yield Row(engine, form, "warm", times)


def _measure(bench: Bench, engine: str, form: str, *, first: bool) -> Timing:
    body = {
        "model": engine,
        "voice": VOICES[engine],
        "input": TEXT,
        "response_format": form,
    }
    received: list[tuple[float, bytes]] = []
    began = time.perf_counter()
    with bench.client.stream("POST", "/v1/audio/speech", json=body, timeout=_SECONDS) as answer:
        _check(answer)
        for chunk in answer.iter_raw():
            received.append((time.perf_counter() - began, chunk))
            if first and _lasts(_joined(received), form) > 0:
                return Timing(received[0][0], received[-1][0])
    whole = time.perf_counter() - began
    lasts = _lasts(_joined(received), form)
    return Timing(received[0][0], _first_sound(received, form), whole, lasts)


def _joined(received: Sequence[tuple[float, bytes]]) -> bytes:
    return b"".join(chunk for _, chunk in received)


def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        raise RuntimeError(answer.read().decode(errors="replace"))


def _first_sound(received: Sequence[tuple[float, bytes]], form: str) -> float:
    """Return the time at which the received bytes contained sound."""
    so_far = b""
    for moment, chunk in received:
        so_far += chunk
        if _lasts(so_far, form) > 0:
            return moment
    raise RuntimeError(f"this {form} contains no sound")


def _lasts(sound: bytes, form: str) -> float:
    """Return the seconds of sound that these bytes decode to."""
    if form == "pcm":
        return len(np.frombuffer(sound[: len(sound) // 2 * 2], "<i2")) / 24_000
    try:
        with av.open(io.BytesIO(sound), "r") as media:
            return sum((f.samples / f.sample_rate for f in media.decode(audio=0)), 0.0)
    except (av.FFmpegError, IndexError):
        # The header is not complete yet.
        return 0.0


def _show(rows: Sequence[Row], console: Console) -> None:
    title = f"{CHARACTERS} characters, seconds until …"
    table = Table(title=title, title_justify="left")
    for heading in ("engine", "format", "", "n", "a byte", "sound", "the end"):
        table.add_column(heading, justify="left" if heading in {"engine", "format"} else "right")
    for heading in ("lasts", "sound / end", "aim"):
        table.add_column(heading, justify="right")
    verdicts = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}
    for row in rows:
        times = [_cell(row.typical(name)) for name in ("byte", "sound", "whole", "lasts")]
        count, ratio = str(len(row.measured)), _cell(row.ratio, "{:.1%}")
        table.add_row(row.engine, row.form, row.state, count, *times, ratio, verdicts[row.met])
    console.print(table)
    console.print(f"aims: sound / end < {AIM:.0%}; with --first, {FIRST_AIM} s warm")


def _cell(value: float | None, form: str = "{:.3f}") -> str:
    return "" if value is None else form.format(value)


def _told(row: Row) -> str:
    sounds = ", ".join(f"{one.sound:.2f}" for one in row.measured)
    return f"{row.engine}, {row.form}, {row.state}: first sound after {sounds} s"


if __name__ == "__main__":
    main()
