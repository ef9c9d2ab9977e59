"""Movement: keyframes with easing, camera motion over pictures, and transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from gala.render_types.base import TypeParams, rate_of
from gala.render_types.params.motion import MotionName
from gala.render_types.params.transitions import TransitionName
from gala.timeline.document.easing import MAX_BEYOND, CubicBezier, Easing, EasingCurve
from gala.timeline.document.times import TIME_PATTERN, ReadTime, parse_time, time_schema
from gala.timeline.document.values import Percent, parse_percent, written_percent
from gala.timeline.problems import broken_rule

_NO_MOVEMENT: Final = frozenset({"none", "still", "cut"})


def _named(value: object) -> object:
    """Return the object that a name means; None for the name of no movement at all."""
    found = {"type": value} if isinstance(value, str) else value
    name = found.get("type") if isinstance(found, dict) else None
    return None if isinstance(name, str) and name in _NO_MOVEMENT else found


class CameraMotion(TypeParams):
    """Camera motion at constant speed, from the first to the last frame."""

    type: Annotated[MotionName, Field(strict=False)] = Field(description="The motion.")
    amount: Percent = Field(
        default=0.15,
        gt=0,
        le=1,
        description="How far it goes, as a part of the picture's size.",
    )


class ClipTransition(TypeParams):
    """How a clip or scene takes the place of the one before it."""

    type: Annotated[TransitionName, Field(strict=False)] = Field(description="The transition.")
    duration: Annotated[
        float,
        ReadTime,
        Field(ge=0.05, le=10, description="Seconds or a timecode, 0.05 to 10 seconds."),
        time_schema(0.05, 10),
    ] = 0.5


MotionField = Annotated[
    CameraMotion | None,
    BeforeValidator(_named, json_schema_input_type=MotionName | CameraMotion | None),
    Field(
        description=(
            f"Camera motion over it: {', '.join(f'`{name}`' for name in MotionName)};"
            ' with its amount `{"type": "zoom-in", "amount": "20%"}`.'
        ),
        examples=["ken-burns"],
    ),
]
TransitionField = Annotated[
    ClipTransition | None,
    BeforeValidator(_named, json_schema_input_type=TransitionName | ClipTransition | None),
    Field(
        description=(
            "How it takes the place of the clip or scene before it:"
            f" {', '.join(f'`{name}`' for name in TransitionName)}; with its length"
            ' `{"type": "fade", "duration": 0.8}`.'
        ),
        examples=["fade"],
    ),
]


@dataclass(frozen=True, slots=True)
class KeyTime:
    """The time of a keyframe: seconds from the element's start, or a fraction of its length."""

    value: float
    is_fraction: bool = False

    @property
    def written(self) -> float | str:
        """The time as it is written in JSON."""
        return written_percent(self.value) if self.is_fraction else self.value


def _key_time(value: object, info: ValidationInfo) -> KeyTime:
    if isinstance(value, KeyTime):
        return value
    if isinstance(value, str) and value.strip().endswith("%"):
        fraction = parse_percent(value)
        if not 0 <= fraction <= 1:
            raise broken_rule(
                "A keyframe is within the element's length.",
                'Write "0%" to "100%".',
            )
        return KeyTime(fraction, is_fraction=True)
    return KeyTime(parse_time(value, rate_of(info)))


KeyTimeField = Annotated[
    KeyTime,
    PlainValidator(_key_time),
    PlainSerializer(lambda at: at.written),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": f"{TIME_PATTERN[:-1]}%?$"},
            ]
        }
    ),
    Field(
        description="Seconds from the element's start, or a part of its length: `100%`.",
        examples=[0.5, "100%"],
    ),
]


def _easing_kind(value: Any) -> str:
    is_curve = isinstance(value, str) and "bezier" in value.lower()
    return "curve" if is_curve or isinstance(value, CubicBezier) else "name"


def _curve(value: Any) -> CubicBezier:
    if isinstance(value, CubicBezier):
        return value
    try:
        return CubicBezier.parsed(value)
    except ValueError as error:
        raise broken_rule(
            f"{value[:60]!r} is not a curve.",
            'Write "cubic-bezier(0.25, 0.1, 0.25, 1)": four numbers, the first and the third'
            f" 0 to 1, the others -{MAX_BEYOND:g} to {MAX_BEYOND:g}.",
        ) from error


EasingField = Annotated[
    Annotated[Easing, Field(strict=False), Tag("name")]
    | Annotated[
        CubicBezier, PlainValidator(_curve), PlainSerializer(str, return_type=str), Tag("curve")
    ],
    Discriminator(_easing_kind),
    # One schema instead of a union of two texts.
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^({'|'.join(Easing)})$|^cubic-bezier\([0-9.,+ -]{{7,80}}\)$",
        }
    ),
    Field(
        description="How the values go on from here: "
        + ", ".join(f"`{name}`" for name in Easing)
        + ", or a curve of CSS, `cubic-bezier(0.34, 1.56, 0.64, 1)`.",
        examples=["ease-out", "cubic-bezier(0.34, 1.56, 0.64, 1)"],
    ),
]


class Timed(Protocol):
    """A keyframe of any kind."""

    @property
    def time(self) -> KeyTime:
        """When it is reached."""

    @property
    def easing(self) -> EasingCurve:
        """How its values go on."""

    @property
    def values(self) -> dict[str, float]:
        """The values that it sets, by name."""


def check_pairs(frames: Sequence[Timed]) -> None:
    """Raise an error of validation if a value is set by one keyframe only."""
    for name in sorted({name for frame in frames for name in frame.values}):
        where = [at for at, frame in enumerate(frames) if name in frame.values]
        if len(where) == 1:
            raise broken_rule(
                f"Only one keyframe sets {name}; a movement needs two.",
                f"Set {name} in another keyframe, too; or, if it does not change, leave the"
                " keyframe out.",
                f"keyframes.{where[0]}",
            )


KEYFRAME_VALUES: Final = ("x", "y", "scale", "rotation", "opacity", "blur", "volume")


class Keyframe(TypeParams):
    """Values that an element has at a time; between two keyframes they change smoothly."""

    time: KeyTimeField
    x: Percent | None = Field(default=None, description="As `x` of the element.")
    y: Percent | None = Field(default=None, description="As `y` of the element.")
    scale: float | None = Field(default=None, ge=0, le=20, description="Size; 1 is normal.")
    rotation: float | None = Field(
        default=None, ge=-3600, le=3600, description="Degrees, clockwise."
    )
    opacity: float | None = Field(default=None, ge=0, le=1, description="Opacity, 0 to 1.")
    blur: Percent | None = Field(
        default=None, ge=0, le=0.5, description="Blur radius, of the frame's shorter side."
    )
    volume: float | None = Field(default=None, ge=0, le=4, description="Volume; 1 is unchanged.")
    easing: EasingField = Easing.EASE_IN_OUT

    @property
    def values(self) -> dict[str, float]:
        """The values that this keyframe sets, by name."""
        named = {name: getattr(self, name) for name in KEYFRAME_VALUES}
        return {name: value for name, value in named.items() if value is not None}

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if not self.values:
            raise broken_rule(
                "A keyframe sets at least one value.",
                f"Add one of {', '.join(KEYFRAME_VALUES)}.",
            )
        return self
