"""``timeline``: a film of scenes or tracks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Self

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gala.errors import InvalidRequest
from gala.media import USUAL_FPS, AssetKind, Format, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.pronunciations import Pronunciation
from gala.render_types.params.voice import VoiceChoice
from gala.timeline.compilation.oversights import unknown_languages
from gala.timeline.compilation.tree import build
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import InvalidTimeline, Problem
from gala.timeline.reader import read_as
from gala.timeline.server_models import unknown_models
from gala.timeline.sources import sources_of, spoken_elements

MEDIA: Final = "media"
COMPILED: Final = "timeline"
"""The output that has the compiled composition."""
_FORMATS: Final = (
    *("video/webm", "video/quicktime", "image/gif", "image/webp", "application/zip"),
    *("audio/mp4", "audio/mpeg", "audio/wav", "image/jpeg", "image/png"),
)
_DESCRIPTION: Final = (
    "A composition; `GET /timeline/schema` and `gala timeline schema` have the whole JSON Schema."
)


class TimelineJobParams(TimelineParams):
    """A composition that is rendered; its mistakes have a place, a rule and a remedy."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        """Return a schema without the elements: they have a schema of their own, which is long."""
        del core_schema, handler
        parts = {
            "type": ["array", "null"],
            "items": {"type": "object", "additionalProperties": True},
        }
        return {
            "title": cls.__name__,
            "type": "object",
            "description": _DESCRIPTION,
            "properties": {
                "scenes": {**parts, "description": "Parts that come one after the other."},
                "tracks": {**parts, "description": "Tracks of clips, the lowest first."},
            },
            "additionalProperties": True,
        }

    @classmethod
    def parse(cls, params: Mapping[str, Any], fps: int = USUAL_FPS) -> Self:
        """Return the composition. Raise InvalidTimeline with all problems found."""
        return read_as(cls, params, fps)

    def with_pronunciations(self, others: Sequence[Pronunciation]) -> Self:
        """Return the composition in which its voice has the pronunciations of another list too."""
        voice = self.voice.with_pronunciations(others)
        return self if voice is self.voice else self.model_copy(update={"voice": voice})

    def voice_choices(self, inputs: frozenset[str]) -> Iterator[VoiceChoice]:
        """Yield the voices that are named, each once."""
        del inputs
        found: dict[VoiceChoice, None] = {}
        if self.voice.voice is not None:
            found[VoiceChoice(self.voice.engine, self.voice.voice, "params.voice.voice")] = None
        for element, path in spoken_elements(self):
            if element.voice is not None:
                field = ".".join(["params", *map(str, path), "voice"])
                found[VoiceChoice(element.engine, element.voice, field)] = None
        yield from found


def _check(params: TimelineJobParams, inputs: frozenset[str]) -> None:
    tree = build(params)
    problems = [*tree.problems, *unknown_models(tree)]
    problems += [
        Problem(at, rule, 'Write a tag such as "es" or "en-GB".')
        for at, rule in unknown_languages(params)
    ]
    if problems:
        raise InvalidTimeline(problems)
    if sources_of(params) and MEDIA not in inputs:
        field = "inputs.media_asset_ids"
        raise InvalidRequest(f"{field}: The files that the composition names are required.",
                             field=field)  # fmt: skip


TYPE = RenderType(
    name="timeline",
    summary="A film of scenes or tracks: videos, pictures, texts, captions, presenters, sounds.",
    params=TimelineJobParams,
    inputs={
        MEDIA: InputSpec(
            "The files that the composition names, each once, in its order.",
            frozenset(MediaClass),
            many=True,
        ),
    },
    outputs=(
        OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4", also=_FORMATS),
        OutputSpec("thumbnail", AssetKind.THUMBNAIL, "image/jpeg", required=False),
        OutputSpec(COMPILED, AssetKind.OTHER, "application/json", required=False),
        OutputSpec("poster", AssetKind.THUMBNAIL, "image/jpeg", required=False),
        OutputSpec("contact_sheet", AssetKind.THUMBNAIL, "image/jpeg", required=False),
        OutputSpec("captions", AssetKind.CAPTIONS, "text/vtt", required=False),
        OutputSpec("subtitles", AssetKind.CAPTIONS, "application/x-subrip", required=False),
    ),
    format=Format(width=1080, height=1920, fps=30),
    check=_check,
    named_inputs=lambda params: {MEDIA: sources_of(params)},
    example={
        "quality": "draft",
        "background": "navy",
        "tracks": [
            {"clips": [{"type": "video", "src": "video", "duration": 1, "fit": "blur"}]},
            {"clips": [{"type": "text", "text": "Hello", "fade_in": 0.2, "position": "top"}]},
            {"clips": [{"type": "audio", "src": "song", "volume": 0.5, "duration": "end"}]},
        ],
    },
    example_inputs={MEDIA: ("video", "song")},
)
