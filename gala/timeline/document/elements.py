"""The elements of a composition."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gala.render_types.params.colors import Color
from gala.render_types.params.voice import SpokenText, VoiceParams
from gala.timeline.document.charts import ChartElement
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.htmls import HtmlElement
from gala.timeline.document.lotties import LottieElement
from gala.timeline.document.placement import (
    ClipParams,
    ColoredParams,
    DuckedParams,
    MovedParams,
    ObjectFit,
    PicturedParams,
    SoundingParams,
    VisibleParams,
)
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.subtitles import CaptionLook
from gala.timeline.document.text_animations import ANIMATIONS as TEXT_ANIMATIONS
from gala.timeline.document.text_animations import TextAnimationField
from gala.timeline.document.texts import RichText, TextFit, TextLook
from gala.timeline.document.timing import Freeze, FreezeField, PlayedParams, TimedParams
from gala.timeline.document.values import Name, Percent, Source
from gala.timeline.document.waveforms import WaveformElement
from gala.timeline.problems import broken_rule
from gala.timeline.svg_documents import svg_problem

MAX_SVG: Final = 200_000


class ShapeName(StrEnum):
    """Shapes."""

    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"


class VideoElement(PicturedParams, PlayedParams, DuckedParams):
    """A video, with its sound."""

    type: Literal["video"]
    src: Source
    freeze: FreezeField | None = None

    @property
    def freezes(self) -> tuple[Freeze, ...]:
        """The moments at which it stands still and goes on, by time."""
        if self.freeze is None or isinstance(self.freeze, float):
            return ()
        given = (self.freeze,) if isinstance(self.freeze, Freeze) else self.freeze
        return tuple(sorted(given, key=lambda one: one.time))

    @model_validator(mode="after")
    def _frozen_or_played(self) -> Self:
        if self.freeze is None:
            return self
        is_one_frame = isinstance(self.freeze, float)
        for name in ("trim", "speed", "reverse", "loop") if is_one_frame else ("reverse", "loop"):
            if name in self.model_fields_set:
                what = ", which shows a single frame" if is_one_frame else " that goes on"
                raise broken_rule(
                    f"{name} is not combined with freeze{what}.",
                    f"Leave freeze out, or {name}.",
                    name,
                )
        return self

    @model_validator(mode="after")
    def _freezes_where_it_plays(self) -> Self:
        start, end = self.trim.start, self.trim.end
        given = self.freeze if isinstance(self.freeze, tuple) else self.freezes
        for number, one in enumerate(given):
            if one.time >= start and (end is None or one.time < end):
                continue
            until = "" if end is None else f" and less than {end:g}"
            raise broken_rule(
                "It stands still at a time that its trim leaves out.",
                f"Write {start:g} or more{until}: it is a time in the file.",
                f"freeze.{number}.time" if isinstance(self.freeze, tuple) else "freeze.time",
            )
        return self


class ImageElement(PicturedParams):
    """A picture."""

    type: Literal["image"]
    src: Source


class TextElement(VisibleParams, TextLook):
    """A text, perhaps with parts that look different."""

    type: Literal["text"]
    text: RichText
    fit: Annotated[TextFit, Field(strict=False)] = Field(
        default=TextFit.WRAP,
        description=(
            "What happens to long lines: `wrap` breaks them at the width; `shrink` also makes the"
            " font smaller until the text fits into `height` and `max_lines`; `clip` cuts off what"
            " does not fit, with an ellipsis."
        ),
    )
    max_lines: int | None = Field(
        default=None, ge=1, le=100, description="Maximum number of lines, 1 to 100."
    )
    underline: bool = Field(default=False, description="Whether the text has a line under it.")
    strikethrough: bool = Field(
        default=False, description="Whether the text has a line through it, as an old price."
    )
    animation_in: TextAnimationField = Field(
        default=None,
        description=(
            f"How it appears: {TEXT_ANIMATIONS}; with more of it"
            ' `{"type": "rise", "by": "line", "duration": 1}`.'
        ),
        examples=["rise"],
    )
    animation_out: TextAnimationField = Field(
        default=None, description="How it disappears, as `animation_in`.", examples=["fade"]
    )

    @model_validator(mode="after")
    def _shrinks_into(self) -> Self:
        if self.fit is TextFit.WRAP or self.height is not None or self.max_lines is not None:
            return self
        raise broken_rule(
            f"With fit {self.fit}, a text is made to fit a height.",
            'Add "height": "20%", for example, or "max_lines": 2.',
            "fit",
        )

    @property
    def plain_text(self) -> str:
        """The characters without their looks."""
        return self.text if isinstance(self.text, str) else "".join(run.text for run in self.text)


class ShapeElement(VisibleParams):
    """A rectangle or an ellipse; as large as the frame, unless it has a size."""

    type: Literal["shape"]
    shape: Annotated[ShapeName, Field(strict=False)] = Field(
        default=ShapeName.RECTANGLE, description="`rectangle` or `ellipse`."
    )
    color: Color = Field(default="#ffffff", description="Color of the area.")
    radius: Percent = Field(
        default=0.0, ge=0, le=0.5, description="Corner radius, of its shorter side."
    )
    border_color: Color = Field(default="#000000", description="Color of the border.")
    border_width: Percent = Field(
        default=0.0, ge=0, le=0.5, description="Border width, of the frame's shorter side."
    )


class SvgElement(VisibleParams):
    """A drawing in SVG."""

    type: Literal["svg"]
    src: Source | None = None
    svg: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SVG)] | None = Field(
        default=None, description="Instead of `src`: the drawing itself, `<svg …>…</svg>`."
    )
    fit: Annotated[ObjectFit, Field(strict=False)] = Field(
        default=ObjectFit.CONTAIN, description="How it fits its box, as for pictures."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.src is None) == (self.svg is None):
            raise broken_rule(
                "A drawing is a file or is written in the composition.",
                'Give one of "src" (the file) and "svg" (the drawing itself).',
            )
        if self.svg is not None and "<svg" not in self.svg:
            raise broken_rule(
                "The text is not SVG.", 'Write "<svg …>…</svg>"; give a file as "src".', "svg"
            )
        problem = None if self.svg is None else svg_problem(self.svg)
        if problem is not None:
            rule = f"This SVG cannot be drawn: {problem}."
            raise broken_rule(rule, "Correct the drawing.", "svg")
        return self


class AudioElement(TimedParams, MovedParams, ClipParams, PlayedParams, DuckedParams):
    """Music or other sound; the sound of a video, too."""

    type: Literal["audio"]
    src: Source


class NarrationParams(VoiceParams, SoundingParams):
    """What a voice says: a text that is spoken, or a recording."""

    text: SpokenText | None = Field(
        default=None,
        description="The text to speak, as in `tts`; with `src`, the words of the recording.",
        examples=["Welcome."],
    )
    src: Source | None = Field(
        default=None, description="A recording, instead of speech made from `text`."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.src is None:
            raise broken_rule(
                "A voice needs something to say.",
                'Add "text": "…" to have it spoken, or "src" for a recording.',
            )
        return self


class VoiceElement(TimedParams, MovedParams, ClipParams, NarrationParams):
    """A voice: speech that other sound gives way to."""

    type: Literal["voice"]


class CaptionElement(TimedParams, CaptionLook):
    """Captions, of a voice or from a file of subtitles."""

    type: Literal["caption"]
    of: Name | None = Field(
        default=None,
        description="Name of the voice, presenter, video or audio whose words are shown.",
    )
    src: Source | None = Field(default=None, description="Instead of `of`: an SRT or VTT file.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.of is None) == (self.src is None):
            raise broken_rule(
                "Captions show the words of another element, or those of a file.",
                'Give one of "of" (the name of a voice) and "src" (an SRT or VTT file).',
            )
        return self


class GroupElement(VisibleParams, ColoredParams):
    """Elements that are placed, moved, faded and colored together; lowest first."""

    type: Literal["group"]
    elements: tuple[Element, ...] = Field(
        strict=False,
        min_length=1,
        max_length=200,
        description="The elements; their times and places are within the group.",
    )


AnyElement = (
    VideoElement
    | ImageElement
    | TextElement
    | CountdownElement
    | ChartElement
    | WaveformElement
    | ShapeElement
    | SvgElement
    | LottieElement
    | HtmlElement
    | AudioElement
    | VoiceElement
    | CaptionElement
    | PresenterElement
    | GroupElement
)
Element = Annotated[AnyElement, Field(discriminator="type")]
ELEMENTS: Final[dict[str, type[AnyElement]]] = {
    "video": VideoElement,
    "image": ImageElement,
    "text": TextElement,
    "countdown": CountdownElement,
    "chart": ChartElement,
    "waveform": WaveformElement,
    "shape": ShapeElement,
    "svg": SvgElement,
    "lottie": LottieElement,
    "html": HtmlElement,
    "audio": AudioElement,
    "voice": VoiceElement,
    "caption": CaptionElement,
    "presenter": PresenterElement,
    "group": GroupElement,
}
"""The element classes by type."""
