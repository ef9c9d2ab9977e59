"""The parts of a sound that remain when its pauses are shortened. Pure; for audio and video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[float, float]
"""Start and end in seconds."""


def kept_spans(
    silences: Sequence[Span],
    seconds: float,
    *,
    max_pause: float,
    breath: float = 0.0,
    trim_ends: bool = False,
) -> tuple[Span, ...]:
    """Return what remains when each silence longer than ``max_pause`` is cut in the middle.

    A shortened pause keeps half of its new length on each side, and at least ``breath`` seconds.
    With ``trim_ends`` the silence at start and end becomes ``breath``. Empty if all is silent.
    """
    spans: list[Span] = []
    at = 0.0
    for start, end in _removed(silences, seconds, max_pause, breath, trim_ends):
        if start > at:
            spans.append((at, start))
        at = end
    if at < seconds:
        spans.append((at, seconds))
    return tuple(spans)


def _removed(
    silences: Sequence[Span], seconds: float, max_pause: float, breath: float, trim_ends: bool
) -> Iterator[Span]:
    side = max(max_pause / 2, breath)
    for silence_start, silence_end in silences:
        start, end = max(0.0, silence_start), min(seconds, silence_end)
        at_start, at_end = start <= 0, end >= seconds
        if trim_ends and (at_start or at_end):
            first = start if at_start else start + breath
            last = end if at_end else end - breath
        else:
            first, last = start + side, end - side
        if last > first:
            yield first, last
