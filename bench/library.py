"""``python3 run.py bench library``: overhead of the Python library over the bare engine.

The same work is done by the engine itself, by ``gala_renderer``'s library, and by
``gala.MediaService`` twice: in local mode, and remotely, by GALA's API, worker and renderer on this
machine. There is no cache of results. All are warm and measured in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from rich.console import Console
from rich.table import Table

from bench.platform.report import machine, seconds
from bench.platform.setup import Bench, private_folder, running, start_bench, wait_until
from gala import MediaService
from gala.engine import MediaOrder
from gala.job import Lane
from gala.media_server.render_orders import (
    captioned_video_order,
    merge_order,
    speech_order,
)
from gala.media_server.subtitle_config import captions_from_subtitle_config
from gala.media_server.voice_config import parse_voice_config
from gala.media_service.service import ExecutionMode
from gala.supervisor import Process
from gala_renderer import in_process
from tests.support.engine import EngineHarness
from tests.support.kokoro import make_weights
from tests.support.samples import sample

ROUNDS: Final = 5
QUICK_ROUNDS: Final = 2
TEXT: Final = "Buenos días."
VOICE: Final = {"engine": "kokoro", "voice": "ef_dora"}
FRAME: Final = (720, 1280)

MODES: Final[tuple[ExecutionMode, ...]] = ("local", "remote")
ServiceCall: TypeAlias = Callable[[MediaService], Awaitable[object]]


@dataclass(frozen=True)
class Result:
    """One operation; ``took`` has the median seconds by interface."""

    what: str
    took: Mapping[str, float]


@dataclass(frozen=True)
class Setup:
    """The folder with the input files, the engine and the API to measure."""

    folder: Path
    harness: EngineHarness
    url: str
    rounds: int

    def compare(self, what: str, order: MediaOrder, call: ServiceCall | None = None) -> Result:
        """Measure the order with all four interfaces, or two if there is no service call for it."""
        size = (*FRAME, 30) if order.format else None
        inputs: Mapping[str, Any] = order.inputs
        works: dict[str, Callable[[], object]] = {
            "engine": lambda: (
                self.harness.make(order.type, order.params, size=size, **inputs).outputs
            ),
            "library": lambda: in_process.engine().make(order),
        }
        if call:
            works |= {mode: partial(self._call_service, mode, call) for mode in MODES}
        for work in works.values():
            work()
        rounds = [[seconds(work) for work in works.values()] for _ in range(self.rounds)]
        medians = map(statistics.median, zip(*rounds, strict=True))
        return Result(what, dict(zip(works, medians, strict=True)))

    def _call_service(self, mode: ExecutionMode, call: ServiceCall) -> None:
        async def once() -> None:
            async with MediaService(self.url, mode) as media:
                await call(media)

        asyncio.run(once())


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; remove all files afterwards."""
    parser = argparse.ArgumentParser(prog="run.py bench library", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}"
    )
    parser.add_argument("--folder", type=Path, default=Path("/tmp"), help="where to work")
    options = parser.parse_args(arguments)
    console = Console(width=110)
    # Also clean up when the benchmark is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with private_folder(options.folder) as folder:
        console.print(machine(folder), highlight=False)
        with _setup(folder, QUICK_ROUNDS if options.quick else ROUNDS) as setup:
            works = [_probe(setup), _speech(setup), _video(setup), _merge(setup)]
    _show(works, setup.rounds, console)


@contextmanager
def _setup(folder: Path, rounds: int) -> Iterator[Setup]:
    """Start everything with the same settings: one render at a time, on all cores."""
    with warnings.catch_warnings():
        # Warnings of torch about Kokoro's code.
        warnings.simplefilter("ignore")
        weights = make_weights(folder / "kokoro", voices=[VOICE["voice"]])
    settings = {
        "RENDERER_CACHE_BYTES": "0",
        "RENDERER_SLOTS": "1",
        "KOKORO_WEIGHTS": str(weights),
    }
    os.environ |= {**settings, "GALA_HOME": str(folder / "home")}
    with ExitStack() as stack:
        bench = stack.enter_context(start_bench(folder, **settings))
        _workers(bench, stack)
        harness = EngineHarness(folder / "bare", renderer_slots=1)
        stack.callback(harness.close)
        stack.callback(lambda: in_process.engine().close())
        yield Setup(folder, harness, bench.services.api_url, rounds)


def _workers(bench: Bench, stack: ExitStack) -> None:
    """Start one worker per lane, so that a probe does not wait for a film."""
    lanes = replace(bench.services, slots={Lane.BATCH: 1, Lane.INTERACTIVE: 1})
    for program in lanes.workers():
        process = stack.enter_context(running(program))
        wait_until(partial(_is_ready, process))


def _is_ready(worker: Process) -> bool:
    return any("worker ready" in line for line in list(worker.tail))


def _probe(setup: Setup) -> Result:
    clip = sample("video", setup.folder)
    order = MediaOrder(type="probe", inputs={"media": clip}, read=("info",))
    return setup.compare("probe of a file", order)


def _speech(setup: Setup) -> Result:
    order = speech_order(TEXT, parse_voice_config(VOICE))
    order = replace(order, outputs={"audio": setup.folder / "voice.wav"})
    return setup.compare(
        "two words spoken (Kokoro, tiny weights)",
        order,
        lambda media: media.generate_tts_direct(TEXT, VOICE),
    )


def _video(setup: Setup) -> Result:
    picture, voice = sample("picture", setup.folder), sample("voice", setup.folder)
    order = captioned_video_order(
        image=picture,
        audio=voice,
        text=TEXT,
        captions=captions_from_subtitle_config(None),
        width=FRAME[0],
        height=FRAME[1],
        image_effect="ken_burns",
    )

    async def call(media: MediaService) -> None:
        image = await media.upload_local_file_if_needed(picture)
        sound = await media.upload_local_file_if_needed(voice)
        started = await media.start_captioned_video_generation(
            image, sound, TEXT, width=FRAME[0], height=FRAME[1]
        )
        await media.wait_for_file_ready(started, poll_interval=0.05)

    order = replace(order, outputs={"video": setup.folder / "video.mp4"})
    return setup.compare("captioned video, 3 s, 720x1280, Ken Burns", order, call)


def _merge(setup: Setup) -> Result:
    clips = [sample(name, setup.folder) for name in ("video", "other_video")]
    music = sample("song", setup.folder)

    async def call(media: MediaService) -> None:
        ids = [await media.upload_local_file_if_needed(clip) for clip in clips]
        await media.merge_videos(ids, music, music_volume=0.1)

    order = merge_order(clips, music, 0.1)
    order = replace(order, outputs={"video": setup.folder / "merged.mp4"})
    return setup.compare("merge of 3 s and 2 s with music, 320x180", order, call)


def _show(works: Sequence[Result], rounds: int, console: Console) -> None:
    title = f"seconds, medians of n = {rounds}; ratios to the engine, the last one to local"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for heading in ("engine", "library", "ratio", "local", "ratio", "remote", "ratio"):
        table.add_column(heading, justify="right")
    for work in works:
        table.add_row(work.what, *_cells(work))
    console.print(table)


def _cells(work: Result) -> Iterator[str]:
    yield f"{work.took['engine']:.3f}"
    for interface, reference in (("library", "engine"), ("local", "engine"), ("remote", "local")):
        if interface in work.took:
            yield f"{work.took[interface]:.3f}"
            yield f"{work.took[interface] / work.took[reference]:.2f}"


if __name__ == "__main__":
    main()
