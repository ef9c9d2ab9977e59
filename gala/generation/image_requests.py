"""Requests for an image from a prompt, in the formats of different services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from gala.render_types.generate_image import USUAL_STEPS

_ALWAYS_BASE64: Final = ("gpt-image", "chatgpt-image")
"""OpenAI's models that reject the parameter ``response_format``."""


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """One way to request generation from a service: a path below its URL, and a JSON body.

    With ``files``, it is a form (``multipart/form-data``) with the files and the body's fields.
    """

    path: str
    body: Mapping[str, Any]
    ignored: tuple[str, ...] = ()
    """Names of parameters that were given and that this API cannot express."""
    files: Mapping[str, Path] = field(default_factory=dict)


class Dialect(StrEnum):
    """The API of an image service; ``auto`` tries them in turn."""

    AUTO = "auto"
    OPENAI = "openai"
    AUTOMATIC1111 = "automatic1111"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """An image to generate; sides in pixels. ``model`` is the generator's own name for a model."""

    prompt: str
    negative_prompt: str | None = None
    style: str | None = None
    width: int
    height: int
    hdr: bool = False
    steps: int = USUAL_STEPS
    seed: int | None = None
    model: str | None = None

    @property
    def full_prompt(self) -> str:
        """Return the prompt with style and HDR, for models that have no such parameters."""
        more = [f"{self.style} style"] if self.style else []
        return ", ".join([self.prompt, *more, *(["HDR"] if self.hdr else [])])


def service_requests(request: ImageRequest, dialect: Dialect) -> list[ServiceRequest]:
    """Return the requests to try, in this order."""
    requests = {
        Dialect.OPENAI: _openai(request),
        Dialect.AUTOMATIC1111: _automatic1111(request),
        Dialect.JSON: _json(request),
    }
    return list(requests.values()) if dialect is Dialect.AUTO else [requests[dialect]]


def _openai(request: ImageRequest) -> ServiceRequest:
    size = f"{request.width}x{request.height}"
    body: dict[str, Any] = {"prompt": request.full_prompt, "n": 1, "size": size}
    if request.model:
        body["model"] = request.model
    if not (request.model or "").startswith(_ALWAYS_BASE64):
        body["response_format"] = "b64_json"
    unsupported = {
        "negative_prompt": request.negative_prompt is not None,
        "seed": request.seed is not None,
        "steps": request.steps != USUAL_STEPS,
    }
    ignored = tuple(name for name, given in unsupported.items() if given)
    return ServiceRequest("/v1/images/generations", body, ignored)


def _automatic1111(request: ImageRequest) -> ServiceRequest:
    body: dict[str, Any] = {
        "prompt": request.full_prompt,
        "negative_prompt": request.negative_prompt or "",
        "width": request.width,
        "height": request.height,
        "steps": request.steps,
        "seed": -1 if request.seed is None else request.seed,
    }
    if request.model:
        body["override_settings"] = {"sd_model_checkpoint": request.model}
    return ServiceRequest("/sdapi/v1/txt2img", body)


def _json(request: ImageRequest) -> ServiceRequest:
    body = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "style": request.style,
        "resolution": f"{request.width}x{request.height}",
        "hdr": request.hdr,
        "steps": request.steps,
        "seed": request.seed,
        "model": request.model,
    }
    return ServiceRequest("/generate", {name: one for name, one in body.items() if one is not None})
