"""``timeline_export``: a composition for an editing program, with the media beside it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gala.media import AssetKind, Format
from gala.render_types.base import OutputSpec, RenderType
from gala.render_types.timeline import TYPE as TIMELINE
from gala.render_types.timeline import TimelineJobParams
from gala.timeline.exchange.rates import EditRate


class ExchangeFormat(StrEnum):
    """Document for an editing program."""

    OTIO = "otio"
    EDL = "edl"
    FCP7 = "fcp7"


class TimelineExportParams(TimelineJobParams):
    """A composition that is exported."""

    to: Annotated[ExchangeFormat, Field(strict=False)] = Field(
        default=ExchangeFormat.OTIO,
        description="`otio` (OpenTimelineIO), `edl` (CMX 3600) or `fcp7` (Final Cut Pro 7 XML,"
        " for Premiere and Resolve).",
    )
    rate: Annotated[float, Field(ge=1, le=120)] | None = Field(
        default=None,
        description="Frames per second of the document: 23.976, 24, 25, 29.97, 30, 59.94, …; by"
        " default those of the film.",
    )
    drop_frame: bool | None = Field(
        default=None,
        description="Whether timecodes are drop-frame; by default at 29.97 and 59.94.",
    )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        """Return the schema of compositions with the fields of the export."""
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        return {**schema, "properties": {**schema["properties"], **_FIELDS}}

    def edit_rate(self, frame: Format) -> EditRate:
        """Return the rate of the document. Raise InvalidRequest for a rate that does not exist."""
        rate = frame.fps if self.rate is None else self.rate
        return EditRate.of(rate, drop_frame=self.drop_frame)


_FIELDS: Final[dict[str, Any]] = {
    "to": {
        "type": ["string", "null"],
        "pattern": f"^({'|'.join(ExchangeFormat)})$",
        "default": "otio",
        "description": TimelineExportParams.model_fields["to"].description,
    },
    "rate": {
        "type": ["number", "null"],
        "minimum": 1,
        "maximum": 120,
        "description": TimelineExportParams.model_fields["rate"].description,
    },
    "drop_frame": {
        "type": ["boolean", "null"],
        "description": TimelineExportParams.model_fields["drop_frame"].description,
    },
}


TYPE = RenderType(
    name="timeline_export",
    summary="A composition for an editing program: OTIO, EDL or FCP7 XML with its media, as ZIP.",
    params=TimelineExportParams,
    inputs=TIMELINE.inputs,
    outputs=(OutputSpec("project", AssetKind.OTHER, "application/zip"),),
    format=TIMELINE.format,
    check=TIMELINE.check,
    named_inputs=TIMELINE.named_inputs,
    example={
        "to": "otio",
        "tracks": [
            {"clips": [{"type": "video", "src": "video", "duration": 1}]},
            {"clips": [{"type": "text", "text": "Hello", "position": "top"}]},
        ],
    },
    example_inputs={"media": ("video",)},
)
