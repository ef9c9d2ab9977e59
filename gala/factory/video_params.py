"""Parameters of video tasks, one class per operation."""

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
from gala.media_server.render_orders import validated_order
from gala.render_types.generate_image import MAX_STYLE_CHARACTERS, Prompt
from gala.render_types.params.transitions import TransitionName
from gala.render_types.slideshow import MAX_PICTURES

_TRANSITIONS: Final[Mapping[str, str]] = {
    "cut": TransitionName.NONE,
}
_TRANSITION_SECONDS: Final = 0.5


class VideoParameters(BaseModel):
    """Base class of the parameters of all operations."""

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
    """A video made by GALA's engine; ``options`` are further params of its render type."""

    options: Mapping[str, Any] = {}

    @abstractmethod
    def order(self) -> MediaOrder:
        """Return the order for the engine; raise ``InvalidRequest`` naming the field."""

    @abstractmethod
    def inputs(self) -> Inputs:
        """Return the input files."""


class _Framed(EngineVideo):
    resolution: Resolution = "1080x1920"
    fps: int = 30

    def _format(self) -> Format:
        width, height = size_of(self.resolution)
        try:
            return Format(width=width, height=height, fps=self.fps)
        except ValidationError as error:
            problem = error.errors()[0]
            field = "fps" if problem["loc"] == ("fps",) else "resolution"
            raise InvalidRequest(f"{field}: {problem['msg']}", field=field) from error


class SlideshowParameters(_Framed):
    """A slideshow; ``duration`` is the total in seconds."""

    image_sequence: Annotated[list[Source], Field(min_length=1, max_length=MAX_PICTURES)]
    transitions: TransitionName | Literal["cut"] = TransitionName.FADE
    seconds_each: float = 3.0
    duration: Annotated[float, Field(gt=0)] | None = None
    music: Source | None = None

    def order(self) -> MediaOrder:
        """Return an order of the type ``slideshow``."""
        transition = _TRANSITIONS.get(self.transitions, self.transitions)
        each = self.seconds_each
        if self.duration is not None:
            overlaps = transition != TransitionName.NONE
            each = _seconds_each(self.duration, len(self.image_sequence), overlaps)
        params = {
            "seconds_each": float(each),
            "transition": transition,
            "transition_seconds": min(_TRANSITION_SECONDS, each / 2),
            **self.options,
        }
        return validated_order("slideshow", params, {}, self._format())

    def inputs(self) -> Inputs:
        """Return the pictures and the music."""
        return {"pictures": self.image_sequence, **({"music": [self.music]} if self.music else {})}


def _seconds_each(total: float, pictures: int, overlaps: bool) -> float:
    """Return the seconds per picture, including its overlap with the next one."""
    if not overlaps:
        return total / pictures
    full = (total + _TRANSITION_SECONDS * (pictures - 1)) / pictures
    # The transition of a short picture takes half of its time.
    return full if full >= 2 * _TRANSITION_SECONDS else 2 * total / (pictures + 1)


class CaptionedParameters(_Framed):
    """A picture with captioned speech: the ``audio``, or speech made from the text."""

    text: str | None = None
    image: Source | None = None
    audio: Source | None = None
    music: Source | None = None
    engine: str | None = None
    voice: str | None = None
    language: str | None = None

    def order(self) -> MediaOrder:
        """Return an order of the type ``captioned_video``."""
        given = {name: getattr(self, name) for name in ("text", "engine", "voice", "language")}
        params = {name: one for name, one in given.items() if one is not None}
        if self.text is None and self.audio is None:
            raise InvalidRequest("text: give a text or an audio file.", field="text")
        return validated_order("captioned_video", {**params, **self.options}, {}, self._format())

    def inputs(self) -> Inputs:
        """Return the picture, the voice and the music."""
        given = {"background": self.image, "voice": self.audio, "music": self.music}
        return {name: [one] for name, one in given.items() if one is not None}


class MergeParameters(EngineVideo):
    """Joined clips with background music."""

    videos: Annotated[list[Source], Field(min_length=1, max_length=100)]
    music: Source | None = None
    music_volume: float | None = None

    def order(self) -> MediaOrder:
        """Return an order of the type ``merge``."""
        volume = {} if self.music_volume is None else {"music_volume": float(self.music_volume)}
        return validated_order("merge", {**volume, **self.options}, {})

    def inputs(self) -> Inputs:
        """Return the clips and the music."""
        return {"videos": self.videos, **({"music": [self.music]} if self.music else {})}


OPERATIONS: Final[Mapping[str, type[GenerateParameters | EngineVideo]]] = {
    "generate": GenerateParameters,
    "slideshow": SlideshowParameters,
    "captioned": CaptionedParameters,
    "merge": MergeParameters,
}
_CHARACTERISTIC: Final = {"image_sequence": "slideshow", "videos": "merge", "text": "captioned"}


def operation_of(params: object) -> str:
    """Return the operation that the parameters select; raise ``InvalidParameters``."""
    if not isinstance(params, Mapping) or "operation" not in params:
        given = params if isinstance(params, Mapping) else {}
        return next((name for key, name in _CHARACTERISTIC.items() if key in given), "generate")
    if text_of(params, "operation") not in OPERATIONS:
        raise InvalidParameters({"operation": f"must be one of {', '.join(OPERATIONS)}"})
    return text_of(params, "operation")
