"""The plan of a composition: its compiled form as JSON, for people and programs."""

from __future__ import annotations

from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from gala.media import Format
from gala.timeline.compilation.layers import Box, CompiledScene, CompiledTimeline, Layer
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.document.values import PERCENT_PATTERN, written_percent


class _Planned(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedBox(_Planned):
    """A rectangle in pixels of the frame, before scale and rotation."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, box: Box) -> Self:
        """Return a box, rounded to hundredths."""
        left, top, width, height = (round(side, 2) for side in box)
        return cls(left=left, top=top, width=width, height=height)


class PlannedLayer(_Planned):
    """An element with its time and place; those with higher numbers are in front."""

    number: int = Field(ge=0)
    pointer: str = Field(
        description="JSON pointer of the element in the composition.",
        examples=["/scenes/0/elements/0"],
    )
    type: str = Field(examples=["image"])
    name: str | None = None
    scene: int | None = Field(default=None, description="Number of its scene, from 0.")
    start: float = Field(ge=0, description="Seconds.")
    end: float = Field(ge=0, description="Seconds.")
    first_frame: int = Field(ge=0)
    end_frame: int = Field(ge=0, description="The frame after its last one.")
    box: PlannedBox | None = Field(
        default=None, description="What it covers; null for sound and captions."
    )

    @classmethod
    def of(cls, layer: Layer) -> Self:
        """Return the plan of a layer."""
        return cls(
            number=layer.number,
            pointer=layer.pointer,
            type=layer.element.type,
            name=layer.name,
            scene=layer.scene,
            start=_rounded(layer.start),
            end=_rounded(layer.end),
            first_frame=layer.first_frame,
            end_frame=layer.end_frame,
            box=None if layer.placement is None else PlannedBox.of(layer.placement.box),
        )


class PlannedScene(_Planned):
    """A scene with its time."""

    number: int = Field(ge=0)
    name: str | None = None
    start: float = Field(ge=0, description="Seconds.")
    end: float = Field(ge=0, description="Seconds.")
    first_frame: int = Field(ge=0)
    end_frame: int = Field(ge=0)

    @classmethod
    def of(cls, scene: CompiledScene) -> Self:
        """Return the plan of a scene."""
        return cls(
            number=scene.number,
            name=scene.name,
            start=_rounded(scene.start),
            end=_rounded(scene.end),
            first_frame=scene.first_frame,
            end_frame=scene.end_frame,
        )


class PlannedWarning(_Planned):
    """Something that works but is perhaps not wanted."""

    code: str = Field(examples=["gap"])
    pointer: str = Field(description="JSON pointer of the element; empty for the whole.")
    message: str


class TimelinePlan(_Planned):
    """A compiled composition."""

    format: Format
    duration: float = Field(ge=0, description="Seconds.")
    frames: int = Field(ge=0)
    estimate: bool = Field(
        description="Whether times depend on lengths that are not known yet, as that of speech."
    )
    render_seconds: float = Field(
        ge=0,
        description="About how long the rendering takes once it has begun, if nothing is kept from"
        " an earlier one.",
    )
    scenes: list[PlannedScene]
    layers: list[PlannedLayer]
    warnings: list[PlannedWarning]

    @classmethod
    def of(cls, compiled: CompiledTimeline, *, render_seconds: float) -> Self:
        """Return the plan of a compiled composition, with the time that rendering takes."""
        return cls(
            format=compiled.frame,
            duration=_rounded(compiled.length),
            frames=compiled.frames,
            estimate=compiled.is_estimate,
            render_seconds=render_seconds,
            scenes=[PlannedScene.of(scene) for scene in compiled.scenes],
            layers=[PlannedLayer.of(layer) for layer in compiled.layers],
            warnings=[
                PlannedWarning(code=one.code, pointer=one.pointer, message=one.message)
                for one in compiled.warnings
            ],
        )


def _rounded(seconds: Any) -> float:
    return round(float(seconds), 6)


@cache
def timeline_schema() -> dict[str, Any]:
    """Return the JSON Schema of compositions."""
    found: dict[str, Any] = _with_percentages(TimelineParams.declared_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _with_percentages(schema: Any) -> Any:
    """Return a schema with defaults of percentages as they are written; pydantic has fractions."""
    if isinstance(schema, list):
        return [_with_percentages(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    written = {name: _with_percentages(value) for name, value in schema.items()}
    if written.get("pattern") == PERCENT_PATTERN and isinstance(written.get("default"), float):
        written["default"] = written_percent(written["default"])
    return written
