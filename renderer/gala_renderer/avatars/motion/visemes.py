"""Visemes and their shapes of the mouth, as data.

The set is that of Oculus LipSync (15 visemes: ``sil PP FF TH DD kk CH SS nn RR aa E ih oh ou``), by
Meta's "Viseme Reference". Which field of the mouth a viseme controls, and which it leaves to its
neighbours, follows the rules of JALI (Edwards, Landreth, Fiume, Singh: "JALI: An Animator-Centric
Viseme Model for Expressive Lip Synchronization", SIGGRAPH 2016). The numbers are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

FIELDS: Final = ("jaw", "spread", "round", "tongue")
"""The fields of the mouth that blend; closures are shaped apart (see ``mouth``)."""
VALUES, WEIGHTS, BEFORE, AFTER = range(4)


class Viseme(IntEnum):
    """The 15 visemes."""

    SIL, PP, FF, TH, DD, KK, CH, SS, NN, RR, AA, E, IH, OH, OU = range(15)


VOWELS: Final = frozenset({Viseme.AA, Viseme.E, Viseme.IH, Viseme.OH, Viseme.OU})


@dataclass(frozen=True, slots=True)
class Shape:
    """The target of one field in one viseme, and its dominance over the neighbours' targets.

    ``before`` and ``after`` are the standard deviations in seconds of the influence that reaches
    beyond the sound.
    """

    value: float
    weight: float
    before: float = 0.05
    after: float = 0.05


_FREE: Final = Shape(0.0, 0.02)
"""The neighbours decide."""
_FLAT: Final = Shape(0.0, 0.6, 0.03, 0.03)
"""A tongue that is not raised."""


def _vowel(jaw: float) -> Shape:
    return Shape(jaw, 1.0, 0.035, 0.035)


SHAPES: Final[dict[Viseme, tuple[Shape, Shape, Shape, Shape]]] = {
    Viseme.SIL: (Shape(0.0, 0.8), Shape(0.0, 0.5), Shape(0.0, 0.5), Shape(0.0, 0.5)),
    Viseme.PP: (Shape(0.06, 3.0, 0.04, 0.04), _FREE, _FREE, _FLAT),
    Viseme.FF: (Shape(0.10, 2.0, 0.04, 0.04), Shape(0.10, 0.3), Shape(0.0, 0.1), _FLAT),
    Viseme.TH: (Shape(0.22, 0.8, 0.04, 0.04), _FREE, _FREE, Shape(1.0, 2.0, 0.04, 0.04)),
    Viseme.DD: (Shape(0.12, 1.5, 0.035, 0.035), _FREE, _FREE, Shape(0.8, 1.5, 0.035, 0.035)),
    Viseme.KK: (Shape(0.16, 1.2, 0.035, 0.035), _FREE, _FREE, _FLAT),
    Viseme.CH: (Shape(0.10, 5.0, 0.045, 0.04), _FREE, Shape(0.60, 1.5, 0.09, 0.07), _FLAT),
    Viseme.SS: (Shape(0.08, 5.0, 0.045, 0.04), Shape(0.40, 0.35), _FREE, Shape(0.2, 0.8)),
    Viseme.NN: (Shape(0.12, 1.5, 0.035, 0.035), _FREE, _FREE, Shape(0.8, 1.5, 0.035, 0.035)),
    Viseme.RR: (Shape(0.20, 0.6, 0.04, 0.04), _FREE, Shape(0.30, 0.35), Shape(0.3, 0.8)),
    Viseme.AA: (_vowel(0.80), Shape(0.12, 1.0), Shape(0.0, 1.0), _FLAT),
    Viseme.E: (_vowel(0.48), Shape(0.50, 1.0), Shape(0.0, 1.0), _FLAT),
    Viseme.IH: (_vowel(0.24), Shape(0.75, 1.2), Shape(0.0, 1.0), _FLAT),
    Viseme.OH: (_vowel(0.50), Shape(0.0, 1.0), Shape(0.70, 1.4, 0.10, 0.07), _FLAT),
    Viseme.OU: (_vowel(0.22), Shape(0.0, 1.0), Shape(1.0, 1.6, 0.12, 0.08), _FLAT),
}
"""Jaw, spread, round and tongue of each viseme.

Tongue sounds leave the lips to their neighbours; sibilants insist on a jaw that is nearly shut;
rounding starts early.
"""


def table() -> NDArray[np.float64]:
    """Return the shapes as an array [viseme, field, (value, weight, before, after)]."""
    return np.array(
        [
            [(shape.value, shape.weight, shape.before, shape.after) for shape in SHAPES[viseme]]
            for viseme in Viseme
        ]
    )
