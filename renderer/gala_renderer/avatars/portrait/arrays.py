"""Types of arrays, and their narrowing from what OpenCV's stubs call an array of any numbers."""

from __future__ import annotations

from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float32]
Bytes: TypeAlias = NDArray[np.uint8]


def f32(values: object) -> Array:
    """Narrow values that are float32 already, or convert those of NumPy that are not."""
    return np.asarray(cast("Array", values), np.float32)


def u8(values: object) -> Bytes:
    """Narrow values that are uint8."""
    return cast("Bytes", values)


def rounded(values: object) -> Bytes:
    """Return numbers rounded to uint8 and limited to 0 to 255."""
    return np.clip(np.rint(f32(values)), 0, 255).astype(np.uint8)
