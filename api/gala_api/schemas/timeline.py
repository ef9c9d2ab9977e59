"""Requests and responses about timelines."""

from __future__ import annotations

from pydantic import Field

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


class TimelinePlanResponse(Sent):
    """What a composition will be."""

    plan: TimelinePlan
