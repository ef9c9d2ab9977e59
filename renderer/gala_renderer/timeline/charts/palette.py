"""Colors of slices."""

from __future__ import annotations

from typing import Final

from gala.timeline.document.charts import ChartElement

_PALETTE: Final = (
    "#3a86ff", "#ffb703", "#06d6a0", "#ff5d8f", "#8a5cf6", "#4cc9f0", "#fb8500", "#a7e055",
    "#ef476f", "#5e60ce", "#94a3b8", "#cbd5e1",
)  # fmt: skip
"""Neighbours differ in hue and lightness, also for people who see few colors."""
_FARTHEST: Final = 0.7
"""How far the last shade is on the way to white or black."""
_LEAST_WAY: Final = 0.35
"""Lightness between a color and white or black, below which its shades go the other way."""


def slice_colors(chart: ChartElement) -> list[str]:
    """Return the color of each value: its own, a shade of the chart's if set, or another."""
    count = len(chart.values)
    usual = (
        shades(chart.color, chart.text_color, count)
        if "color" in chart.model_fields_set
        else _PALETTE[:count]
    )
    return [one.color or color for one, color in zip(chart.values, usual, strict=True)]


def shades(color: str, text_color: str, count: int) -> tuple[str, ...]:
    """Return shades of a color, itself the first.

    They become as light, or as dark, as the text, as that differs from the background.
    """
    lightness, toward = _lightness(color), round(_lightness(text_color))
    if abs(toward - lightness) < _LEAST_WAY:
        toward = 1 - toward
    parts = (_FARTHEST * at / max(1, count - 1) for at in range(count))
    return tuple(
        "#" + "".join(f"{round(one + (255 * toward - one) * part):02x}" for one in _rgb(color))
        for part in parts
    )


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def _lightness(color: str) -> float:
    red, green, blue = _rgb(color)
    return (0.3 * red + 0.59 * green + 0.11 * blue) / 255
