"""Waveforms: the sound is decoded and analysed first, and drawn beside FFmpeg."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import ffmpeg
import numpy as np

from gala.errors import UnprocessableMedia
from gala.timeline.compilation.layers import Layer
from gala.timeline.compilation.spoken_lines import SpokenLine
from gala.timeline.document.waveforms import WaveformElement, WaveformStyle
from gala_renderer.engine.context import RenderContext
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.narration.sound import TimedVoice
from gala_renderer.probe.media import Media
from gala_renderer.program_jobs import job_text
from gala_renderer.timeline.drawing.job import Material
from gala_renderer.timeline.drawing.wave_job import Wave
from gala_renderer.timeline.elements.moved import Rest, material_size
from gala_renderer.timeline.held_sounds import check_held
from gala_renderer.timeline.sounds import file_sound, sound_of
from gala_renderer.timeline.spectra import RATE, Levels, Samples, band_levels, outline
from gala_renderer.timeline.studio import Studio

_LIMIT_SECONDS: Final = 60 * 60.0
_LINE_BANDS: Final = 24


@dataclass(frozen=True, slots=True)
class Sounds:
    """What can be heard: files by source, and voices."""

    files: Mapping[str, Media]
    voices: Mapping[SpokenLine, TimedVoice]


async def analyse_sounds(context: RenderContext, studio: Studio, sounds: Sounds) -> None:
    """Decode and analyse what the waveforms of a film show.

    Raise UnprocessableMedia naming the element if there is no sound.
    """
    for layer in studio.compiled.layers:
        if isinstance(layer.element, WaveformElement):
            raw = await _decoded(context, layer, studio, sounds)
            target = studio.path(layer, "-levels.npy")
            await asyncio.to_thread(_analyse, layer, studio, raw, target)
            studio.levels[layer.number] = target


async def _decoded(
    context: RenderContext, layer: Layer, studio: Studio, sounds: Sounds
) -> tuple[Path, float]:
    """Decode the sound that a waveform shows; return it, and when it begins in the layer."""
    heard = _heard(layer, studio)
    source = cast(WaveformElement, layer.element).src
    if source is None:
        check_held([heard], sounds.files)
        stream = sound_of(heard, sounds.files, sounds.voices)
    else:
        stream = file_sound(sounds.files[source], layer)
    if stream is None:
        raise UnprocessableMedia(
            f"{layer.pointer}: there is no sound to show.",
            hint="Name an element or a file with sound.",
            field=layer.pointer,
        )
    part = audio_filters.fitted(stream, float(heard.length))
    path = studio.path(layer, "-sound.f32")
    options = {"f": "f32le", "ac": 1, "ar": RATE, **REPRODUCIBLE}
    await context.ffmpeg.run(
        tuple(ffmpeg.output(part, str(path), **options).get_args()),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=float(heard.length),
        report=_unreported,
    )
    return path, float(heard.start - layer.start)


def _unreported(_: float) -> None:
    """Report no progress: this takes a moment."""


def _heard(layer: Layer, studio: Studio) -> Layer:
    if layer.words_of is None:
        return layer
    return next(one for one in studio.compiled.layers if one.pointer == layer.words_of)


def _analyse(layer: Layer, studio: Studio, sound: tuple[Path, float], target: Path) -> None:
    element = cast(WaveformElement, layer.element)
    samples = _in_layer(_mapped(sound[0]), sound[1], float(layer.length))
    sound[0].unlink()
    np.save(target, _levels(element, samples, layer, float(studio.rate)), allow_pickle=False)


def _levels(element: WaveformElement, samples: Samples, layer: Layer, fps: float) -> Levels:
    frames = layer.end_frame - layer.first_frame
    match element.style:
        case WaveformStyle.PROGRESS:
            return outline(samples, element.bars)
        case WaveformStyle.LINE:
            return band_levels(samples, frames, fps, _LINE_BANDS, element.smoothing)
    half = -(-element.bars // 2)
    levels = band_levels(samples, frames, fps, half, element.smoothing)
    # The low pitches are in the middle.
    both = np.hstack([levels[:, ::-1], levels])
    odd = element.bars % 2
    both = np.delete(both, half, axis=1) if odd else both
    across = np.linspace(0, np.pi, element.bars + 2)[1:-1]
    return np.asarray(both * (0.45 + 0.55 * np.sin(across)), np.float32)


def _mapped(path: Path) -> Samples:
    """Return samples that stay in their file: those of a long sound take hundreds of megabytes."""
    count = path.stat().st_size // np.dtype("<f4").itemsize
    return np.memmap(path, "<f4", "r", shape=(count,)) if count else np.zeros(0, np.float32)


def _in_layer(samples: Samples, begin: float, seconds: float) -> Samples:
    """Return what is heard in a layer of a sound that begins in it, or before."""
    count = round(seconds * RATE)
    skipped, at = round(max(0.0, -begin) * RATE), round(max(0.0, begin) * RATE)
    known = samples[skipped : skipped + max(0, count - at)]
    if len(known) == count:
        return known
    whole = np.zeros(count, np.float32)
    whole[at : at + len(known)] = known
    return whole


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return a waveform, ready to be drawn."""
    element, placement = cast(WaveformElement, layer.element), layer.placement
    if placement is None:
        return None
    size, scale = material_size(placement.box, zoom)
    wave = Wave(
        style=element.style.value,
        levels=studio.levels[layer.number],
        frames=layer.end_frame - layer.first_frame,
        rate=float(studio.rate),
        gap=element.gap,
        radius=element.radius,
        direction=element.direction,
        color=element.color,
        end_color=element.end_color,
        rest_color=element.rest_color,
        thickness=max(1.0, element.line_width * studio.short_side * scale),
    )
    path = studio.path(layer, "-wave.json")
    path.write_text(job_text(wave))
    material = Material(kind="wave", path=path, width=size[0], height=size[1], alpha=True)
    return Rest(material, placement.box)
