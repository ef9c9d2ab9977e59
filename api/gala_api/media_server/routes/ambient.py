"""Long videos of one repeated clip, with music and spoken parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from gala.errors import AssetNotFound, InvalidRequest
from gala.media import MediaClass
from gala.permissions import Permission
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, Services, ServicesDep
from gala_api.http.routers import Router
from gala_api.jobs.submit import JobSubmission
from gala_api.media_server import files, openapi
from gala_api.media_server.forms import FormModel, read
from gala_api.media_server.routes.video import VIDEO_FILE

router = Router(prefix="/api/v1/media", tags=["Media server"])

_MINUTES: Final = (10, 180)
_MAX_SIZE: Final = (1920, 1080)
_SOUND: Final = (MediaClass.AUDIO, MediaClass.VIDEO)


class LongFormAmbientForm(FormModel):
    """A clip to repeat, and what is heard."""

    video_id: str = Field(description="The clip to repeat.")
    audio_id: str | None = Field(default=None, description="Like `music_id`; comes first.")
    music_id: str | None = Field(default=None, description="Music, repeated to the length.")
    dialogue_ids: str | None = Field(
        default=None, description="Ids of spoken parts, separated by commas; played once."
    )
    dialogue_pause_seconds: float = Field(default=0.5, ge=0, le=600)
    music_volume: float = Field(default=1.0, description="0 to 1.")
    duration_minutes: int = Field(default=10, description="10 to 180.")
    width: int = Field(default=1920, ge=16, description="At most 1920.")
    height: int = Field(default=1080, ge=16, description="At most 1080.")
    ambient_sounds: str | None = Field(
        default=None,
        description="Must be empty: there are no recordings of ambient sounds on this server.",
    )


@router.post(
    "/video-tools/long-form-ambient",
    summary="Generate a long video of one repeated clip",
    operation_id="mediaLongFormAmbient",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(LongFormAmbientForm),
    responses=openapi.errors(400, 404, 422),
)
async def long_form_ambient(
    request: Request, services: ServicesDep, owner: OwnerDep
) -> dict[str, str]:
    """Repeat a clip for 10 to 180 minutes, with looped music and spoken parts."""
    form = await read(request, services, LongFormAmbientForm)
    return {"file_id": await run_in_threadpool(_submit, services, owner, form)}


def _submit(services: Services, owner: str, form: LongFormAmbientForm) -> str:
    _check(form)
    inputs: dict[str, Any] = {"video_asset_id": _video(services, owner, form.video_id)}
    music_id = form.audio_id or form.music_id
    if music_id:
        field = "audio_id" if form.audio_id else "music_id"
        (inputs["music_asset_id"],) = _found(services, owner, "Music", field, [music_id])
    dialogue_ids = [one.strip() for one in (form.dialogue_ids or "").split(",") if one.strip()]
    if dialogue_ids:
        inputs["dialogue_asset_ids"] = _found(
            services, owner, "Dialogue audio", "dialogue_ids", dialogue_ids
        )
    if not music_id and not dialogue_ids:
        raise InvalidRequest(
            "music_id: Either dialogue_ids or music_id must be provided.", field="music_id"
        )
    params = {
        "duration": form.duration_minutes * 60,
        "width": form.width - form.width % 2,
        "height": form.height - form.height % 2,
        "music_volume": form.music_volume,
        "dialogue_pause": form.dialogue_pause_seconds,
    }
    submission = JobSubmission(type="ambient_video", params=params, inputs=inputs)
    return files.submit(services, owner, submission, VIDEO_FILE)[0]


def _check(form: LongFormAmbientForm) -> None:
    """Raise InvalidRequest with the messages that the media server's clients know."""
    least, most = _MINUTES
    if not least <= form.duration_minutes <= most:
        raise InvalidRequest(
            f"Duration must be between {least} and {most} minutes.", field="duration_minutes"
        )
    if not 0 <= form.music_volume <= 1:
        raise InvalidRequest("Music volume must be between 0.0 and 1.0.", field="music_volume")
    width, height = _MAX_SIZE
    if form.width > width or form.height > height:
        raise InvalidRequest(
            f"Width cannot be greater than {width} and height cannot be greater than {height}.",
            field="width",
        )
    if form.ambient_sounds and form.ambient_sounds.strip(" ,"):
        raise InvalidRequest(
            "ambient_sounds: There are no recordings of ambient sounds on this server; upload one"
            " and send its ID as music_id.",
            field="ambient_sounds",
        )


def _video(services: Services, owner: str, file_id: str) -> str:
    (asset_id,) = _found(
        services, owner, "Video", "video_id", [file_id], classes=(MediaClass.VIDEO,)
    )
    return asset_id


def _found(
    services: Services,
    owner: str,
    name: str,
    field: str,
    file_ids: Sequence[str],
    *,
    classes: Sequence[MediaClass] = _SOUND,
) -> list[str]:
    """Return the assets of the files; raise AssetNotFound with the media server's message."""
    try:
        return files.find_for(services, owner, field, file_ids, *classes)
    except AssetNotFound:
        missing = files.first_missing(services, owner, file_ids)
        raise AssetNotFound(f"{name} with ID {missing[:200]} not found.", field=field) from None
