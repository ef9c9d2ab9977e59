"""When elements start, how long they last, and which part of a file they play."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from gala.render_types.base import TypeParams
from gala.timeline.document.values import Name, Offset, Seconds, objects_or
from gala.timeline.problems import broken_rule

END: Final = "end"


class Follow(TypeParams):
    """A start that another element decides on."""

    model_config = ConfigDict(serialize_by_alias=True)

    after: Name | None = Field(
        default=None, description="Start when the element or scene of this name ends."
    )
    along: Name | None = Field(
        default=None,
        alias="with",
        description="Start when the element or scene of this name starts.",
    )
    offset: Offset = Field(default=0.0, description="Seconds later; negative is earlier.")

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.after is None) == (self.along is None):
            raise broken_rule(
                "A start follows one other element.",
                'Write {"after": "its name"} to start at its end, or {"with": "its name"} to start'
                " at its start.",
            )
        return self

    @property
    def target(self) -> str:
        """Name of the element that is followed."""
        return self.after or self.along or ""


class Until(TypeParams):
    """A length that another element decides on."""

    until: Name = Field(description="End when the element or scene of this name ends.")
    offset: Offset = Field(default=0.0, description="Seconds later; negative is earlier.")


def _word_or_time(value: Any) -> str:
    if isinstance(value, dict | Until):
        return "object"
    is_word = isinstance(value, str) and not any(character.isdigit() for character in value)
    return "word" if is_word else "seconds"


def _the_end(value: object) -> object:
    if value != END:
        raise broken_rule(
            f"{value!r} is not a length.",
            'Write seconds (2.5), a timecode ("0:02.5"), "end", or {"until": "a name"}; leave it'
            " out for the content's own length.",
        )
    return value


Start = Annotated[
    Annotated[Seconds, Tag("seconds")] | Annotated[Follow, Tag("object")],
    objects_or("seconds"),
    Field(
        description=(
            "When it starts: seconds or a timecode, or after or with another element:"
            ' `{"after": "title", "offset": 0.5}`, `{"with": "title"}`. In a scene or group, times'
            " count from its start. By default, in a track, after the clip before it; in a scene or"
            " group, at its start."
        ),
        examples=[2.5, {"after": "title", "offset": 0.5}],
    ),
]

Duration = Annotated[
    Annotated[Seconds, Tag("seconds")]
    | Annotated[Literal["end"], BeforeValidator(_the_end), Tag("word")]
    | Annotated[Until, Tag("object")],
    Discriminator(_word_or_time),
    Field(
        description=(
            'How long it lasts: seconds or a timecode, `"end"` (to the end of its scene or group,'
            ' in a track to the end of the whole) or `{"until": "title"}`. By default as long as'
            " its content; what has no length of its own lasts to the end of its scene or group,"
            " in a track 5 seconds or, if it is alone there, to the end of the whole."
        ),
        examples=[4, "end"],
    ),
]


class Trim(TypeParams):
    """The part of a file that is used, in seconds of the file."""

    start: Seconds = Field(default=0.0, description="Where the part starts.")
    end: Seconds | None = Field(
        default=None, description="Where the part ends; by default the file's end."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise broken_rule(
                "A trim ends after its start.",
                f"Write an end later than {self.start:g}; both are times in the file.",
                "end",
            )
        return self


class Freeze(TypeParams):
    """A moment at which the picture of a video stands still before it goes on."""

    time: Seconds = Field(description="The time in the file.", examples=[2.5])
    duration: Seconds = Field(
        gt=0, description="How long the picture stands still; the sound is silent meanwhile."
    )


def _freeze_kind(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "list"
    return "object" if isinstance(value, dict | Freeze) else "seconds"


FreezeField = Annotated[
    Annotated[Seconds, Tag("seconds")]
    | Annotated[Freeze, Tag("object")]
    | Annotated[tuple[Freeze, ...], Field(strict=False, min_length=1, max_length=100), Tag("list")],
    Discriminator(_freeze_kind),
    Field(
        description=(
            "A time of the file: only its frame is shown, as a picture without sound. Or"
            ' `{"time": 2, "duration": 1.5}`, or a list of such: the video plays, stands still at'
            " that time for that long, in silence, and goes on."
        ),
        examples=[{"time": 2, "duration": 1.5}],
    ),
]


class TimedParams(TypeParams):
    """Base of all elements: name and time."""

    name: Name | None = Field(
        default=None,
        description="A name by which other elements, templates and messages refer to it.",
        examples=["title"],
    )
    start: Start | None = None
    duration: Duration | None = None


class PlayedParams(TypeParams):
    """Base of elements that play a file."""

    trim: Trim = Field(default=Trim(), description="The part of the file that is used.")
    speed: float = Field(
        default=1.0, ge=0.1, le=10, description="Speed, 0.1 to 10; the pitch of sound is kept."
    )
    reverse: bool = Field(default=False, description="Whether it plays backwards.")
    loop: bool = Field(
        default=False,
        description="Whether it repeats until its `duration` is over, by default to the end.",
    )
