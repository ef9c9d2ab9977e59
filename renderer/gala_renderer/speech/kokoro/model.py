"""The protocol of a loaded Kokoro model, whatever runs it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE: Final = 24_000
"""Samples per second."""
VOICE_ROWS: Final = 510
"""A voice has one style for each number of symbols that a passage can have."""
STYLE_SIZE: Final = 256

Samples: TypeAlias = NDArray[np.float32]
Shares: TypeAlias = Sequence[tuple[str, float]]
"""Voices and their shares of a mix, which add up to 1."""


class KokoroModel(Protocol):
    """A loaded model. Not thread-safe."""

    check: Callable[[], None]
    """Called many times a second while the model runs; may raise to stop within a passage."""

    @property
    def about(self) -> Mapping[str, str]:
        """``backend`` (``torch`` or ``onnx``), ``device``, and the name of the ``weights``."""

    @property
    def voices(self) -> Collection[str]:
        """The names of the voices."""

    @property
    def known(self) -> frozenset[str]:
        """The symbols that can be spoken."""

    def infer(self, symbols: str, shares: Shares, speed: float) -> tuple[Samples, list[int]]:
        """Return the sound of at most ``VOICE_ROWS`` symbols, and their lengths in frames.

        There is one length per symbol, plus one for the silence before and one for that after;
        together they are the length of the sound. The same arguments give the same samples.
        """


def no_check() -> None:
    """Let the model run to the end; the value of ``check`` at first."""
