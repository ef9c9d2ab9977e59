"""Overhead of a job over its render, for a client that waits."""

from __future__ import annotations

import statistics

import httpx

from bench.platform.report import Figure, Section, seconds
from bench.platform.setup import Bench
from gala import ids
from gala.media import Format
from gala.render_protocol import EVENTS, Done, RenderRequest, attempt_folder

ROUNDS = 9
FORMAT = Format(width=360, height=640, fps=30)
RENDER_MS = 7000

_METHOD = (
    f"From sending POST /jobs (Prefer: wait) to its answer DONE, medians of {ROUNDS} rounds."
    f" The hello render is {FORMAT.width} x {FORMAT.height}, {RENDER_MS / 1000:g} s, {FORMAT.fps}"
    " fps; in turns the same request goes to the renderer directly, and the difference of the"
    " medians is the overhead."
)


def measure(bench: Bench) -> Section:
    """Measure a hello render with and without the platform, and a no-op."""
    with bench.worker(), httpx.Client(base_url=bench.services.renderer_url, timeout=60) as renderer:
        _round(bench, renderer)
        took = [_round(bench, renderer) for _ in range(ROUNDS)]
        nothing = [seconds(lambda: bench.run(type="test_noop")) for _ in range(ROUNDS)]
    whole, render = (statistics.median(side) for side in zip(*took, strict=True))
    figures = (
        Figure(what="hello render, POST to DONE", unit="s", ours=whole),
        Figure(what="its render alone", unit="s", ours=render),
        Figure(what="beyond the render", unit="s", ours=whole - render, below=0.25),
        Figure(what="no-op, POST to DONE", unit="s", ours=statistics.median(nothing)),
    )
    return Section(title="From POST to DONE", method=_METHOD, figures=figures)


def _round(bench: Bench, renderer: httpx.Client) -> tuple[float, float]:
    job = {
        "type": "hello_render",
        "params": {"text": "GALA"},
        "output": {"format": FORMAT.model_dump()},
    }
    return seconds(lambda: bench.run(**job)), seconds(lambda: _render(bench, renderer))


def _render(bench: Bench, renderer: httpx.Client) -> None:
    request = RenderRequest(
        job_id=ids.new_id(ids.Prefix.JOB),
        attempt=1,
        type="hello_render",
        params={"text": "GALA"},
        format=FORMAT,
        duration_ms=RENDER_MS,
        deadline_seconds=60,
    )
    folder = bench.services.data_root / attempt_folder(request.job_id, request.attempt)
    (folder / "in").mkdir(parents=True)
    with renderer.stream("POST", "/render", content=request.model_dump_json()) as response:
        last = list(response.raise_for_status().iter_lines())[-1]
    if EVENTS.validate_json(last) != Done():
        raise RuntimeError(f"the render failed: {last}")
