"""Requests and responses about timelines."""

from __future__ import annotations

from pydantic import Field

from gala.brand_kits import BrandName
from gala.media import Format
from gala.timeline.exchange.imported import Loss
from gala.timeline.plan import TimelinePlan
from gala_api.schemas.common import JsonObject, Received, Sent
from gala_api.schemas.jobs import JobOutputRequest


class PlanTimelineRequest(Received):
    """A composition and the size of its frame."""

    params: JsonObject = Field(
        description="The composition; `GET /timeline/schema` is its JSON Schema.",
        examples=[{"scenes": [{"voice": "Hello."}]}],
    )
    output: JobOutputRequest = Field(
        default=JobOutputRequest(),
        description="Size and frame rate; by default 1080×1920, 30 frames per second.",  # noqa: RUF001
    )

    brand: BrandName | None = Field(
        default=None,
        description="Name of a brand kit: its voice and look of captions, and `{{brand.…}}`.",
    )


class TimelinePlanResponse(Sent):
    """What a composition will be."""

    plan: TimelinePlan


class ImportTimelineRequest(Received):
    """A document of another program."""

    document: JsonObject = Field(
        description="The content of an `.otio` file, or an edit as it is sent to Shotstack's"
        " `/render`, or one of its templates.",
        examples=[
            {
                "timeline": {
                    "tracks": [
                        {
                            "clips": [
                                {
                                    "asset": {"type": "text", "text": "Hello"},
                                    "start": 0,
                                    "length": 2,
                                }
                            ]
                        }
                    ]
                },
                "output": {"format": "mp4", "resolution": "sd"},
            }
        ],
    )


class TimelineImportResponse(Sent):
    """The composition of a document."""

    composition: JsonObject = Field(description="`params` of a job of type `timeline`.")
    format: Format | None = Field(
        description="`output.format` of that job; null if the document does not say."
    )
    losses: list[Loss] = Field(description="What could not be carried over.")
