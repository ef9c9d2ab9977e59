"""The process endpoints on a minute of 720p: from the request to the response with the link."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from bench.platform.report import Figure, Section, seconds
from bench.platform.setup import Bench, running, wait_until
from gala.job import Lane
from tests.fakes.media_files import make

SECONDS: Final = 60
ROUNDS: Final = 3
MEAN_BELOW: Final = 120.0
"""Seconds; promised by the service that these clients used before."""


_METHOD: Final = (
    f"From sending the request to having the answer, one worker of the interactive lane; a video of"
    f" {SECONDS} s, 1280x720 at 30 frames a second with sound, that GALA has as an asset. Medians"
    f" of {ROUNDS} rounds, each with other values, so that the cache answers none; of the last"
    " figure, one.\n"
    "trim: 30 s from the middle, exact to the frame. text: over the whole length. concatenation:"
    " two such videos; or one such and one of another shape, which must be encoded again."
)

Request = tuple[str, Mapping[str, Any]]


def measure(bench: Bench) -> Section:
    """Measure each operation alone, and the mean of the contract's three."""
    first, second, other = (_upload(bench, _film(bench.folder, size, n)) for n, size in enumerate(
        ("1280x720", "1280x720", "720x1280")))  # fmt: skip
    works = {
        "trim to 30 s": [_trim(first, start=10.13 + n) for n in range(ROUNDS)],
        "text over 60 s": [_add_text(first, f"¡Última semana! {n}") for n in range(ROUNDS)],
        "concatenation, copied": [_join(first, second), _join(second, first), _join(first, first)],
    }
    with _worker(bench):
        took = {name: _typical(bench, requests) for name, requests in works.items()}
        encoded_again = _typical(bench, [_join(first, other)])
    figures = [Figure(what=name, unit="s", ours=spent) for name, spent in took.items()]
    mean = Figure(
        what="mean of the three",
        unit="s",
        ours=statistics.fmean(took.values()),
        below=MEAN_BELOW,
    )
    encoded = Figure(what="concatenation, encoded again", unit="s", ours=encoded_again)
    return Section(title="Process endpoints", method=_METHOD, figures=[*figures, mean, encoded])


def _trim(video: str, *, start: float) -> Request:
    return "trim", {"video_url": video, "start_time": start, "end_time": start + 30}


def _add_text(video: str, text: str) -> Request:
    return "add_text", {"video_url": video, "text": text, "position": "bottom"}


def _join(*videos: str) -> Request:
    return "concatenate", {"video_urls": videos}


def _film(folder: Path, size: str, seed: int) -> Path:
    """Create a video with motion and a tone, with a key frame every few seconds as usual."""
    pictures = f"testsrc2=s={size}:r=30:d={SECONDS},hue=h={40 * seed}"
    # Encoded in one run: a loop would make its frame rate irregular.
    return make(
        folder / f"film-{seed}.mp4",
        *("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", f"sine=d={SECONDS}:r=48000"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac"),
    )


def _upload(bench: Bench, film: Path) -> str:
    with film.open("rb") as content:
        answer = bench.client.post("/assets", data={"kind": "other"}, files={"file": content})
    asset_id: str = answer.raise_for_status().json()["asset"]["id"]
    film.unlink()
    return asset_id


@contextmanager
def _worker(bench: Bench) -> Iterator[None]:
    lanes = replace(bench.services, slots={Lane.INTERACTIVE: 1})
    with running(lanes.workers()[0]) as process:
        wait_until(lambda: any("worker ready" in line for line in process.tail))
        yield


def _typical(bench: Bench, requests: Sequence[Request]) -> float:
    return statistics.median(seconds(partial(_call, bench, *request)) for request in requests)


def _call(bench: Bench, operation: str, body: Mapping[str, Any]) -> None:
    answer = bench.client.post(f"/process/video/{operation}", json=body, timeout=300)
    result = answer.raise_for_status().json()
    if result["status"] != "completed":
        raise RuntimeError(f"{operation} is {result['status']}")
    httpx.head(result["asset_url"], trust_env=False).raise_for_status()
