"""The worker process of a diffusion model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gala.generation import diffusion
from gala.generation.image_requests import ImageRequest
from gala_renderer.model_workers.child import RequestChannel


def serve(
    options: Mapping[str, Any],
) -> Callable[[Mapping[str, Any], RequestChannel], Mapping[str, Any]]:
    """Load the model of ``options``: ``folder`` and ``device``."""
    device = options["device"]
    diffusion.load(options["folder"], device)

    def draw(request: Mapping[str, Any], channel: RequestChannel) -> Mapping[str, Any]:
        diffusion.draw(
            ImageRequest(**request["picture"]),
            Path(request["target"]),
            progress=lambda fraction: channel.send_event({"fraction": fraction}),
            checkpoint=channel.raise_if_cancelled,
            device=device,
        )
        return {}

    return draw
