"""Pictures by a diffusion model in this process, where it is installed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing
from gala.factory.work import Work

USUAL_MODEL: Final = "stabilityai/sdxl-turbo"
_NEEDED: Final = ("diffusers", "transformers", "torch")

_drawing = threading.Lock()
"""One picture at a time: they would only share one chip."""
_loaded: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn; sides in pixels."""

    prompt: str
    negative_prompt: str | None
    width: int
    height: int
    steps: int
    seed: int | None
    model: str


def missing() -> str | None:
    """``None`` if it is installed, or what to install, in one sentence."""
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if not absent:
        return None
    return (
        f"Pictures cannot be made in this process ({', '.join(absent)} missing):"
        f" pip install {' '.join(absent)}, or set service_endpoint."
    )


def draw(picture: Picture, target: Path, work: Work) -> None:
    """Draw it as PNG; blocks. Raises ``EngineMissing`` if the model is not here."""
    reason = missing()
    if reason is not None:
        raise EngineMissing(reason)
    with _drawing:
        work.checkpoint()
        _draw(_pipeline(picture.model), picture, target, work)


def _draw(pipeline: Any, picture: Picture, target: Path, work: Work) -> None:
    import torch  # noqa: PLC0415 - only where pictures are really drawn here

    def on_step(_: Any, step: int, __: Any, values: dict[str, Any]) -> dict[str, Any]:
        work.checkpoint()
        work.progress((step + 1) / picture.steps)
        return values

    generator = None
    if picture.seed is not None:
        generator = torch.Generator("cpu").manual_seed(picture.seed)
    drawn = pipeline(
        prompt=picture.prompt,
        negative_prompt=picture.negative_prompt,
        width=picture.width,
        height=picture.height,
        num_inference_steps=picture.steps,
        generator=generator,
        callback_on_step_end=on_step,
    )
    drawn.images[0].save(target, "PNG")


def _pipeline(model: str) -> Any:
    if model not in _loaded:
        import torch  # noqa: PLC0415
        from diffusers import AutoPipelineForText2Image  # noqa: PLC0415

        try:
            # Weights are fetched by whoever runs this, never behind his back.
            found = AutoPipelineForText2Image.from_pretrained(model, local_files_only=True)
        except OSError as error:
            raise EngineMissing(
                f"The weights of {model!r} are not on this machine: huggingface-cli download"
                f" {model}, or name a folder as the model."
            ) from error
        _loaded.clear()
        _loaded[model] = found.to("cuda" if torch.cuda.is_available() else "cpu")
    return _loaded[model]
