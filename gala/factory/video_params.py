"""The parameters of videos, by operation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gala.engine import MediaOrder
from gala.errors import InvalidRequest
from gala.factory.engine_tasks import Inputs
from gala.factory.inputs import Source
from gala.factory.sizes import Resolution, size_of
from gala.factory.validation import InvalidParameters, text_of
from gala.media import Format
from gala.media_server.render_orders import checked
from gala.render_types.generate_image import MAX_STYLE_CHARACTERS, Prompt
from gala.render_types.slideshow import MAX_PICTURES, SlideTransition

_TRANSITIONS: Final[Mapping[str, str]] = {
    "fade": SlideTransition.CROSSFADE,
    "cut": SlideTransition.NONE,
}
_USUAL_TRANSITION_SECONDS: Final = 0.5


class VideoParameters(BaseModel):
    """What all of them are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str | None = None


class GenerateParameters(VideoParameters):
    """A video from a prompt; ``duration`` in seconds."""

    prompt: Prompt
    duration: Annotated[float, Field(gt=0)] = 5.0
    resolution: Resolution = "1920x1080"
    fps: Annotated[int, Field(ge=1, le=240)] = 30
    use_nerf: bool = False
    style: Annotated[str, Field(max_length=MAX_STYLE_CHARACTERS)] | None = None
    model: Annotated[str, Field(max_length=200)] | None = None


class EngineVideo(VideoParameters):
    """A video that GALA's engine makes; ``options`` are more params of its job type."""

    options: Mapping[str, Any] = {}

    @abstractmethod
    def order(self) -> MediaOrder:
        """What the engine is to do; raises ``InvalidRequest`` naming the field."""

    @abstractmethod
    def inputs(self) -> Inputs:
        """With which files."""


class _Framed(EngineVideo):
    resolution: Resolution = "1080x1920"
    fps: int = 30

    def _format(self) -> Format:
        width, height = size_of(self.resolution)
        try:
            return Format(width=width, height=height, fps=self.fps)
        except ValidationError as error:
            wrong = error.errors()[0]
            field = "fps" if wrong["loc"] == ("fps",) else "resolution"
            raise InvalidRequest(f"{field}: {wrong['msg']}", field=field) from error


class SlideshowParameters(_Framed):
    """Pictures one after the other; ``duration``, in seconds, is that of all together."""

    image_sequence: Annotated[list[Source], Field(min_length=1, max_length=MAX_PICTURES)]
    transitions: Literal[
        "fade", "cut", "none", "crossfade", "fade-black", "fade-white", "slide-left",
        "slide-up", "wipe-left", "circle",
    ] = "fade"  # fmt: skip
    seconds_each: float = 3.0
    duration: Annotated[float, Field(gt=0)] | None = None
    music: Source | None = None

    def order(self) -> MediaOrder:
        """A ``slideshow``."""
        transition = _TRANSITIONS.get(self.transitions, self.transitions)
        each = self.seconds_each
        if self.duration is not None:
            overlaps = transition != SlideTransition.NONE
            each = _seconds_each(self.duration, len(self.image_sequence), overlaps)
        params = {
            "seconds_each": float(each),
            "transition": transition,
            "transition_seconds": min(_USUAL_TRANSITION_SECONDS, each / 2),
            **self.options,
        }
        return checked("slideshow", params, {}, self._format())

    def inputs(self) -> Inputs:
        """The pictures, and music."""
        return {"pictures": self.image_sequence, **({"music": [self.music]} if self.music else {})}


def _seconds_each(total: float, pictures: int, overlaps: bool) -> float:
    """So long each, when its transition runs into the next."""
    if not overlaps:
        return total / pictures
    full = (total + _USUAL_TRANSITION_SECONDS * (pictures - 1)) / pictures
    # Short pictures have transitions of half their time.
    return full if full >= 2 * _USUAL_TRANSITION_SECONDS else 2 * total / (pictures + 1)


class CaptionedParameters(_Framed):
    """A picture, a voice (``audio``, or made from the text), and its words as captions."""

    text: str | None = None
    image: Source | None = None
    audio: Source | None = None
    music: Source | None = None
    engine: str | None = None
    voice: str | None = None
    language: str | None = None

    def order(self) -> MediaOrder:
        """A ``captioned_video``."""
        given = {name: getattr(self, name) for name in ("text", "engine", "voice", "language")}
        params = {name: one for name, one in given.items() if one is not None}
        if self.text is None and self.audio is None:
            raise InvalidRequest("text: give a text or an audio.", field="text")
        return checked("captioned_video", {**params, **self.options}, {}, self._format())

    def inputs(self) -> Inputs:
        """What is shown and heard."""
        given = {"background": self.image, "voice": self.audio, "music": self.music}
        return {name: [one] for name, one in given.items() if one is not None}


class MergeParameters(EngineVideo):
    """Clips joined, with music under them."""

    videos: Annotated[list[Source], Field(min_length=1, max_length=100)]
    music: Source | None = None
    music_volume: float | None = None

    def order(self) -> MediaOrder:
        """A ``merge``."""
        volume = {} if self.music_volume is None else {"music_volume": float(self.music_volume)}
        return checked("merge", {**volume, **self.options}, {})

    def inputs(self) -> Inputs:
        """The clips, and music."""
        return {"videos": self.videos, **({"music": [self.music]} if self.music else {})}


OPERATIONS: Final[Mapping[str, type[GenerateParameters | EngineVideo]]] = {
    "generate": GenerateParameters,
    "slideshow": SlideshowParameters,
    "captioned": CaptionedParameters,
    "merge": MergeParameters,
}
_TELLING: Final = {"image_sequence": "slideshow", "videos": "merge", "text": "captioned"}


def operation_of(params: object) -> str:
    """Which one the parameters ask for; raises ``InvalidParameters``."""
    if not isinstance(params, Mapping) or "operation" not in params:
        given = params if isinstance(params, Mapping) else {}
        return next((name for key, name in _TELLING.items() if key in given), "generate")
    if text_of(params, "operation") not in OPERATIONS:
        raise InvalidParameters({"operation": f"must be one of {', '.join(OPERATIONS)}"})
    return text_of(params, "operation")
