"""Videos: from a prompt by a service; from pictures, voices and clips by GALA's engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from gala.errors import InvalidRequest
from gala.factory import engine_tasks
from gala.factory.base import MediaFactory
from gala.factory.endpoints import endpoint_of, result_of
from gala.factory.models import Callback, MediaResult, MediaTask, MediaType
from gala.factory.validation import InvalidParameters, invalid_parameters, parsed
from gala.factory.video_params import (
    OPERATIONS,
    EngineVideo,
    GenerateParameters,
    VideoParameters,
    operation_of,
)
from gala.generation.image_requests import ServiceRequest
from gala.generation.task_context import TaskContext
from gala.media import MediaClass

USUAL_ENDPOINT: Final = "http://video-generation-service:5001"


class VideoWorkflow(MediaFactory):
    """Makes a video; ``operation`` selects how, unless the parameters determine it.

    ``generate``: ``prompt``, ``duration`` (seconds), ``resolution``, ``fps``, ``use_nerf``.
    ``slideshow``: ``image_sequence``. ``captioned``: ``text``, ``image``, ``audio``. ``merge``:
    ``videos``, ``music``. All parameters: :mod:`gala.factory.video_params`.
    """

    media_type: ClassVar[MediaType] = MediaType.VIDEO

    def _setup(self) -> None:
        url = self.config.service_endpoint or USUAL_ENDPOINT
        self._endpoint = endpoint_of(self.config, url)

    def create_from_images(
        self,
        image_sequence: Sequence[object],
        parameters: Mapping[str, Any] | None = None,
        *,
        callback: Callback | None = None,
    ) -> MediaTask:
        """Start a slideshow; parameters: ``fps``, ``transitions``, ``seconds_each``, …"""
        full = {**(parameters or {}), "operation": "slideshow", "image_sequence": image_sequence}
        return self.process(full, callback=callback)

    def create_captioned(
        self,
        text: str,
        image: object = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        callback: Callback | None = None,
    ) -> MediaTask:
        """Start a video of a picture with a spoken, captioned text."""
        full = {**(parameters or {}), "operation": "captioned", "text": text, "image": image}
        return self.process(full, callback=callback)

    def merge(
        self,
        videos: Sequence[object],
        parameters: Mapping[str, Any] | None = None,
        *,
        callback: Callback | None = None,
    ) -> MediaTask:
        """Start joining clips in the frame size of the first; ``music``, ``music_volume``."""
        full = {**(parameters or {}), "operation": "merge", "videos": videos}
        return self.process(full, callback=callback)

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """Return ``True``, or raise ``ValueError`` naming the invalid parameters."""
        self._parsed(params)
        return True

    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Start a video task."""
        parameters = self._parsed(params)

        async def do(context: TaskContext) -> MediaResult:
            if isinstance(parameters, EngineVideo):
                order, inputs = parameters.order(), parameters.inputs()
                return await engine_tasks.make(self.config, context, order, inputs)
            requests = [ServiceRequest("/generate", self._body(parameters))]
            return result_of(await self._endpoint.make(context, requests, MediaClass.VIDEO))

        cacheable = not isinstance(parameters, EngineVideo) or self.config.api_url is None
        same = (self.config.service_endpoint, self.config.default_model, parameters.model_dump())
        return self.start(params, do, callback=callback, same=same if cacheable else None)

    def _parsed(self, params: Mapping[str, Any]) -> VideoParameters:
        parameters = parsed(OPERATIONS[operation_of(params)], params)
        if isinstance(parameters, EngineVideo):
            try:
                parameters.order()
            except InvalidRequest as error:
                raise invalid_parameters(error) from error
        elif parameters.duration > self.config.max_duration:
            problem = f"must be at most {self.config.max_duration:g} seconds (max_duration)"
            raise InvalidParameters({"duration": problem})
        return parameters

    def _body(self, parameters: VideoParameters) -> dict[str, Any]:
        assert isinstance(parameters, GenerateParameters)  # noqa: S101 - the only other class
        body = parameters.model_dump(exclude_none=True, exclude={"operation"})
        if self.config.default_model:
            body.setdefault("model", self.config.default_model)
        return body

    def _get_supported_formats(self) -> list[str]:
        return ["mp4", "webm"]

    def _get_features(self) -> list[str]:
        operations = ["text_to_video", "images_to_video", "captioned_video", "merge"]
        return [*operations, "batch", "progress", "cancel", "cache"]
