"""A picture from a prompt, as it is asked of services that speak differently."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gala.generation.request_spec import Ask
from gala.render_types.generate_image import USUAL_STEPS

_ALWAYS_BASE64: Final = ("gpt-image", "chatgpt-image")
"""OpenAI's models that refuse to be told how to answer."""


class Dialect(StrEnum):
    """How an image service is spoken to; ``auto`` tries them in turn."""

    AUTO = "auto"
    OPENAI = "openai"
    AUTOMATIC1111 = "automatic1111"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn; sides in pixels. ``model`` is whatever the one who draws knows by it."""

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
    def described(self) -> str:
        """The prompt for models that know no style but by words."""
        more = [f"{self.style} style"] if self.style else []
        return ", ".join([self.prompt, *more, *(["HDR"] if self.hdr else [])])


def asks(picture: Picture, dialect: Dialect) -> list[Ask]:
    """The ways to ask for it, in the order in which they are tried."""
    known = {
        Dialect.OPENAI: _openai(picture),
        Dialect.AUTOMATIC1111: _automatic1111(picture),
        Dialect.JSON: _json(picture),
    }
    return list(known.values()) if dialect is Dialect.AUTO else [known[dialect]]


def _openai(picture: Picture) -> Ask:
    size = f"{picture.width}x{picture.height}"
    body: dict[str, Any] = {"prompt": picture.described, "n": 1, "size": size}
    if picture.model:
        body["model"] = picture.model
    if not (picture.model or "").startswith(_ALWAYS_BASE64):
        body["response_format"] = "b64_json"
    unsaid = {
        "negative_prompt": picture.negative_prompt is not None,
        "seed": picture.seed is not None,
        "steps": picture.steps != USUAL_STEPS,
    }
    ignored = tuple(name for name, given in unsaid.items() if given)
    return Ask("/v1/images/generations", body, ignored)


def _automatic1111(picture: Picture) -> Ask:
    body: dict[str, Any] = {
        "prompt": picture.described,
        "negative_prompt": picture.negative_prompt or "",
        "width": picture.width,
        "height": picture.height,
        "steps": picture.steps,
        "seed": -1 if picture.seed is None else picture.seed,
    }
    if picture.model:
        body["override_settings"] = {"sd_model_checkpoint": picture.model}
    return Ask("/sdapi/v1/txt2img", body)


def _json(picture: Picture) -> Ask:
    words = {
        "prompt": picture.prompt,
        "negative_prompt": picture.negative_prompt,
        "style": picture.style,
        "resolution": f"{picture.width}x{picture.height}",
        "hdr": picture.hdr,
        "steps": picture.steps,
        "seed": picture.seed,
        "model": picture.model,
    }
    return Ask("/generate", {name: one for name, one in words.items() if one is not None})
