"""Stored bytes over HTTP, compared with nginx and ``sendfile`` on the same file."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.platform.report import Figure, Section
from bench.platform.setup import Bench
from tests.fakes.nginx_reference import nginx, nginx_command

SIZE = 200_000_000
ROUNDS = 9
MIB = 1 << 20

_READER = Path(__file__).with_name("reader.py")
_PIECES = [f"{index * MIB}-{(index + 1) * MIB - 1}" for index in range(64)]
_READS: Mapping[str, tuple[Sequence[str], int]] = {
    "200 MB whole": ((), SIZE),
    "one range of 50 MB": (("100000000-149999999",), 50_000_000),
    "64 ranges of 1 MiB, one after the other": (_PIECES, 64 * MIB),
}
"""Ranges of each way to read, and their total size in bytes."""

_METHOD = (
    f"From connecting to the last byte, read by a separate process; medians of {ROUNDS} rounds"
    " in turns. Both serve the same file of the storage folder."
)


def measure(bench: Bench) -> Section:
    """Measure all ways to read; skipped if nginx is not installed."""
    title, against = "Streaming from localfs", "nginx"
    if nginx_command() is None:
        return Section(title=title, against=against, method="", skipped="nginx is not installed")
    with _asset(bench) as (asset_id, object_key), _nginx(bench) as other:
        ours = f"{bench.services.api_url}/assets/{asset_id}/content"
        figures = [
            _compare(what, ours, f"{other}/{object_key}", ranges, size)
            for what, (ranges, size) in _READS.items()
        ]
    return Section(title=title, against=against, method=_METHOD, figures=figures)


@contextmanager
def _asset(bench: Bench) -> Iterator[tuple[str, str]]:
    source = bench.folder / "stream.bin"
    with Path("/dev/urandom").open("rb") as noise:
        source.write_bytes(noise.read(SIZE))
    with source.open("rb") as content:
        answer = bench.client.post("/assets", data={"kind": "other"}, files={"file": content})
    source.unlink()
    asset = answer.raise_for_status().json()["asset"]
    yield asset["id"], asset["object_key"]
    bench.client.delete(f"/assets/{asset['id']}").raise_for_status()


@contextmanager
def _nginx(bench: Bench) -> Iterator[str]:
    own = bench.folder / "nginx"
    own.mkdir()
    with nginx(bench.services.storage_root, own) as url:
        yield url


def _compare(what: str, ours: str, other: str, ranges: Sequence[str], size: int) -> Figure:
    took = [(_seconds(other, ranges), _seconds(ours, ranges)) for _ in range(ROUNDS)]
    reference, own = (size / 1e6 / statistics.median(side) for side in zip(*took, strict=True))
    return Figure(
        what=what, unit="MB/s", ours=own, reference=reference, least_ratio=None if ranges else 0.8
    )


def _seconds(url: str, ranges: Sequence[str]) -> float:
    parts = urlsplit(url)
    command = [sys.executable, "-I", "-S", str(_READER), "127.0.0.1", str(parts.port), parts.path]
    done = subprocess.run([*command, *ranges], check=True, capture_output=True, text=True)
    return float(done.stdout)
