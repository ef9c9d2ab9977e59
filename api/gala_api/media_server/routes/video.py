"""Captioned videos, merging, overlays, frames, and information about videos."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from gala.errors import AssetNotFound, InvalidRequest
from gala.media import Format, MediaClass, media_class
from gala.media_server.caption_form import (
    CAPTION_FIELDS,
    CAPTION_PREFIX,
    captioned_video_params,
    captions_from_form,
)
from gala.media_server.ids import MediaType, is_media_id
from gala.media_server.info import video_info
from gala.permissions import Permission
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, Services, ServicesDep
from gala_api.http.routers import Router
from gala_api.jobs.submit import JobSubmission
from gala_api.jobs.synchronous import content_of, run_and_wait
from gala_api.media_server import files, openapi
from gala_api.media_server.files import PendingFile
from gala_api.media_server.forms import FormBool, FormModel, read
from gala_api.media_server.routes.audio import check_voice, probed

router = Router(prefix="/api/v1/media", tags=["Media server"])

VIDEO_FILE: Final = PendingFile("video", MediaType.VIDEO, ".mp4")
_AUDIO_CLASSES: Final = (MediaClass.AUDIO, MediaClass.VIDEO)
_VISUAL_CLASSES: Final = (MediaClass.VIDEO, MediaClass.IMAGE)


class MergeForm(FormModel):
    """Videos in order, and background music."""

    video_ids: str = Field(description="Ids, separated by commas.")
    background_music_id: str | None = None
    background_music_volume: float = Field(default=0.5, ge=0, le=1)


class ColorkeyForm(FormModel):
    """A video with one transparent color over another video."""

    video_id: str
    overlay_video_id: str
    color: str = "green"
    similarity: float = Field(default=0.1, ge=0, le=1)
    blend: float = Field(default=0.1, ge=0, le=1)


class FramesForm(FormModel):
    """Frames of a video at a URL."""

    url: str
    amount: int = Field(default=5, ge=1, le=300)
    length_seconds: float | None = Field(default=None, gt=0, le=43_200)
    stitch: FormBool = False


def _caption_field(name: str) -> Any:
    field = CAPTION_FIELDS[name]
    lowest, highest = field.bounds or (None, None)
    return Field(default=field.default, ge=lowest, le=highest)


class CaptionedForm(FormModel):
    """Speech over an image, with captions."""

    background_id: str
    text: str | None = None
    width: int = Field(default=1080, ge=16, le=4096)
    height: int = Field(default=1920, ge=16, le=4096)
    audio_id: str | None = None
    kokoro_voice: str = "af_heart"
    kokoro_speed: float = Field(default=1.0, ge=0.5, le=2)
    language: str | None = None
    image_effect: str = "ken_burns"
    caption_config_line_count: int = _caption_field("line_count")
    caption_config_line_max_length: int = _caption_field("line_max_length")
    caption_config_font_size: int = _caption_field("font_size")
    caption_config_font_name: str | None = _caption_field("font_name")
    caption_config_font_bold: FormBool = _caption_field("font_bold")
    caption_config_font_italic: FormBool = _caption_field("font_italic")
    caption_config_font_color: str = _caption_field("font_color")
    caption_config_subtitle_position: Literal["top", "center", "bottom"] = _caption_field(
        "subtitle_position"
    )
    caption_config_shadow_color: str = _caption_field("shadow_color")
    caption_config_shadow_transparency: float = _caption_field("shadow_transparency")
    caption_config_shadow_blur: int = _caption_field("shadow_blur")
    caption_config_stroke_color: str = _caption_field("stroke_color")
    caption_config_stroke_size: int = _caption_field("stroke_size")


@router.post(
    "/video-tools/merge",
    summary="Merge videos",
    operation_id="mediaMerge",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(MergeForm),
    responses=openapi.errors(400, 404, 422),
)
async def merge(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Join the videos at the size of the first one, with background music."""
    form = await read(request, services, MergeForm)
    return {"file_id": await run_in_threadpool(_merge, services, owner, form)}


def _merge(services: Services, owner: str, form: MergeForm) -> str:
    video_ids = [one.strip() for one in form.video_ids.split(",") if one.strip()]
    if not video_ids:
        raise InvalidRequest("At least one video ID is required.", field="video_ids")
    videos = files.find_for(services, owner, "video_ids", video_ids, MediaClass.VIDEO)
    inputs: dict[str, Any] = {"videos_asset_ids": videos}
    params: dict[str, Any] = {}
    if form.background_music_id:
        (inputs["music_asset_id"],) = files.find_for(
            services, owner, "background_music_id", [form.background_music_id], *_AUDIO_CLASSES
        )
        params["music_volume"] = form.background_music_volume
    submission = JobSubmission(type="merge", params=params, inputs=inputs)
    return files.submit(services, owner, submission, VIDEO_FILE)[0]


@router.post(
    "/video-tools/generate/tts-captioned-video",
    summary="Generate a captioned video",
    operation_id="mediaCaptionedVideo",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(CaptionedForm),
    responses=openapi.errors(400, 404, 422),
)
async def captioned(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Render an image with speech and captions; the video is as long as the speech."""
    form = await read(request, services, CaptionedForm)
    return {"file_id": await run_in_threadpool(_captioned, services, owner, form)}


def _captioned(services: Services, owner: str, form: CaptionedForm) -> str:
    inputs = {"background_asset_id": _background_asset(services, owner, form.background_id)}
    params = captioned_video_params(
        text=form.text,
        captions=captions_from_form(_caption_fields(form)),
        image_effect=form.image_effect,
    )
    if form.language:
        params["language"] = form.language
    if form.audio_id:
        inputs["voice_asset_id"] = _voice_asset(services, owner, form.audio_id)
    elif "text" not in params:
        raise InvalidRequest("Either text or audio_id must be provided.", field="text")
    else:
        check_voice(form.kokoro_voice)
        params |= {
            "engine": "kokoro",
            "voice": form.kokoro_voice,
            "speed": form.kokoro_speed,
        }
    submission = JobSubmission(
        type="captioned_video",
        params=params,
        inputs=inputs,
        format=Format(
            width=form.width - form.width % 2, height=form.height - form.height % 2, fps=30
        ),
    )
    return files.submit(services, owner, submission, VIDEO_FILE)[0]


def _background_asset(services: Services, owner: str, file_id: str) -> str:
    if file_id.partition("_")[0] != MediaType.IMAGE and is_media_id(file_id):
        raise InvalidRequest("Invalid background ID. Must be an image ID.", field="background_id")
    try:
        asset = files.find(services, owner, file_id)
    except AssetNotFound:
        raise AssetNotFound(f"Background image with ID {file_id[:200]} not found.") from None
    if media_class(asset.mime) is not MediaClass.IMAGE:
        raise InvalidRequest("Invalid background ID. Must be an image ID.", field="background_id")
    return asset.id


def _voice_asset(services: Services, owner: str, file_id: str) -> str:
    try:
        return files.find(services, owner, file_id).id
    except AssetNotFound:
        raise InvalidRequest(
            f"Audio with ID {file_id[:200]} not found.", field="audio_id"
        ) from None


def _caption_fields(form: CaptionedForm) -> dict[str, Any]:
    """Return the caption fields without their prefix."""
    return {
        name.removeprefix(CAPTION_PREFIX): value
        for name, value in form.model_dump().items()
        if name.startswith(CAPTION_PREFIX)
    }


@router.post(
    "/video-tools/add-colorkey-overlay",
    summary="Overlay a video with a transparent color",
    operation_id="mediaColorkey",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(ColorkeyForm),
    responses=openapi.errors(400, 404, 422),
)
async def colorkey(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Overlay a video on another; the overlay is looped to the length of the base video."""
    form = await read(request, services, ColorkeyForm)
    return {"file_id": await run_in_threadpool(_colorkey, services, owner, form)}


def _colorkey(services: Services, owner: str, form: ColorkeyForm) -> str:
    (base,) = files.find_for(services, owner, "video_id", [form.video_id], MediaClass.VIDEO)
    (overlay,) = files.find_for(
        services, owner, "overlay_video_id", [form.overlay_video_id], *_VISUAL_CLASSES
    )
    submission = JobSubmission(
        type="colorkey_overlay",
        inputs={"video_asset_id": base, "overlay_asset_id": overlay},
        params={
            "color": _color(form.color),
            "similarity": max(form.similarity, 0.00001),
            "blend": form.blend,
        },
    )
    return files.submit(services, owner, submission, VIDEO_FILE)[0]


def _color(text: str) -> str:
    """Return the color in GALA's notation; clients also use FFmpeg's ``0x00ff00``."""
    return f"#{text[2:8]}" if text.lower().startswith("0x") else text


@router.get(
    "/video-tools/extract-frame/{video_id}",
    summary="Extract a frame of a video",
    operation_id="mediaExtractFrame",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses={
        200: {"content": {"image/jpeg": {"schema": openapi.FILE}}},
        **openapi.errors(400, 404, 422),
    },
)
async def extract_frame(
    video_id: str,
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    timestamp: Annotated[float, Query(ge=0, le=43_200)] = 1.0,
) -> Response:
    """Return a JPEG of the frame at `timestamp`; after the end, the frame 0.3 s before it."""
    asset = await run_in_threadpool(files.find, services, owner, video_id)
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="thumbnail",
        params={"timestamp": timestamp},
        inputs={"video_asset_id": asset.id},
    ) as outputs:
        image = await run_in_threadpool(content_of, services, outputs["thumbnail"])
    return Response(image, media_type="image/jpeg")


@router.post(
    "/video-tools/extract-frames",
    summary="Extract frames of a video at a URL",
    operation_id="mediaExtractFrames",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(FramesForm),
    responses={
        200: {
            "description": "The ids of the images; with `stitch`, one JPEG of all frames.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["image_ids"],
                        "properties": {"image_ids": {"type": "array", "items": {"type": "string"}}},
                    }
                },
                "image/jpeg": {"schema": openapi.FILE},
            },
        },
        **openapi.errors(400, 404, 422),
    },
)
async def extract_frames(request: Request, services: ServicesDep, owner: OwnerDep) -> Response:
    """Extract evenly spaced frames, each as a file, or all of them in one image."""
    form = await read(request, services, FramesForm)
    params = {"timestamps": _timestamps(form)} if form.length_seconds else {"count": form.amount}
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="frames",
        params=params,
        inputs={"video_url": form.url},
    ) as outputs:
        if form.stitch:
            sheet = await run_in_threadpool(content_of, services, outputs["contact_sheet"])
            return Response(sheet, media_type="image/jpeg")
        image_ids = await run_in_threadpool(files.keep_archive, services, owner, outputs["frames"])
    return JSONResponse({"image_ids": image_ids})


def _timestamps(form: FramesForm) -> list[float]:
    length = form.length_seconds or 0.0
    return [round((number + 0.5) * length / form.amount, 3) for number in range(form.amount)]


@router.get(
    "/video-tools/info/{file_id}",
    summary="Get information about a video",
    operation_id="mediaVideoInfo",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=openapi.errors(400, 404),
)
async def info(
    file_id: str, request: Request, services: ServicesDep, owner: OwnerDep
) -> dict[str, Any]:
    """Return the duration, size, frame rate, aspect ratio and codec."""
    file_info = video_info(await probed(request, services, owner, file_id))
    if file_info["duration"] is None:
        raise InvalidRequest(
            f"File with ID {file_id[:200]} is an image, not a video.", field="file_id"
        )
    return file_info


@router.get(
    "/fonts",
    summary="List fonts",
    operation_id="mediaFonts",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=openapi.errors(),
)
async def fonts(services: ServicesDep) -> dict[str, list[str]]:
    """Return the font families available for captions."""
    answer = await services.renderer.get("/fonts")
    return {"fonts": answer["fonts"]}
