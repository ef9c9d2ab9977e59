"""Pictures from a prompt: by a service, or by a model in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gala.factory import diffusion
from gala.factory.base import MediaFactory
from gala.factory.config import Dialect
from gala.factory.endpoint import Ask, Endpoint
from gala.factory.problems import parsed
from gala.factory.sizes import Resolution, size_of
from gala.factory.words import Callback, MediaResult, MediaTask, MediaType
from gala.factory.work import Work
from gala.media import MediaClass

USUAL_ENDPOINT: Final = "http://image-generation-service:5000"
USUAL_STEPS: Final = 25

Prompt: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000, pattern=r"\S")
]


class ImageParameters(BaseModel):
    """What a picture is made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Prompt
    negative_prompt: Annotated[str, Field(max_length=10_000)] | None = None
    style: Annotated[str, Field(max_length=200)] | None = None
    resolution: Resolution = "1024x1024"
    hdr: bool = False
    model: Annotated[str, Field(max_length=200)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    steps: Annotated[int, Field(ge=1, le=200)] = USUAL_STEPS

    @property
    def described(self) -> str:
        """The prompt for models that know no style but by words."""
        more = [f"{self.style} style"] if self.style else []
        return ", ".join([self.prompt, *more, *(["HDR"] if self.hdr else [])])


class ImageWorkflow(MediaFactory):
    """Makes a picture of ``{"prompt", "style", "resolution", "hdr", "model"}``.

    More: ``negative_prompt``, ``seed``, ``steps``.
    """

    media_type: ClassVar[MediaType] = MediaType.IMAGE

    def _setup(self) -> None:
        url = self.config.service_endpoint or USUAL_ENDPOINT
        self._endpoint = Endpoint(url, self.config.service_key)
        backend = self.config.backend
        if backend == "auto":
            here = self.config.service_endpoint is None and diffusion.missing() is None
            backend = "diffusers" if here else "service"
        self._here = backend == "diffusers"

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """``True``; raises ``ValueError`` naming what is wrong."""
        parsed(ImageParameters, params)
        return True

    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Begin a picture."""
        wanted = parsed(ImageParameters, params)
        model = wanted.model or self.config.default_model

        async def do(work: Work) -> MediaResult:
            if self._here:
                return await _drawn(work, wanted, model)
            return await self._endpoint.make(work, self._asks(wanted, model), MediaClass.IMAGE)

        same = (self._here, self.config.service_endpoint, model, wanted.model_dump())
        return self.start(params, do, callback=callback, same=same)

    def _asks(self, wanted: ImageParameters, model: str | None) -> list[Ask]:
        asks = {
            Dialect.OPENAI: Ask("/v1/images/generations", _openai(wanted, model)),
            Dialect.AUTOMATIC1111: Ask("/sdapi/v1/txt2img", _automatic1111(wanted, model)),
            Dialect.JSON: Ask("/generate", {**wanted.model_dump(exclude_none=True), **_of(model)}),
        }
        chosen = self.config.dialect
        return list(asks.values()) if chosen is Dialect.AUTO else [asks[chosen]]

    def _get_supported_formats(self) -> list[str]:
        return ["png", "jpg", "webp"]

    def _get_features(self) -> list[str]:
        return ["text_to_image", "styles", "hdr", "batch", "progress", "cancel", "cache"]


async def _drawn(work: Work, wanted: ImageParameters, model: str | None) -> MediaResult:
    width, height = size_of(wanted.resolution)
    picture = diffusion.Picture(
        prompt=wanted.described,
        negative_prompt=wanted.negative_prompt,
        width=width,
        height=height,
        steps=wanted.steps,
        seed=wanted.seed,
        model=model or diffusion.USUAL_MODEL,
    )
    target = work.target(".png")
    await work.in_thread(lambda: diffusion.draw(picture, target, work))
    return MediaResult(path=target, mime="image/png", size=target.stat().st_size)


def _of(model: str | None) -> dict[str, str]:
    return {"model": model} if model else {}


def _openai(wanted: ImageParameters, model: str | None) -> dict[str, Any]:
    width, height = size_of(wanted.resolution)
    return {"prompt": wanted.described, "n": 1, "size": f"{width}x{height}", **_of(model)}


def _automatic1111(wanted: ImageParameters, model: str | None) -> dict[str, Any]:
    width, height = size_of(wanted.resolution)
    body: dict[str, Any] = {
        "prompt": wanted.described,
        "negative_prompt": wanted.negative_prompt or "",
        "width": width,
        "height": height,
        "steps": wanted.steps,
        "seed": -1 if wanted.seed is None else wanted.seed,
    }
    if model:
        body["override_settings"] = {"sd_model_checkpoint": model}
    return body
