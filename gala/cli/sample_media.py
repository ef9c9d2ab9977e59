"""A generated photo, portrait and song, for demos and tests."""

from __future__ import annotations

import cmath
import math
import sys
import wave
from array import array
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise, repeat
from operator import add, mul
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

SKY: Final = (
    (0.00, (33, 36, 88)),
    (0.16, (72, 48, 110)),
    (0.30, (148, 66, 116)),
    (0.42, (226, 98, 96)),
    (0.52, (251, 146, 82)),
    (0.62, (255, 196, 116)),
    (1.00, (255, 222, 160)),
)
"""Colors of the sky by fraction of the height, interpolated between."""
SUN: Final = (255, 246, 222)
GLOW: Final = (255, 172, 96)
HILLS: Final = ((150, 70, 92), (92, 46, 82), (46, 28, 60))

SAMPLE_RATE: Final = 24_000
BEAT_SECONDS: Final = 0.3
CHORDS: Final = ((0, 3, 7, 12), (-4, 0, 3, 8), (3, 7, 10, 15), (-2, 2, 5, 10))
"""Semitones above A3 of four chords."""
PATTERN: Final = (0, 1, 2, 3, 2, 3, 1, 2)
"""The index of the chord's note on each beat."""


def paint_photo(target: Path, *, width: int = 1600, height: int = 1200) -> None:
    """Write a JPEG of a sunset over hills; ``width`` and ``height`` in pixels."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - a dependency of the renderer

    # Painted at twice the size and reduced, which smooths the edges.
    wide, high = 2 * width, 2 * height
    ramp = Image.linear_gradient("L").resize((wide, high))
    photo = Image.merge("RGB", [ramp.point(_fade(channel)) for channel in range(3)])
    centre = wide // 2, round(0.33 * high)
    photo.paste(GLOW, mask=_disc(photo.size, centre, 0.46 * high, lambda near: 0.9 * near**2))
    photo.paste(SUN, mask=_disc(photo.size, centre, 0.08 * high, lambda near: 24 * near))
    for number, colour in enumerate(HILLS):
        outline = [*_ridge(number, wide, high), (wide, high), (0, high)]
        ImageDraw.Draw(photo).polygon(outline, fill=colour)
    photo.reduce(2).save(target, format="JPEG", quality=90)


def _fade(channel: int) -> list[int]:
    """Return one color channel of the sky at 256 heights, from top to bottom."""
    shades: list[int] = []
    for (top, above), (bottom, below) in pairwise(SKY):
        for level in range(len(shades), round(255 * bottom) + 1):
            part = (level / 255 - top) / (bottom - top)
            shades.append(round(above[channel] + part * (below[channel] - above[channel])))
    return shades


def _disc(
    size: tuple[int, int], centre: tuple[int, int], radius: float, light: Callable[[float], float]
) -> Image.Image:
    """Return a mask; ``light`` maps nearness to the center, 0 to 1, to opacity."""
    from PIL import Image  # noqa: PLC0415 - as above

    side = 2 * round(radius)
    # Pillow's radial gradient reaches the corners of its square; the disc, the sides.
    near = [max(0.0, 1 - math.sqrt(2) * level / 255) for level in range(256)]
    shades = [round(255 * min(1.0, light(part))) for part in near]
    mask = Image.new("L", size)
    place = centre[0] - side // 2, centre[1] - side // 2
    mask.paste(Image.radial_gradient("L").resize((side, side)).point(shades), place)
    return mask


def _ridge(number: int, width: int, height: int) -> Iterator[tuple[float, float]]:
    base, swing = 0.62 + 0.12 * number, 0.05 - 0.008 * number
    for x in range(0, width + 8, 8):
        at = x / width * (5 + 2 * number) + number * 2.1
        yield x, height * (base - swing * (math.sin(at) + 0.4 * math.sin(2.7 * at)))


def paint_portrait(target: Path, *, width: int = 720, height: int = 1280) -> None:
    """Write a JPEG of a painted portrait of a man who does not exist; sizes in pixels.

    A size of 720x1280 takes 3 seconds.
    """
    from PIL import Image  # noqa: PLC0415 - as above

    from gala_renderer.avatars.drawings.portrait.painting import portrait  # noqa: PLC0415 - as above
    from gala_renderer.avatars.drawings.portrait.sitter import (  # noqa: PLC0415 - as above
        Hairstyle,
        Sitter,
    )

    sitter = Sitter(
        skin=(0.80, 0.59, 0.46),
        hair=(0.20, 0.13, 0.09),
        iris=(0.32, 0.24, 0.14),
        clothes=(0.20, 0.30, 0.24),
        background=(0.36, 0.30, 0.26),
        hairstyle=Hairstyle.SHORT,
        age=0.25,
        jaw=0.5,
        brows=1.3,
        nose=1.1,
        smile=0.35,
        seed=8,
    )
    Image.fromarray(portrait((width, height), sitter)).save(target, format="JPEG", quality=92)


def play_song(target: Path, *, repeats: int = 1) -> None:
    """Write broken chords of a plucked string as a mono WAV of 9.6 s times ``repeats``."""
    notes = [chord[step] for chord in CHORDS for step in PATTERN] * repeats
    beat = round(BEAT_SECONDS * SAMPLE_RATE)
    mix = array("d", bytes(8 * beat * (len(notes) + 4)))
    plucked = {semitone: _pluck(semitone, beat * 4) for semitone in set(notes)}
    for number, semitone in enumerate(notes):
        place = slice(number * beat, (number + 4) * beat)
        mix[place] = array("d", map(add, mix[place], plucked[semitone]))
    samples = array("h", (int(9000 * sample) for sample in mix[: beat * len(notes)]))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(target), "wb") as song:
        song.setnchannels(1)
        song.setsampwidth(2)
        song.setframerate(SAMPLE_RATE)
        song.writeframes(samples.tobytes())


def _pluck(semitone: int, length: int) -> list[float]:
    """Return a decaying tone whose overtone decays sooner; samples between -1.4 and 1.4."""
    hertz = 220.0 * 2 ** (semitone / 12)
    tone, overtone = _decaying(hertz, 3.5, length), _decaying(2 * hertz, 8.0, length)
    return [one.imag + 0.4 * other.imag for one, other in zip(tone, overtone, strict=True)]


def _decaying(hertz: float, decay: float, length: int) -> Iterator[complex]:
    """Yield a rotation that decays; its imaginary part is the sound.

    Each value is the one before times a constant: ten times faster than a sine and an exponential.
    """
    step = cmath.exp(complex(-decay, 2 * math.pi * hertz) / SAMPLE_RATE)
    return accumulate(repeat(step, length - 1), mul, initial=complex(1))
