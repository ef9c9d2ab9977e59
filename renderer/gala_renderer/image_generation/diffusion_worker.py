"""Pictures by a diffusion model of the operator's own, in a warm process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing, InvalidRequest
from gala.generation import diffusion
from gala.generation.image_requests import ImageRequest
from gala_renderer.engine.plan import Report
from gala_renderer.image_generation.protocol import GeneratedImage
from gala_renderer.model_workers.pool import PoolStatus, WorkerPool
from gala_renderer.sandbox.runner import Sandbox

_CHILD: Final = "gala_renderer.image_generation.diffusion_child"


class ModelImageGenerator:
    """Draws with the model in ``folder``; nothing of torch is ever loaded in this process."""

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        *,
        device: str = "auto",
        processes: int = 1,
        idle_seconds: float = 900.0,
    ):
        self._folder = folder.absolute()
        self._pool = WorkerPool(
            sandbox,
            _CHILD,
            {"folder": str(self._folder), "device": device},
            max_workers=processes,
            idle_seconds=idle_seconds,
            environment={"PYTORCH_ENABLE_MPS_FALLBACK": "1"},
        )

    @property
    def status(self) -> PoolStatus:
        """Its processes."""
        return self._pool.status

    @property
    def version(self) -> str:
        """Of diffusers, and which model. Raises ``EngineMissing`` if it cannot draw here."""
        self._require_model()
        index = (self._folder / diffusion.INDEX).stat()
        return f"{version('diffusers')} {self._folder} {index.st_size} {index.st_mtime_ns}"

    def require(self, picture: ImageRequest) -> None:
        """Raise ``EngineMissing`` without packages or weights; it knows one model."""
        self._require_model()
        if picture.model not in {None, self._folder.name}:
            raise InvalidRequest(
                f"params.model: only {self._folder.name!r} draws here.", field="params.model"
            )

    async def generate(self, picture: ImageRequest, folder: Path, report: Report) -> GeneratedImage:
        """Draw it, told step by step; stops between steps when cancelled."""
        target = folder / "painted.png"

        def on_event(event: Mapping[str, Any]) -> None:
            report(event["fraction"])

        words = {**asdict(picture), "model": str(self._folder)}
        await self._pool.request({"picture": words}, on_event=on_event, writes={"target": target})
        return GeneratedImage(target, "image/png")

    async def close(self) -> None:
        """End its processes."""
        await self._pool.close()

    def _require_model(self) -> None:
        reason = diffusion.missing()
        if reason is None and not (self._folder / diffusion.INDEX).is_file():
            reason = (
                f"There is no diffusion model in {self._folder}: set IMAGE_WEIGHTS to a folder"
                " that has one."
            )
        if reason is not None:
            raise EngineMissing(f"No image service is set: IMAGE_SERVICE_URL. {reason}")
