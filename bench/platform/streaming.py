"""Stored bytes over HTTP, against nginx with ``sendfile`` on the very same file."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.platform.house import House
from bench.platform.report import Figure, Section
from tests.fakes.nginx_reference import nginx, nginx_command

SIZE = 200_000_000
ROUNDS = 9
MIB = 1 << 20

_READER = Path(__file__).with_name("reader.py")
_PIECES = [f"{index * MIB}-{(index + 1) * MIB - 1}" for index in range(64)]
_WAYS: Mapping[str, tuple[Sequence[str], int]] = {
    "200 MB whole": ((), SIZE),
    "one range of 50 MB": (("100000000-149999999",), 50_000_000),
    "64 ranges of 1 MiB, one after the other": (_PIECES, 64 * MIB),
}
"""The ranges of each way of reading, and how many bytes these are together."""

_COUNTED = (
    f"From connecting to the last byte, read by a process of its own; medians of {ROUNDS} rounds"
    " in turns. Both serve the same file of the storage folder."
)


def measure(house: House) -> Section:
    """All ways of reading; without nginx nothing is compared."""
    title, against = "Streaming from localfs", "nginx"
    if nginx_command() is None:
        return Section(title=title, against=against, counted="", skipped="there is no nginx here")
    with _asset(house) as (asset_id, object_key), _nginx(house) as other:
        ours = f"{house.services.api_url}/assets/{asset_id}/content"
        figures = [
            _compare(what, ours, f"{other}/{object_key}", ranges, size)
            for what, (ranges, size) in _WAYS.items()
        ]
    return Section(title=title, against=against, counted=_COUNTED, figures=figures)


@contextmanager
def _asset(house: House) -> Iterator[tuple[str, str]]:
    source = house.folder / "stream.bin"
    with Path("/dev/urandom").open("rb") as noise:
        source.write_bytes(noise.read(SIZE))
    with source.open("rb") as content:
        answer = house.client.post("/assets", data={"kind": "other"}, files={"file": content})
    source.unlink()
    asset = answer.raise_for_status().json()["asset"]
    yield asset["id"], asset["object_key"]
    house.client.delete(f"/assets/{asset['id']}").raise_for_status()


@contextmanager
def _nginx(house: House) -> Iterator[str]:
    own = house.folder / "nginx"
    own.mkdir()
    with nginx(house.services.storage_root, own) as url:
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
