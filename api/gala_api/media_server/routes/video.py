"""Videos: captioned, merged, laid over one another, looked into."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
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
from gala_api.jobs.submit import JobSubmission
from gala_api.jobs.synchronous import content_of, run_and_wait
from gala_api.media_server import files, openapi
from gala_api.media_server.files import PromisedFile
from gala_api.media_server.forms import FormModel, Truth, read
from gala_api.media_server.routes.audio import check_voice, probed

router = APIRouter(prefix="/media", tags=["Media server"])

VIDEO: Final = PromisedFile("video", MediaType.VIDEO, ".mp4")
_SOUNDING: Final = (MediaClass.AUDIO, MediaClass.VIDEO)
_VISIBLE: Final = (MediaClass.VIDEO, MediaClass.IMAGE)


class MergeForm(FormModel):
    """Videos in their order, and music."""

    video_ids: str = Field(description="Ids, joined by commas.")
    background_music_id: str | None = None
    background_music_volume: float = Field(default=0.5, ge=0, le=1)


class ColorkeyForm(FormModel):
    """A video without one of its colours, over another."""

    video_id: str
    overlay_video_id: str
    color: str = "green"
    similarity: float = Field(default=0.1, ge=0, le=1)
    blend: float = Field(default=0.1, ge=0, le=1)


class FramesForm(FormModel):
    """Frames of a video that lies elsewhere."""

    url: str
    amount: int = Field(default=5, ge=1, le=300)
    length_seconds: float | None = Field(default=None, gt=0, le=43_200)
    stitch: Truth = False


def _caption_field(name: str) -> Any:
    field = CAPTION_FIELDS[name]
    lowest, highest = field.bounds or (None, None)
    return Field(default=field.default, ge=lowest, le=highest)


class CaptionedForm(FormModel):
    """A voice over a picture, with its words."""

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
    caption_config_font_bold: Truth = _caption_field("font_bold")
    caption_config_font_italic: Truth = _caption_field("font_italic")
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
    """The videos on the first one's canvas, with music under them."""
    asked = await read(request, services, MergeForm)
    return {"file_id": await run_in_threadpool(_merge, services, owner, asked)}


def _merge(services: Services, owner: str, asked: MergeForm) -> str:
    named = [one.strip() for one in asked.video_ids.split(",") if one.strip()]
    if not named:
        raise InvalidRequest("At least one video ID is required.", field="video_ids")
    videos = files.find_for(services, owner, "video_ids", named, MediaClass.VIDEO)
    inputs: dict[str, Any] = {"videos_asset_ids": videos}
    params: dict[str, Any] = {}
    if asked.background_music_id:
        (inputs["music_asset_id"],) = files.find_for(
            services, owner, "background_music_id", [asked.background_music_id], *_SOUNDING
        )
        params["music_volume"] = asked.background_music_volume
    submission = JobSubmission(type="merge", params=params, inputs=inputs)
    return files.submit(services, owner, submission, VIDEO)[0]


@router.post(
    "/video-tools/generate/tts-captioned-video",
    summary="Make a captioned video",
    operation_id="mediaCaptionedVideo",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(CaptionedForm),
    responses=openapi.errors(400, 404, 422),
)
async def captioned(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """A picture with a voice, each word shown as it is spoken; as long as the voice."""
    asked = await read(request, services, CaptionedForm)
    return {"file_id": await run_in_threadpool(_captioned, services, owner, asked)}


def _captioned(services: Services, owner: str, asked: CaptionedForm) -> str:
    inputs = {"background_asset_id": _background(services, owner, asked.background_id)}
    params = captioned_video_params(
        text=asked.text,
        captions=captions_from_form(_caption_fields(asked)),
        image_effect=asked.image_effect,
    )
    if asked.language:
        params["language"] = asked.language
    if asked.audio_id:
        inputs["voice_asset_id"] = _voice(services, owner, asked.audio_id)
    elif "text" not in params:
        raise InvalidRequest("Either text or audio_id must be provided.", field="text")
    else:
        check_voice(asked.kokoro_voice)
        params |= {
            "engine": "kokoro",
            "voice": asked.kokoro_voice,
            "speed": asked.kokoro_speed,
        }
    submission = JobSubmission(
        type="captioned_video",
        params=params,
        inputs=inputs,
        format=Format(
            width=asked.width - asked.width % 2, height=asked.height - asked.height % 2, fps=30
        ),
    )
    return files.submit(services, owner, submission, VIDEO)[0]


def _background(services: Services, owner: str, file_id: str) -> str:
    if file_id.partition("_")[0] != MediaType.IMAGE and is_media_id(file_id):
        raise InvalidRequest("Invalid background ID. Must be an image ID.", field="background_id")
    try:
        asset = files.find(services, owner, file_id)
    except AssetNotFound:
        raise AssetNotFound(f"Background image with ID {file_id[:200]} not found.") from None
    if media_class(asset.mime) is not MediaClass.IMAGE:
        raise InvalidRequest("Invalid background ID. Must be an image ID.", field="background_id")
    return asset.id


def _voice(services: Services, owner: str, file_id: str) -> str:
    try:
        return files.find(services, owner, file_id).id
    except AssetNotFound:
        raise InvalidRequest(
            f"Audio with ID {file_id[:200]} not found.", field="audio_id"
        ) from None


def _caption_fields(asked: CaptionedForm) -> dict[str, Any]:
    """Return the caption fields without their prefix."""
    return {
        name.removeprefix(CAPTION_PREFIX): value
        for name, value in asked.model_dump().items()
        if name.startswith(CAPTION_PREFIX)
    }


@router.post(
    "/video-tools/add-colorkey-overlay",
    summary="Lay a video without one colour over another",
    operation_id="mediaColorkey",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(ColorkeyForm),
    responses=openapi.errors(400, 404, 422),
)
async def colorkey(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """The overlay is repeated to the length of the video below."""
    asked = await read(request, services, ColorkeyForm)
    return {"file_id": await run_in_threadpool(_colorkey, services, owner, asked)}


def _colorkey(services: Services, owner: str, asked: ColorkeyForm) -> str:
    (below,) = files.find_for(services, owner, "video_id", [asked.video_id], MediaClass.VIDEO)
    (above,) = files.find_for(
        services, owner, "overlay_video_id", [asked.overlay_video_id], *_VISIBLE
    )
    submission = JobSubmission(
        type="colorkey_overlay",
        inputs={"video_asset_id": below, "overlay_asset_id": above},
        params={
            "color": _colour(asked.color),
            "similarity": max(asked.similarity, 0.00001),
            "blend": asked.blend,
        },
    )
    return files.submit(services, owner, submission, VIDEO)[0]


def _colour(word: str) -> str:
    """The colour as GALA reads it; FFmpeg's clients also write ``0x00ff00``."""
    return f"#{word[2:8]}" if word.lower().startswith("0x") else word


@router.get(
    "/video-tools/extract-frame/{video_id}",
    summary="One frame of a video",
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
    """A JPEG of the frame shown then; past the end, 0.3 s before it."""
    asset = await run_in_threadpool(files.find, services, owner, video_id)
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="thumbnail",
        params={"timestamp": timestamp},
        inputs={"video_asset_id": asset.id},
    ) as outputs:
        picture = await run_in_threadpool(content_of, services, outputs["thumbnail"])
    return Response(picture, media_type="image/jpeg")


@router.post(
    "/video-tools/extract-frames",
    summary="Frames of a video elsewhere",
    operation_id="mediaExtractFrames",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(FramesForm),
    responses={
        200: {
            "description": "The ids of the pictures; with `stitch`, one JPEG of them all.",
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
    """Evenly spread frames, each a file of its own; or all of them on one picture."""
    asked = await read(request, services, FramesForm)
    params = {"timestamps": _moments(asked)} if asked.length_seconds else {"count": asked.amount}
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="frames",
        params=params,
        inputs={"video_url": asked.url},
    ) as outputs:
        if asked.stitch:
            sheet = await run_in_threadpool(content_of, services, outputs["contact_sheet"])
            return Response(sheet, media_type="image/jpeg")
        kept = await run_in_threadpool(files.keep_archive, services, owner, outputs["frames"])
    return JSONResponse({"image_ids": kept})


def _moments(asked: FramesForm) -> list[float]:
    length = asked.length_seconds or 0.0
    return [round((number + 0.5) * length / asked.amount, 3) for number in range(asked.amount)]


@router.get(
    "/video-tools/info/{file_id}",
    summary="Look into a video",
    operation_id="mediaVideoInfo",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=openapi.errors(400, 404),
)
async def info(
    file_id: str, request: Request, services: ServicesDep, owner: OwnerDep
) -> dict[str, Any]:
    """Length, size, frame rate, shape and codec."""
    told = video_info(await probed(request, services, owner, file_id))
    if told["duration"] is None:
        raise InvalidRequest(f"File with ID {file_id[:200]} is a picture.", field="file_id")
    return told


@router.get(
    "/fonts",
    summary="Fonts",
    operation_id="mediaFonts",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=openapi.errors(),
)
async def fonts(services: ServicesDep) -> dict[str, list[str]]:
    """The fonts that captions can have, by family."""
    told = await services.renderer.get("/fonts")
    return {"fonts": told["fonts"]}
