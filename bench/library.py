"""``python3 run.py bench library``: what the Python library costs on top of the bare engine.

The same orders go to the engine itself, through ``gala_renderer``'s door, and through
``gala.MediaService`` in local mode. No cache of results: everybody does the work.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.platform.report import seconds
from gala import MediaService
from gala.engine import MediaOrder
from gala.service.orders import caption_fields, captioned_order
from gala_renderer import local
from tests.support.engine import EngineRoom
from tests.support.samples import sample

RUNS = 5
TEXT = "The quick brown fox jumps over the lazy dog, again and again, until the day is done."
FRAME = (720, 1280)


@dataclass(frozen=True)
class Work:
    """One piece of work, done through each door; medians in seconds."""

    what: str
    engine: float
    library: float
    service: float | None = None


def main() -> None:
    """Measure and print; nothing stays behind."""
    console = Console(width=110)
    with tempfile.TemporaryDirectory(prefix="gala-bench-") as name:
        folder = Path(name)
        os.environ |= {"GALA_HOME": str(folder / "home"), "RENDERER_CACHE_BYTES": "0"}
        room = EngineRoom(folder / "bare", renderer_slots=1)
        os.environ["RENDERER_SLOTS"] = "1"
        try:
            _show([_look(room, folder), _speech(room, folder), _video(room, folder)], console)
        finally:
            room.close()
            local.engine().close()


def _look(room: EngineRoom, folder: Path) -> Work:
    clip = sample("video", folder)
    order = MediaOrder(type="probe", inputs={"media": clip}, read=("info",))
    return Work(
        "a look into a file (probe)",
        *_in_turn(
            lambda: room.make("probe", media=clip).outputs, lambda: local.engine().make(order)
        ),
    )


def _speech(room: EngineRoom, folder: Path) -> Work:
    params = {"text": TEXT, "engine": "espeak", "voice": "en-us"}
    order = MediaOrder(type="tts", params=params, outputs={"audio": folder / "voice.wav"})
    return Work(
        "6 s of speech (espeak)",
        *_in_turn(
            lambda: room.make("tts", params).outputs,
            lambda: local.engine().make(order),
            lambda: asyncio.run(_spoken()),
        ),
    )


def _video(room: EngineRoom, folder: Path) -> Work:
    picture, voice = sample("picture", folder), folder / "voice.wav"
    inputs = {"background": picture, "voice": voice}
    order = captioned_order(
        image=picture,
        audio=voice,
        text=TEXT,
        captions=caption_fields(None),
        width=FRAME[0],
        height=FRAME[1],
        image_effect="ken_burns",
    )
    params: dict[str, Any] = dict(order.params)
    target = {"video": folder / "video.mp4"}
    wanted = MediaOrder(
        type=order.type, params=params, inputs=inputs, outputs=target, format=order.format
    )
    return Work(
        "a captioned video of 6 s, 720x1280, Ken Burns",
        *_in_turn(
            lambda: room.make("captioned_video", params, size=(*FRAME, 30), **inputs).outputs,
            lambda: local.engine().make(wanted),
            lambda: asyncio.run(_captioned(picture, voice)),
        ),
    )


async def _spoken() -> None:
    async with MediaService(execution_mode="local") as media:
        await media.generate_tts_direct(TEXT, {"engine": "espeak", "voice": "en-us"})


async def _captioned(picture: Path, voice: Path) -> None:
    async with MediaService(execution_mode="local") as media:
        image = await media.upload_local_file_if_needed(picture)
        sound = await media.upload_local_file_if_needed(voice)
        started = await media.start_captioned_video_generation(
            image, sound, TEXT, width=FRAME[0], height=FRAME[1]
        )
        await media.wait_for_file_ready(started)


def _in_turn(*works: Callable[[], object]) -> list[float]:
    """The median of each; they take turns, so that a busy moment meets all of them."""
    for work in works:
        work()
    rounds = [[seconds(work) for work in works] for _ in range(RUNS)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def _show(works: list[Work], console: Console) -> None:
    table = Table(title="seconds, and how many times the bare engine's", title_justify="left")
    for heading in ("", "engine", "library", "ratio", "MediaService", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    for work in works:
        beside = ("", "") if work.service is None else _told(work.service, work.engine)
        table.add_row(work.what, f"{work.engine:.3f}", *_told(work.library, work.engine), *beside)
    console.print(table)


def _told(value: float, engine: float) -> tuple[str, str]:
    return f"{value:.3f}", f"{value / engine:.3f}"


if __name__ == "__main__":
    main()
