"""Pictures from a prompt: by a service, by a model in this process, or by a GALA server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gala.engine import MediaOrder
from gala.errors import InvalidRequest
from gala.factory import engine_tasks
from gala.factory.base import MediaFactory
from gala.factory.endpoints import endpoint_of, kept
from gala.factory.models import Callback, MediaResult, MediaTask, MediaType
from gala.factory.sizes import Resolution, size_of
from gala.factory.validation import parsed, refused
from gala.generation import diffusion
from gala.generation.image_requests import Picture, asks
from gala.generation.response_limits import MOST_PIXELS
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala.media_server.render_orders import checked
from gala.render_types.generate_image import (
    MAX_PROMPT_CHARACTERS,
    MAX_STYLE_CHARACTERS,
    USUAL_STEPS,
    Prompt,
    Seed,
    Steps,
)

USUAL_ENDPOINT: Final = "http://image-generation-service:5000"
USUAL_MODEL: Final = "stabilityai/stable-diffusion-xl-base-1.0"
"""Of diffusers; it draws the usual size in the usual steps."""


def _not_too_large(text: str) -> str:
    width, height = size_of(text)
    if width * height > MOST_PIXELS:
        raise ValueError(f"must have at most {MOST_PIXELS // 1_000_000} megapixels")
    return text


class ImageParameters(BaseModel):
    """What a picture is made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Prompt
    negative_prompt: Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS)] | None = None
    style: Annotated[str, Field(max_length=MAX_STYLE_CHARACTERS)] | None = None
    resolution: Annotated[Resolution, AfterValidator(_not_too_large)] = "1024x1024"
    hdr: bool = False
    model: Annotated[str, Field(max_length=200)] | None = None
    seed: Seed | None = None
    steps: Steps = USUAL_STEPS

    def picture(self, usual_model: str | None) -> Picture:
        """It in the words of whoever draws."""
        width, height = size_of(self.resolution)
        words = self.model_dump(exclude={"resolution", "model"})
        return Picture(**words, width=width, height=height, model=self.model or usual_model)

    def order(self, usual_model: str | None) -> MediaOrder:
        """It as a job; raises ``InvalidRequest`` naming the field."""
        width, height = size_of(self.resolution)
        words = self.model_dump(exclude={"resolution", "model"}, exclude_none=True)
        model = {"model": self.model or usual_model} if self.model or usual_model else {}
        params = {**words, **model, "width": width, "height": height, "picture_format": "png"}
        return checked("generate_image", params, {})


class ImageWorkflow(MediaFactory):
    """Makes a picture of ``{"prompt", "style", "resolution", "hdr", "model"}``.

    More: ``negative_prompt``, ``seed``, ``steps``.
    """

    media_type: ClassVar[MediaType] = MediaType.IMAGE

    def _setup(self) -> None:
        config = self.config
        self._endpoint = endpoint_of(config, config.service_endpoint or USUAL_ENDPOINT)
        backend = config.backend
        chosen = config.service_endpoint is not None or backend != "auto"
        self._as_job = config.api_url is not None and not chosen
        if backend == "auto":
            here = config.service_endpoint is None and diffusion.missing() is None
            backend = "diffusers" if here else "service"
        self._here = backend == "diffusers"

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """``True``; raises ``ValueError`` naming what is wrong."""
        self._parsed(params)
        return True

    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Begin a picture."""
        wanted = self._parsed(params)
        if self._as_job:
            order = wanted.order(self.config.default_model)
            job = partial(engine_tasks.make, self.config, order=order, inputs={})
            return self.start(params, job, callback=callback)
        usual = USUAL_MODEL if self._here else None
        picture = wanted.picture(self.config.default_model or usual)

        async def do(work: TaskContext) -> MediaResult:
            if self._here:
                return await _drawn(work, picture)
            ways = asks(picture, self.config.dialect)
            return kept(await self._endpoint.make(work, ways, MediaClass.IMAGE))

        same = (self._here, self.config.service_endpoint, picture)
        return self.start(params, do, callback=callback, same=same)

    def _parsed(self, params: Mapping[str, Any]) -> ImageParameters:
        wanted = parsed(ImageParameters, params)
        if self._as_job:
            try:
                wanted.order(self.config.default_model)
            except InvalidRequest as error:
                raise refused(error) from error
        return wanted

    def _get_supported_formats(self) -> list[str]:
        return ["png", "jpg", "webp"]

    def _get_features(self) -> list[str]:
        return ["text_to_image", "styles", "hdr", "batch", "progress", "cancel", "cache"]


async def _drawn(work: TaskContext, picture: Picture) -> MediaResult:
    target = work.target(".png")
    draw = partial(
        diffusion.draw, picture, target, progress=work.progress, checkpoint=work.checkpoint
    )
    await work.in_thread(draw)
    return MediaResult(path=target, mime="image/png", size=target.stat().st_size)
