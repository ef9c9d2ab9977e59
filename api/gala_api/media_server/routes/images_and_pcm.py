"""Image stitching and retouching, PCM conversion, and YouTube transcripts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from gala.errors import InvalidRequest
from gala.media import AssetKind
from gala.media_server.ids import MediaType
from gala.permissions import Permission
from gala.render_types.image_stitch import MAX_IMAGES
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.routers import Router
from gala_api.jobs.submit import JobSubmission
from gala_api.jobs.synchronous import content_of, run_and_wait
from gala_api.media_server import files, openapi, youtube
from gala_api.media_server.files import PendingFile
from gala_api.media_server.forms import FormModel, read

router = Router(prefix="/api/v1/utils", tags=["Media server"])

_WAV_FILE: Final = PendingFile("audio", MediaType.AUDIO, ".wav", AssetKind.VOICE)
_IMAGE_FILE: Final = PendingFile("image", MediaType.IMAGE, ".jpg")


class StitchForm(FormModel):
    """Images at URLs."""

    image_urls: str = Field(description="URLs, separated by commas.")
    max_width: int = Field(default=1920, ge=64, le=8192)
    max_height: int = Field(default=1080, ge=64, le=8192)


class ImperfectForm(FormModel):
    """An image to be made less perfect."""

    image_id: str
    enhance_color: float = Field(default=1.0, ge=0, le=2)
    enhance_contrast: float = Field(default=1.0, ge=0, le=2)
    noise_strength: int = Field(default=0, ge=0, le=100)


class PcmForm(FormModel):
    """Raw PCM samples: 16 bit, little-endian."""

    pcm_id: str
    sample_rate: int = Field(default=24_000, ge=1000, le=384_000)
    channels: int = Field(default=1, ge=1, le=2)
    target_sample_rate: int = Field(default=44_100, ge=8000, le=192_000)


@router.post(
    "/stitch-images",
    summary="Stitch images",
    operation_id="mediaStitchImages",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(StitchForm),
    responses={
        200: {"content": {"image/jpeg": {"schema": openapi.FILE}}},
        **openapi.errors(400, 422),
    },
)
async def stitch_images(request: Request, services: ServicesDep, owner: OwnerDep) -> Response:
    """Return a JPEG of all images side by side, within the maximum size."""
    form = await read(request, services, StitchForm)
    urls = [url.strip() for url in form.image_urls.split(",") if url.strip()]
    if not urls:
        raise InvalidRequest("At least one image URL is required.", field="image_urls")
    if len(urls) > MAX_IMAGES:
        raise InvalidRequest(f"At most {MAX_IMAGES} image URLs are allowed.", field="image_urls")
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="image_stitch",
        params={"max_width": form.max_width, "max_height": form.max_height},
        inputs={"images_urls": urls},
    ) as outputs:
        image = await run_in_threadpool(content_of, services, outputs["image"])
    return Response(image, media_type="image/jpeg")


@router.post(
    "/make-image-imperfect",
    summary="Make an image less perfect",
    operation_id="mediaMakeImageImperfect",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(ImperfectForm),
    responses=openapi.errors(400, 404, 422),
)
async def make_image_imperfect(
    request: Request, services: ServicesDep, owner: OwnerDep
) -> dict[str, str]:
    """Change the colors, the contrast and the noise of an image."""
    form = await read(request, services, ImperfectForm)
    image = await run_in_threadpool(files.find, services, owner, form.image_id)
    params = {
        "color": form.enhance_color,
        "contrast": form.enhance_contrast,
        "noise": form.noise_strength,
    }
    submission = JobSubmission(
        type="image_retouch", params=params, inputs={"image_asset_id": image.id}
    )
    (name,) = await run_in_threadpool(files.submit, services, owner, submission, _IMAGE_FILE)
    return {"file_id": name}


@router.post(
    "/convert/pcm/wav",
    summary="Convert PCM to WAV",
    operation_id="mediaPcmToWav",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(PcmForm),
    responses=openapi.errors(400, 404, 422),
)
async def pcm_to_wav(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Convert raw samples to a WAV file, optionally at another sample rate."""
    form = await read(request, services, PcmForm)
    samples = await run_in_threadpool(files.find, services, owner, form.pcm_id)
    params = {
        "pcm": {"sample_rate": form.sample_rate, "channels": form.channels},
        "sample_rate": form.target_sample_rate,
        "channels": form.channels,
    }
    submission = JobSubmission(
        type="audio_convert", params=params, inputs={"audio_asset_id": samples.id}
    )
    (name,) = await run_in_threadpool(files.submit, services, owner, submission, _WAV_FILE)
    return {"file_id": name}


@router.get(
    "/youtube-transcript",
    summary="Get the transcript of a YouTube video",
    operation_id="mediaYoutubeTranscript",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=openapi.errors(400, 404),
)
def youtube_transcript(
    video_id: Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{6,20}$")],
) -> dict[str, str]:
    """Return the transcript that YouTube provides; requires internet access."""
    return {"transcript": youtube.transcript(video_id)}
