"""Images from a prompt: from a service, a model in this process, or a GALA server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gala.engine import MediaOrder
from gala.errors import InvalidRequest
from gala.factory import engine_tasks
from gala.factory.base import MediaFactory
from gala.factory.endpoints import endpoint_of, result_of
from gala.factory.models import Callback, MediaResult, MediaTask, MediaType
from gala.factory.sizes import Resolution, size_of
from gala.factory.validation import invalid_parameters, parsed
from gala.generation import diffusion
from gala.generation.image_requests import ImageRequest, service_requests
from gala.generation.response_limits import MAX_PIXELS
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala.media_server.render_orders import validated_order
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
"""The default for diffusers; suits the default size and number of steps."""


def _not_too_large(text: str) -> str:
    width, height = size_of(text)
    if width * height > MAX_PIXELS:
        raise ValueError(f"must have at most {MAX_PIXELS // 1_000_000} megapixels")
    return text


class ImageParameters(BaseModel):
    """The parameters of an image."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Prompt
    negative_prompt: Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS)] | None = None
    style: Annotated[str, Field(max_length=MAX_STYLE_CHARACTERS)] | None = None
    resolution: Annotated[Resolution, AfterValidator(_not_too_large)] = "1024x1024"
    hdr: bool = False
    model: Annotated[str, Field(max_length=200)] | None = None
    seed: Seed | None = None
    steps: Steps = USUAL_STEPS

    def image_request(self, default_model: str | None) -> ImageRequest:
        """Return the request for a service or a model."""
        width, height = size_of(self.resolution)
        values = self.model_dump(exclude={"resolution", "model"})
        return ImageRequest(**values, width=width, height=height, model=self.model or default_model)

    def order(self, default_model: str | None) -> MediaOrder:
        """Return the order for a job; raise ``InvalidRequest`` naming the field."""
        width, height = size_of(self.resolution)
        values = self.model_dump(exclude={"resolution", "model"}, exclude_none=True)
        model = {"model": self.model or default_model} if self.model or default_model else {}
        params = {**values, **model, "width": width, "height": height, "picture_format": "png"}
        return validated_order("generate_image", params, {})


class ImageWorkflow(MediaFactory):
    """Makes an image from ``{"prompt", "style", "resolution", "hdr", "model"}``.

    Further parameters: ``negative_prompt``, ``seed``, ``steps``.
    """

    media_type: ClassVar[MediaType] = MediaType.IMAGE

    def _setup(self) -> None:
        config = self.config
        self._endpoint = endpoint_of(config, config.service_endpoint or USUAL_ENDPOINT)
        backend = config.backend
        configured = config.service_endpoint is not None or backend != "auto"
        self._as_job = config.api_url is not None and not configured
        if backend == "auto":
            here = config.service_endpoint is None and diffusion.missing() is None
            backend = "diffusers" if here else "service"
        self._here = backend == "diffusers"

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """Return ``True``, or raise ``ValueError`` naming the invalid parameters."""
        self._parsed(params)
        return True

    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Start an image task."""
        parameters = self._parsed(params)
        if self._as_job:
            order = parameters.order(self.config.default_model)
            job = partial(engine_tasks.make, self.config, order=order, inputs={})
            return self.start(params, job, callback=callback)
        default = USUAL_MODEL if self._here else None
        request = parameters.image_request(self.config.default_model or default)

        async def do(context: TaskContext) -> MediaResult:
            if self._here:
                return await _draw(context, request)
            requests = service_requests(request, self.config.dialect)
            return result_of(await self._endpoint.make(context, requests, MediaClass.IMAGE))

        same = (self._here, self.config.service_endpoint, request)
        return self.start(params, do, callback=callback, same=same)

    def _parsed(self, params: Mapping[str, Any]) -> ImageParameters:
        parameters = parsed(ImageParameters, params)
        if self._as_job:
            try:
                parameters.order(self.config.default_model)
            except InvalidRequest as error:
                raise invalid_parameters(error) from error
        return parameters

    def _get_supported_formats(self) -> list[str]:
        return ["png", "jpg", "webp"]

    def _get_features(self) -> list[str]:
        return ["text_to_image", "styles", "hdr", "batch", "progress", "cancel", "cache"]


async def _draw(context: TaskContext, request: ImageRequest) -> MediaResult:
    target = context.target(".png")
    draw = partial(
        diffusion.draw, request, target, progress=context.progress, checkpoint=context.checkpoint
    )
    await context.in_thread(draw)
    return MediaResult(path=target, mime="image/png", size=target.stat().st_size)
