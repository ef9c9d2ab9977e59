"""Request and response bodies of the process service."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, RootModel, StringConstraints, model_validator

from gala.ids import Prefix, pattern
from gala.net.urls import MAX_URL_CHARACTERS
from gala.render_types.params.colors import Color
from gala.render_types.params.text_style import Text
from gala.render_types.params.timecodes import Seconds
from gala_api.process_service.positions import TextPosition
from gala_api.schemas.common import ErrorBody, Line, Metadata, Moment, Received, Sent, Url

MAX_VIDEOS = 100

_JobId = Annotated[str, Field(pattern=pattern(Prefix.JOB))]
_StatusUrl = Annotated[str, Field(description="The URL of the work's status.")]
Source = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_URL_CHARACTERS),
    Field(
        description="An http(s) URL of a video, GALA's own links included, or an asset's id.",
        examples=["https://example.com/video.mp4"],
    ),
]


class ProcessRequest(Received):
    """The fields of every operation."""

    session_id: Line | None = Field(
        default=None,
        description="The caller's id for related work; `GET /jobs` can filter by it.",
        examples=["user-session-123"],
    )
    creation_id: Line | None = Field(
        default=None, description="The caller's id of this work; returned in notifications."
    )
    metadata: Metadata | None = Field(
        default=None,
        description="Any JSON object of up to 16 KiB; returned in notifications.",
    )
    callback_url: Url | None = Field(
        default=None,
        description="The URL that receives a signed notification when the work has ended.",
        examples=["https://example.com/hooks/gala"],
    )


class TrimVideoRequest(ProcessRequest):
    """One part of a video."""

    video_url: Source
    start_time: Seconds = Field(description="Seconds, or a timecode such as `1:23.5`.")
    end_time: Seconds = Field(description="Seconds or a timecode; limited to the end of the video.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_time <= self.start_time:
            raise ValueError("end_time: must be later than start_time")
        return self


class AddTextToVideoRequest(ProcessRequest):
    """A text on a video."""

    video_url: Source
    text: Text = Field(description="The text, 1 to 2000 characters; `\\n` starts a new line.")
    position: TextPosition = Field(default="center", validate_default=True)
    font_size: float = Field(
        default=50.0, ge=4, le=1000, description="Height of the letters, 4 to 1000 pixels."
    )
    color: Color = Field(default="white", validate_default=True)


class ConcatenateVideosRequest(ProcessRequest):
    """Videos to be concatenated."""

    video_urls: list[Source] = Field(
        min_length=1,
        max_length=MAX_VIDEOS,
        description="The videos in order; the result has the size and frame rate of the first one.",
    )


class ProcessCompleted(Sent):
    """The work is done."""

    status: Literal["completed"]
    asset_url: str = Field(description="A signed link, valid without a header until it expires.")
    expires_at: Moment = Field(
        description="Expiry of the link; `GET /assets/{id}/url` returns new ones."
    )
    asset_id: str
    message: str
    job_id: _JobId
    status_url: _StatusUrl


class ProcessPending(Sent):
    """The work is not finished; poll the status or wait for the callback."""

    status: Literal["processing"]
    message: str
    job_id: _JobId
    status_url: _StatusUrl
    progress: float = Field(ge=0, le=1)


class ProcessFailed(Sent):
    """The work failed; the error says why."""

    status: Literal["failed"]
    message: str
    job_id: _JobId
    status_url: _StatusUrl
    error: ErrorBody


ProcessState = ProcessCompleted | ProcessPending | ProcessFailed


class ProcessStatus(RootModel[ProcessState]):
    """The state of the work, by `status`."""

    root: ProcessState = Field(discriminator="status")
