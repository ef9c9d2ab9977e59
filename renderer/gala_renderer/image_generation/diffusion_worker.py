"""Image generation by the operator's diffusion model, in a worker process."""

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
from gala_renderer.image_generation.protocol import ImageResult
from gala_renderer.model_workers.pool import PoolStatus, WorkerPool
from gala_renderer.sandbox.runner import Sandbox

_CHILD: Final = "gala_renderer.image_generation.diffusion_child"


class ModelImageGenerator:
    """Generates with the model in ``folder``; torch is never loaded in the calling process."""

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
        """The state of the worker processes."""
        return self._pool.status

    @property
    def version(self) -> str:
        """The versions of diffusers and of the model.

        Raise ``EngineMissing`` if the model cannot run here.
        """
        self._require_model()
        index = (self._folder / diffusion.INDEX).stat()
        return f"{version('diffusers')} {self._folder} {index.st_size} {index.st_mtime_ns}"

    def require(self, picture: ImageRequest) -> None:
        """Raise ``EngineMissing`` without the model, ``InvalidRequest`` for another one."""
        self._require_model()
        if picture.model not in {None, self._folder.name}:
            raise InvalidRequest(
                f"params.model: The only model here is {self._folder.name!r}.", field="params.model"
            )

    async def generate(self, picture: ImageRequest, folder: Path, report: Report) -> ImageResult:
        """Generate the image, reporting each step; cancelling stops between steps."""
        target = folder / "painted.png"

        def on_event(event: Mapping[str, Any]) -> None:
            report(event["fraction"])

        picture_fields = {**asdict(picture), "model": str(self._folder)}
        await self._pool.request(
            {"picture": picture_fields}, on_event=on_event, writes={"target": target}
        )
        return ImageResult(target, "image/png")

    async def close(self) -> None:
        """End the worker processes."""
        await self._pool.close()

    def _require_model(self) -> None:
        reason = diffusion.missing()
        if reason is None and not (self._folder / diffusion.INDEX).is_file():
            reason = (
                f"There is no diffusion model in {self._folder}. Set IMAGE_WEIGHTS to a folder"
                " that has one."
            )
        if reason is not None:
            raise EngineMissing(f"No image service is set: IMAGE_SERVICE_URL. {reason}")
