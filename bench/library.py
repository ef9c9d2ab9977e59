"""``python3 run.py bench library``: what the Python library costs on top of the bare engine.

The same work is done by the engine itself, through ``gala_renderer``'s door, and through
``gala.MediaService`` twice: in local mode, and remotely, by GALA's own API, worker and renderer on
this machine. No cache of results: everybody does the work. Everybody is warm and takes turns.
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

from bench.platform.house import House, house, private_folder, running, wait_until
from bench.platform.report import machine, seconds
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
Asked: TypeAlias = Callable[[MediaService], Awaitable[object]]


@dataclass(frozen=True)
class Work:
    """One piece of work, done through each door; medians in seconds, by the door's name."""

    what: str
    took: Mapping[str, float]


@dataclass(frozen=True)
class Shop:
    """Where the work is done, and the files that it is done on."""

    folder: Path
    room: EngineHarness
    url: str
    rounds: int

    def compare(self, what: str, order: MediaOrder, ask: Asked | None = None) -> Work:
        """Have all four do the same, or two, if a service has no such call."""
        size = (*FRAME, 30) if order.format else None
        inputs: Mapping[str, Any] = order.inputs
        works: dict[str, Callable[[], object]] = {
            "engine": lambda: self.room.make(order.type, order.params, size=size, **inputs).outputs,
            "library": lambda: in_process.engine().make(order),
        }
        if ask:
            works |= {mode: partial(self._served, mode, ask) for mode in MODES}
        for work in works.values():
            work()
        rounds = [[seconds(work) for work in works.values()] for _ in range(self.rounds)]
        medians = map(statistics.median, zip(*rounds, strict=True))
        return Work(what, dict(zip(works, medians, strict=True)))

    def _served(self, mode: ExecutionMode, ask: Asked) -> None:
        async def once() -> None:
            async with MediaService(self.url, mode) as media:
                await ask(media)

        asyncio.run(once())


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; nothing stays behind."""
    parser = argparse.ArgumentParser(prog="run.py bench library", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}"
    )
    parser.add_argument("--folder", type=Path, default=Path("/tmp"), help="where to work")
    options = parser.parse_args(arguments)
    console = Console(width=110)
    # Whoever stops the bench wants nothing left, either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with private_folder(options.folder) as folder:
        console.print(machine(folder), highlight=False)
        with _shop(folder, QUICK_ROUNDS if options.quick else ROUNDS) as shop:
            works = [_look(shop), _speech(shop), _video(shop), _merge(shop)]
    _show(works, shop.rounds, console)


@contextmanager
def _shop(folder: Path, rounds: int) -> Iterator[Shop]:
    """Everybody with the same settings: one render at once, on all cores."""
    with warnings.catch_warnings():
        # Of torch, about what Kokoro's makers wrote.
        warnings.simplefilter("ignore")
        weights = make_weights(folder / "kokoro", voices=[VOICE["voice"]])
    settings = {
        "RENDERER_CACHE_BYTES": "0",
        "RENDERER_SLOTS": "1",
        "KOKORO_WEIGHTS": str(weights),
    }
    os.environ |= {**settings, "GALA_HOME": str(folder / "home")}
    with ExitStack() as stack:
        built = stack.enter_context(house(folder, **settings))
        _workers(built, stack)
        room = EngineHarness(folder / "bare", renderer_slots=1)
        stack.callback(room.close)
        stack.callback(lambda: in_process.engine().close())
        yield Shop(folder, room, built.services.api_url, rounds)


def _workers(built: House, stack: ExitStack) -> None:
    """One for each lane: a look into a file does not wait behind a film."""
    lanes = replace(built.services, slots={Lane.BATCH: 1, Lane.INTERACTIVE: 1})
    for program in lanes.workers():
        process = stack.enter_context(running(program))
        wait_until(partial(_is_ready, process))


def _is_ready(worker: Process) -> bool:
    return any("worker ready" in line for line in list(worker.tail))


def _look(shop: Shop) -> Work:
    clip = sample("video", shop.folder)
    order = MediaOrder(type="probe", inputs={"media": clip}, read=("info",))
    return shop.compare("a look into a file", order)


def _speech(shop: Shop) -> Work:
    order = speech_order(TEXT, parse_voice_config(VOICE))
    order = replace(order, outputs={"audio": shop.folder / "voice.wav"})
    return shop.compare(
        "two words spoken (Kokoro, tiny weights)",
        order,
        lambda media: media.generate_tts_direct(TEXT, VOICE),
    )


def _video(shop: Shop) -> Work:
    picture, voice = sample("picture", shop.folder), sample("voice", shop.folder)
    order = captioned_video_order(
        image=picture,
        audio=voice,
        text=TEXT,
        captions=captions_from_subtitle_config(None),
        width=FRAME[0],
        height=FRAME[1],
        image_effect="ken_burns",
    )

    async def ask(media: MediaService) -> None:
        image = await media.upload_local_file_if_needed(picture)
        sound = await media.upload_local_file_if_needed(voice)
        started = await media.start_captioned_video_generation(
            image, sound, TEXT, width=FRAME[0], height=FRAME[1]
        )
        await media.wait_for_file_ready(started, poll_interval=0.05)

    order = replace(order, outputs={"video": shop.folder / "video.mp4"})
    return shop.compare("captioned video, 3 s, 720x1280, Ken Burns", order, ask)


def _merge(shop: Shop) -> Work:
    clips = [sample(name, shop.folder) for name in ("video", "other_video")]
    music = sample("song", shop.folder)

    async def ask(media: MediaService) -> None:
        ids = [await media.upload_local_file_if_needed(clip) for clip in clips]
        await media.merge_videos(ids, music, music_volume=0.1)

    order = merge_order(clips, music, 0.1)
    order = replace(order, outputs={"video": shop.folder / "merged.mp4"})
    return shop.compare("merge of 3 s and 2 s with music, 320x180", order, ask)


def _show(works: Sequence[Work], rounds: int, console: Console) -> None:
    title = f"seconds, medians of n = {rounds}; a ratio is to the engine, the last one to local"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for heading in ("engine", "library", "ratio", "local", "ratio", "remote", "ratio"):
        table.add_column(heading, justify="right")
    for work in works:
        table.add_row(work.what, *_cells(work))
    console.print(table)


def _cells(work: Work) -> Iterator[str]:
    yield f"{work.took['engine']:.3f}"
    for door, beside in (("library", "engine"), ("local", "engine"), ("remote", "local")):
        if door in work.took:
            yield f"{work.took[door]:.3f}"
            yield f"{work.took[door] / work.took[beside]:.2f}"


if __name__ == "__main__":
    main()
