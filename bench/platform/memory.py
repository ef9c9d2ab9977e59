"""Memory of API and worker while big files pass through them."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

from bench.platform.house import House
from bench.platform.report import Figure, Section

BIG = 2_000_000_000
MADE = 1_000_000_000
ROOM = 3 * BIG + BIG // 2
SAMPLE_SECONDS = 0.05
MOST_GROWTH = 50.0

_CHUNK = 1 << 20
_SMALL = 100_000
_COUNTED = (
    "RSS of the process and all its children, every 50 ms: the peak less the value before, after"
    " a small file has gone the same way once."
)


def measure(house: House) -> Section:
    """A 2 GB sound goes up, comes down and is staged for a job; 1 GB that was made is stored."""
    title = "Memory while big files pass"
    if shutil.disk_usage(house.folder).free < ROOM:
        skipped = f"there is no room for {ROOM / 1e9:.0f} GB under {house.folder}"
        return Section(title=title, counted="", skipped=skipped)
    with house.worker() as worker:
        _pass_through(house, _SMALL, _SMALL, worker.tree)
        growths = _pass_through(house, BIG, MADE, worker.tree)
    figures = [
        Figure(what=what, unit="MB", ours=growth, below=MOST_GROWTH)
        for what, growth in growths.items()
    ]
    return Section(title=title, counted=_COUNTED, figures=figures)


Tree = Callable[[], list[psutil.Process]]


class Watch:
    """Follows the memory of a tree of processes; ``growth`` is in MB."""

    def __init__(self, tree: Tree):
        self._tree = tree
        self._ended = Event()
        self._thread = Thread(target=self._follow, name="memory", daemon=True)
        self._before = _rss(tree())
        self._peak = self._before

    @property
    def growth(self) -> float:
        return (self._peak - self._before) / 1e6

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, _rss(self._tree()))


def _rss(processes: Sequence[psutil.Process]) -> int:
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


def _pass_through(house: House, size: int, made: int, worker: Tree) -> dict[str, float]:
    with Watch(house.api) as up:
        asset = _upload(house, size)
    with Watch(house.api) as down:
        _download(house, asset["id"], size)
    with Watch(house.api) as by_range:
        _download(house, asset["id"], size, first=1)
    with Watch(worker) as staged:
        house.run(
            type="hello_render",
            params={"text": "GALA"},
            inputs={"music_asset_id": asset["id"]},
            output={"format": {"width": 36, "height": 64, "fps": 5}},
        )
    house.client.delete(f"/assets/{asset['id']}").raise_for_status()
    with Watch(worker) as stored:
        _make(house, made)
    return {
        f"API, {_told(size)} up": up.growth,
        f"API, {_told(size)} down": down.growth,
        f"API, {_told(size)} down as one range": by_range.growth,
        f"worker, {_told(size)} staged": staged.growth,
        f"worker, {_told(made)} stored": stored.growth,
    }


def _told(size: int) -> str:
    return f"{size / 1e9:g} GB"


def _upload(house: House, size: int) -> dict[str, Any]:
    with _sound(house.folder / "sound.wav", size) as path, path.open("rb") as content:
        form = {"kind": "music"}
        answer = house.client.post("/assets", data=form, files={"file": content})
    asset: dict[str, Any] = answer.raise_for_status().json()["asset"]
    return asset


@contextmanager
def _sound(path: Path, size: int) -> Iterator[Path]:
    """Silence in a WAV file that takes no room on the disk."""
    channels, rate, width = 2, 48000, 2
    frame = channels * width
    layout = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * frame, frame, width * 8)
    content = size - 44
    head = struct.pack("<4sI4s4s", b"RIFF", size - 8, b"WAVE", b"fmt ")
    with path.open("wb") as file:
        file.write(head + layout + struct.pack("<4sI", b"data", content))
        file.truncate(size)
    yield path
    path.unlink()


def _download(house: House, asset_id: str, size: int, *, first: int = 0) -> None:
    headers = {"Range": f"bytes={first}-"} if first else {}
    url = f"/assets/{asset_id}/content"
    with house.client.stream("GET", url, headers=headers) as response:
        received = sum(len(chunk) for chunk in response.raise_for_status().iter_raw(_CHUNK))
    if received != size - first:
        raise RuntimeError(f"{received} bytes of {size - first} came down")


def _make(house: House, size: int) -> None:
    done = house.run(type="test_noop", params={"size": size})
    asset_id = done["outputs"][0]["video_asset_id"]
    house.client.delete(f"/assets/{asset_id}").raise_for_status()
