"""Films of several scenes or many clips, whose parts are encoded by themselves.

Each scene, and each transition, is a part; a scene, or a film without scenes, is divided further
if it has many clips. So only the clips of one part are open at a time: each takes some 60 MB of
FFmpeg's memory at 1920x1080 from its start on, whether it is seen yet or not.

A part has a content address, under which it is kept: when one scene has changed, only that scene
and the transitions to and from it are rendered again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from gala.timeline.compilation.layers import CompiledTimeline, Layer, Part
from gala.timeline.document.presenters import PresenterElement
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.engine.plan import PythonStep, Report
from gala_renderer.speech.words import Word
from gala_renderer.timeline.graph import Span
from gala_renderer.timeline.masks import masks_over

FILE: Final = "part"
_ELSEWHERE: Final = {"name", "start", "duration", "elements", "src", "of", "volume", "duck_db"}
"""Fields of elements that say nothing about the picture once the film is compiled."""
_UNDIVIDED: Final = frozenset({"html"})
"""What is drawn at once from its first to its last frame."""
_MAX_PARTS: Final = 200
_CLIPS_AT_ONCE: Final = 4
"""Times at which clips begin in a part, its own beginning included."""


@dataclass(frozen=True, slots=True)
class FilmPart:
    """Frames of the film that are encoded by themselves, and their content address."""

    span: Span
    key: str


def part_spans(compiled: CompiledTimeline) -> list[Span]:
    """Return the spans of scenes, transitions and some clips; one, if the film has no such parts.

    A film with pages in HTML is not divided, because scripts may use random numbers.
    """
    rate, whole = Fraction(compiled.frame.fps), compiled.frames
    inside = [0, whole]
    if not any(layer.element.type in _UNDIVIDED for layer in compiled.layers):
        inside = list(_with_clips(sorted(_scene_edges(compiled)), compiled))
    step = -(-len(inside) // _MAX_PARTS)
    inside = [*inside[:-1:step], whole]
    return [Span(first, end, rate) for first, end in pairwise(inside)]


def _scene_edges(compiled: CompiledTimeline) -> Iterable[int]:
    """Return the frames at which scenes and transitions begin and end, and those of the film."""
    whole = compiled.frames
    edges = {0, whole}
    for scene in compiled.scenes:
        edges.add(scene.first_frame)
        if scene.transition is not None:
            edges |= {scene.transition.first_frame, scene.transition.end_frame}
    return {edge for edge in edges if 0 <= edge <= whole}


def _with_clips(edges: Sequence[int], compiled: CompiledTimeline) -> Iterator[int]:
    """Yield edges, and more where too many clips begin between two of them."""
    clips = [one for one in compiled.layers if one.is_visible and one.element.type == "video"]
    starts = sorted({clip.first_frame for clip in clips})
    for first, end in pairwise(edges):
        yield first
        inside = [start for start in starts if first < start < end]
        yield from inside[_CLIPS_AT_ONCE - 1 :: _CLIPS_AT_ONCE]
    yield edges[-1]


@dataclass(frozen=True, slots=True)
class Identities:
    """What decides the pictures of a film, beside the composition."""

    files: Mapping[str, str]
    """Digests of files by source."""
    words: Mapping[str, Sequence[Word]]
    """Of what speaks, by JSON pointer."""
    motions: Mapping[int, Path]
    """Files with the curves of each frame of presenters, by the number of their layer."""
    clips: Mapping[int, Path]
    """Videos of presenters that a service animated, by the number of their layer."""
    levels: Mapping[int, Path]
    """Files with what waveforms show, by the number of their layer."""
    making: str
    """The code, the encoder, and the fonts."""


def film_parts(compiled: CompiledTimeline, known: Identities) -> list[FilmPart]:
    """Return the parts of a film with their addresses."""
    return [FilmPart(span, _key(compiled, span, known)) for span in part_spans(compiled)]


def _key(compiled: CompiledTimeline, span: Span, known: Identities) -> str:
    layers = [
        _layer(layer, compiled, span, known)
        for layer in compiled.layers
        if layer.is_visible and span.within(layer.first_frame, layer.end_frame).frames
    ]
    content = {
        "making": known.making,
        "frame": compiled.frame.model_dump(),
        "frames": span.frames,
        "background": compiled.background,
        "scenes": list(_scenes(compiled, span)),
        "layers": layers,
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _scenes(compiled: CompiledTimeline, span: Span) -> Iterator[Any]:
    for scene in compiled.scenes:
        if span.within(scene.first_frame, scene.end_frame).frames:
            change = scene.transition
            first = scene.first_frame - span.first
            ends = None if change is None else change.end_frame - span.first
            name = None if change is None else change.transition.type
            if ends is None or ends <= 0:
                # Nothing says when a scene began whose transition is over.
                first, ends = max(first, 0), None
            yield scene.background, first, ends, name


def _layer(
    layer: Layer, compiled: CompiledTimeline, span: Span, known: Identities
) -> dict[str, Any]:
    change = layer.transition
    source = getattr(layer.element, "src", None)
    return {
        **_placed(layer, span, known),
        "scene": None
        if layer.scene is None
        else compiled.scenes[layer.scene].first_frame - span.first,
        "frames": (layer.first_frame - span.first, layer.end_frame - span.first),
        "file": None if source is None else known.files.get(source),
        "look": known.files.get(str(getattr(layer.element, "lut", None))),
        "sprites": _sprites(layer, known),
        "masks": [known.files.get(one.src or "") for one in masks_over(layer)],
        "source": None if layer.source is None else asdict(layer.source),
        "captions": None if layer.captions is None else layer.captions.model_dump(mode="json"),
        "words": [] if layer.words_of is None else list(_words(layer, compiled, span, known)),
        "drawn": _drawn(layer, span, known),
        "transition": None
        if change is None
        else (change.transition.model_dump(mode="json"), layer.number - change.before),
    }


def _sprites(layer: Layer, known: Identities) -> list[str | None]:
    element = layer.element
    if not isinstance(element, PresenterElement):
        return []
    return [known.files.get(source) for _, source in element.sprite_files()]


def _drawn(layer: Layer, span: Span, known: Identities) -> str | None:
    """Return the digest of what a presenter or a waveform follows in a span."""
    motion, levels = known.motions.get(layer.number), known.levels.get(layer.number)
    if motion is not None:
        seen = span.within(layer.first_frame, layer.end_frame)
        first = seen.first - layer.first_frame
        curves = np.load(motion, mmap_mode="r", allow_pickle=False)
        digest = hashlib.sha256(curves[first : first + seen.frames].tobytes())
        if layer.number in known.clips:
            digest.update(known.clips[layer.number].read_bytes())
        return digest.hexdigest()
    return None if levels is None else hashlib.sha256(levels.read_bytes()).hexdigest()


def _grouped(group: Layer, span: Span, known: Identities) -> dict[str, Any]:
    change = group.transition
    return {
        **_placed(group, span, known),
        "look": known.files.get(str(getattr(group.element, "lut", None))),
        "transition": None if change is None else change.transition.model_dump(mode="json"),
        "number": (group.number, None if change is None else change.before),
    }


def _placed(part: Part, span: Span, known: Identities) -> dict[str, Any]:
    """Return the time and place of an element or group, from the start of the span on."""
    return {
        "element": part.element.model_dump(mode="json", exclude=_ELSEWHERE),
        "time": (part.start - span.start, part.end - span.start),
        "placement": None if part.placement is None else asdict(part.placement),
        "group": None if part.group is None else _grouped(part.group, span, known),
    }


def _words(
    layer: Layer, compiled: CompiledTimeline, span: Span, known: Identities
) -> Iterator[Any]:
    speaker = next(one for one in compiled.layers if one.pointer == layer.words_of)
    shift = float(speaker.start - span.start)
    for word in known.words.get(speaker.pointer, ()):
        yield word.text, round(word.start + shift, 4), round(word.end + shift, 4)


def keeping(cache: FolderCache, key: str, folder: Path, number: int) -> PythonStep:
    """Return the step that keeps a part that was encoded."""

    async def work(report: Report) -> None:
        await asyncio.to_thread(cache.store, key, folder)
        report(1.0)

    return PythonStep(f"keeping part {number + 1}", work, 0.01)
