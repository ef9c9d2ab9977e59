"""Seconds, memory and size of a film of each kind of body, beside the encoder alone."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.avatar.setup import Bench, painted_portrait
from bench.platform.peak_memory import PeakMemory
from bench.platform.report import Figure, Section

SIZE: Final = (1080, 1920, 30)
_PREVIEW: Final = (720, 960, 30)
"""What the API asks for."""
BODIES: Final = ("portrait", "character")
_MOST: Final = {"portrait": 20.0, "character": 8.0}
"""Seconds for 60 seconds of speech."""
_MOST_MEGABYTES: Final = 600.0
_PREVIEW_SECONDS: Final = 2.0
_PREVIEW_METHOD: Final = (
    "Jobs through the renderer, without API and worker: the picture at rest with what was found,"
    " the clip of two seconds, then all of it again."
)
_PLAIN: Final = ("-c:v", "libx264", "-preset", "superfast", "-crf", "19")
_PLAIN_SECONDS: Final = 11.5
"""What 60 seconds of such frames took with ``_PLAIN`` where the aim of a film was set."""
_METHOD: Final = (
    "The whole job through the renderer, espeak-ng included; memory is that of the renderer and"
    " all its programs in a second run (PSS, every 0.5 s). The reference is FFmpeg's part alone, on"
    " the same frames from a pipe, each drawing of the character once; drawing alone writes them to"
    " a file. The last line compares machines: where the aims were set, x264 (superfast, CRF 19)"
    " took 11.5 s for the frames of a minute."
)


def previews(bench: Bench, bodies: Sequence[str] = BODIES) -> Iterator[Section]:
    """Yield only how long the previews of each kind of body take."""
    bench.speak("Hola.")  # a renderer that has done a job before
    for name, inputs in (("portrait", {"portrait": painted_portrait()}), ("character", {})):
        if name in bodies:
            figures = list(_preview(bench, inputs))
            yield Section(title=f"{name}: previews", method=_PREVIEW_METHOD, figures=figures)


def sections(bench: Bench, seconds: float, bodies: Sequence[str] = BODIES) -> Iterator[Section]:
    """Yield the figures of each kind of body."""
    text = bench.spoken(seconds)
    took, length = bench.speak(text)
    synthesis = Figure(what="speech alone (espeak-ng)", unit="s", ours=took)
    for name, inputs in (("portrait", {"portrait": painted_portrait()}), ("character", {})):
        if name not in bodies:
            continue
        figures = [*_preview(bench, inputs), synthesis, *_film(bench, name, text, length, inputs)]
        title = f"{name}: {length:.0f} s of speech, {SIZE[0]}x{SIZE[1]}, {SIZE[2]} fps"
        yield Section(title=title, against="encoder", method=_METHOD, figures=figures)


def _preview(bench: Bench, inputs: Mapping[str, Path]) -> Iterator[Figure]:
    # What POST /models waits for, and what is asked for next.
    yield Figure(
        what="first preview",
        unit="s",
        ours=_seconds(bench, {"only": "still"}, inputs),
        below=_PREVIEW_SECONDS,
    )
    yield Figure(what="its clip, then", unit="s", ours=_seconds(bench, {"only": "clip"}, inputs))
    yield Figure(what="all previews at once", unit="s", ours=_seconds(bench, {}, inputs))


def _seconds(bench: Bench, params: Mapping[str, str], inputs: Mapping[str, Path]) -> float:
    began = time.perf_counter()
    made = bench.harness.make("presenter_preview", params, size=_PREVIEW, seconds=600, **inputs)
    took = time.perf_counter() - began
    assert made.outputs, made.events
    return took


def _film(
    bench: Bench, name: str, text: str, length: float, inputs: Mapping[str, Path]
) -> Iterator[Figure]:
    params = {"text": text, "language": "es", "engine": "espeak", "captions": None}
    began = time.perf_counter()
    made = bench.harness.make("presenter", params, size=SIZE, seconds=600, **inputs)
    took = time.perf_counter() - began
    size = made.path("video").stat().st_size
    step = bench.ffmpeg.seconds
    # Looking at the memory takes a tenth of the time of what is looked at.
    with PeakMemory() as memory:
        bench.harness.make("presenter", params, size=SIZE, seconds=600, **inputs)
    kept = bench.ffmpeg.kept
    assert kept is not None
    raw = bench.folder / "frames.yuv"
    drawing = kept.draw(raw)
    encoding = kept.encode(raw)
    plain = kept.encode_with(raw, *_PLAIN) if name == "portrait" else None
    raw.unlink()
    most = _MOST[name] * length / 60
    yield Figure(what="whole job", unit="s", ours=took, reference=encoding, below=most)
    yield Figure(what="drawing and encoding", unit="s", ours=step, reference=encoding)
    yield Figure(what="drawing alone", unit="s", ours=drawing, reference=encoding)
    yield Figure(what="memory", unit="MB", ours=memory.megabytes, below=_MOST_MEGABYTES)
    yield Figure(what="size", unit="MB", ours=size / 1e6)
    if plain is not None:
        aim = _MOST[name] / _PLAIN_SECONDS
        yield Figure(what="whole job, beside superfast", unit="s", ours=took,
                     reference=plain, most_ratio=aim)  # fmt: skip
