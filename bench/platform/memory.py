"""Memory of API and worker while they transfer large files."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from bench.platform.peak_memory import PeakSampler
from bench.platform.report import Figure, Section
from bench.platform.setup import Bench

BIG = 2_000_000_000
MADE = 1_000_000_000
REQUIRED_BYTES = 3 * BIG + BIG // 2
SAMPLE_SECONDS = 0.05
MOST_GROWTH = 50.0

_CHUNK = 1 << 20
_SMALL = 100_000
_METHOD = (
    "RSS of the process and all its children, every 50 ms: the peak less the value before, after"
    " a small file has gone the same way once."
)


def measure(bench: Bench) -> Section:
    """Measure the upload, download and staging of 2 GB, and the storing of a 1 GB output."""
    title = "Memory while large files pass"
    if shutil.disk_usage(bench.folder).free < REQUIRED_BYTES:
        skipped = f"not enough space for {REQUIRED_BYTES / 1e9:.0f} GB in {bench.folder}"
        return Section(title=title, method="", skipped=skipped)
    with bench.worker() as worker:
        _pass_through(bench, _SMALL, _SMALL, worker.tree)
        growths = _pass_through(bench, BIG, MADE, worker.tree)
    figures = [
        Figure(what=what, unit="MB", ours=growth, below=MOST_GROWTH)
        for what, growth in growths.items()
    ]
    return Section(title=title, method=_METHOD, figures=figures)


Tree = Callable[[], list[psutil.Process]]


class MemoryWatch(PeakSampler):
    """Samples the memory of a tree of processes; ``growth`` is in MB."""

    def __init__(self, tree: Tree):
        super().__init__(lambda: _rss(tree()), every=SAMPLE_SECONDS)

    @property
    def growth(self) -> float:
        return (self.peak - self.first) / 1e6


def _rss(processes: Sequence[psutil.Process]) -> int:
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


def _pass_through(bench: Bench, size: int, made: int, worker: Tree) -> dict[str, float]:
    with MemoryWatch(bench.api) as up:
        asset = _upload(bench, size)
    with MemoryWatch(bench.api) as down:
        _download(bench, asset["id"], size)
    with MemoryWatch(bench.api) as by_range:
        _download(bench, asset["id"], size, first=1)
    with MemoryWatch(worker) as staged:
        bench.run(
            type="hello_render",
            params={"text": "GALA"},
            inputs={"music_asset_id": asset["id"]},
            output={"format": {"width": 36, "height": 64, "fps": 5}},
        )
    bench.client.delete(f"/assets/{asset['id']}").raise_for_status()
    with MemoryWatch(worker) as stored:
        _make(bench, made)
    return {
        f"API, {_gigabytes(size)} up": up.growth,
        f"API, {_gigabytes(size)} down": down.growth,
        f"API, {_gigabytes(size)} down as one range": by_range.growth,
        f"worker, {_gigabytes(size)} staged": staged.growth,
        f"worker, {_gigabytes(made)} stored": stored.growth,
    }


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:g} GB"


def _upload(bench: Bench, size: int) -> dict[str, Any]:
    with _sound(bench.folder / "sound.wav", size) as path, path.open("rb") as content:
        form = {"kind": "music"}
        answer = bench.client.post("/assets", data=form, files={"file": content})
    asset: dict[str, Any] = answer.raise_for_status().json()["asset"]
    return asset


@contextmanager
def _sound(path: Path, size: int) -> Iterator[Path]:
    """Create a WAV file of silence that is sparse on the disk."""
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


def _download(bench: Bench, asset_id: str, size: int, *, first: int = 0) -> None:
    headers = {"Range": f"bytes={first}-"} if first else {}
    url = f"/assets/{asset_id}/content"
    with bench.client.stream("GET", url, headers=headers) as response:
        received = sum(len(chunk) for chunk in response.raise_for_status().iter_raw(_CHUNK))
    if received != size - first:
        raise RuntimeError(f"{received} bytes of {size - first} were downloaded")


def _make(bench: Bench, size: int) -> None:
    done = bench.run(type="test_noop", params={"size": size})
    asset_id = done["outputs"][0]["video_asset_id"]
    bench.client.delete(f"/assets/{asset_id}").raise_for_status()
