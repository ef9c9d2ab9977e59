"""Prepares the presenters of a film: their bodies, and how they move while they speak."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala.errors import EngineMissing
from gala.installation import install_hint
from gala.render_types.params.presenters import BodyParams
from gala.timeline.compilation.layers import Layer
from gala.timeline.document.elements import PresenterElement
from gala_renderer.avatars.bodies import BodySpec, is_drawn
from gala_renderer.avatars.motion.loudness import Loudness
from gala_renderer.avatars.motion.tracks import listening_motion, speech_motion
from gala_renderer.avatars.preparation import drawn_body, prepare_portrait
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.timeline.studio import Person, Studio
from gala_renderer.transcription.pcm import decode

_FULL_SCALE: Final = 32768.0


@dataclass(frozen=True, slots=True)
class Portraits:
    """The pictures of presenters by source, as files and as media."""

    files: Mapping[str, InputFile]
    media: Mapping[str, Media]


async def prepare_people(
    context: RenderContext, studio: Studio, portraits: Portraits, sounds: Mapping[str, Media]
) -> list[BodySpec]:
    """Prepare all presenters of the film, and return their bodies.

    ``sounds`` are voices by the JSON pointer of what speaks. Raise UnprocessableMedia naming a
    picture without a face that can speak, or EngineMissing without OpenCV.
    """
    layers = [one for one in studio.compiled.layers if isinstance(one.element, PresenterElement)]
    if layers and (find_spec("cv2") is None or find_spec("thorvg_python") is None):
        raise EngineMissing("Presenters need OpenCV and ThorVG.", hint=install_hint("avatars"))
    bodies = []
    for number, layer in enumerate(layers):
        body = await _body(context, layer, number, portraits, studio)
        motion = studio.path(layer, "-motion.npy")
        curves = await _curves(context, layer, studio, sounds, drawn=is_drawn(body))
        np.save(motion, curves, allow_pickle=False)
        studio.people[layer.number] = Person(body, motion)
        bodies.append(body)
    return bodies


async def _body(
    context: RenderContext, layer: Layer, number: int, portraits: Portraits, studio: Studio
) -> BodySpec:
    element = layer.element
    if not isinstance(element, PresenterElement) or element.src is None:
        return drawn_body(getattr(element, "character", None), number)
    portrait = await prepare_portrait(
        context,
        portraits.files[element.src],
        portraits.media[element.src],
        BodyParams(),
        field=layer.pointer,
    )
    studio.warnings.update(dict.fromkeys(portrait.warnings))
    return portrait.spec


async def _curves(
    context: RenderContext,
    layer: Layer,
    studio: Studio,
    sounds: Mapping[str, Media],
    *,
    drawn: bool,
) -> NDArray[np.float32]:
    """Return the poses of a presenter, float32 of shape [frames, curves]."""
    frames, rate = layer.end_frame - layer.first_frame, studio.rate
    seconds = float(frames / rate)
    energy = float(getattr(layer.element, "energy", 0.5))
    words = [word for word in _words(layer, studio) if word.start >= 0 and word.end <= seconds]
    if not words:
        still = listening_motion(seconds, fps=rate, seed=layer.number, energy=energy, drawn=drawn)
        return still.values[:frames]
    speaker = layer.words_of or layer.pointer
    loudness = None
    if speaker in sounds:
        file = await decode(context, sounds[speaker], studio.path(layer, "-voice.wav"))
        begin = float(_start_of(speaker, studio) - layer.start)
        loudness = await asyncio.to_thread(_loudness, file, begin, seconds)
    track = await asyncio.to_thread(
        speech_motion,
        words,
        seconds=seconds,
        fps=Fraction(rate),
        seed=layer.number,
        energy=energy,
        loudness=loudness,
        drawn=drawn,
    )
    return track.values[:frames]


def _words(layer: Layer, studio: Studio) -> Iterator[Word]:
    """Yield what a presenter says, from the start of its layer on."""
    speaker = layer.words_of or layer.pointer
    moved = float(_start_of(speaker, studio) - layer.start)
    for word in studio.words.get(speaker, ()):
        yield word.shifted(moved)


def _start_of(speaker: str, studio: Studio) -> Fraction:
    return next(one.start for one in studio.compiled.layers if one.pointer == speaker)


def _loudness(file: Path, begin: float, seconds: float) -> Loudness:
    """Return the loudness of a voice that begins at a time of the layer, which may be negative."""
    with wave.open(str(file)) as sound:
        rate = sound.getframerate()
        raw = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    samples = np.zeros(round(seconds * rate), np.float32)
    skipped, at = round(max(0.0, -begin) * rate), round(max(0.0, begin) * rate)
    known = raw[skipped : skipped + max(0, len(samples) - at)]
    samples[at : at + len(known)] = known / _FULL_SCALE
    return Loudness.measured(samples, rate)
