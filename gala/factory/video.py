"""Videos: from a prompt by a service; from pictures, voices and clips by GALA's engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from gala.errors import InvalidRequest
from gala.factory import engine_tasks
from gala.factory.base import MediaFactory
from gala.factory.endpoints import endpoint_of, kept
from gala.factory.models import Callback, MediaResult, MediaTask, MediaType
from gala.factory.validation import InvalidParameters, parsed, refused
from gala.factory.video_params import (
    OPERATIONS,
    EngineVideo,
    GenerateParameters,
    VideoParameters,
    operation_of,
)
from gala.generation.request_spec import Ask
from gala.generation.task_context import TaskContext
from gala.media import MediaClass

USUAL_ENDPOINT: Final = "http://video-generation-service:5001"


class VideoWorkflow(MediaFactory):
    """Makes a video; ``operation`` says how, if the parameters do not.

    ``generate``: ``prompt``, ``duration`` (seconds), ``resolution``, ``fps``, ``use_nerf``.
    ``slideshow``: ``image_sequence``. ``captioned``: ``text``, ``image``, ``audio``. ``merge``:
    ``videos``, ``music``. See :mod:`gala.factory.video_params` for all of them.
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
        """Begin a video of pictures: ``fps``, ``transitions``, ``seconds_each``, …"""
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
        """Begin a video of a picture, a voice and what it says as captions."""
        full = {**(parameters or {}), "operation": "captioned", "text": text, "image": image}
        return self.process(full, callback=callback)

    def merge(
        self,
        videos: Sequence[object],
        parameters: Mapping[str, Any] | None = None,
        *,
        callback: Callback | None = None,
    ) -> MediaTask:
        """Begin to join clips on the frame of the first: ``music``, ``music_volume``."""
        full = {**(parameters or {}), "operation": "merge", "videos": videos}
        return self.process(full, callback=callback)

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """``True``; raises ``ValueError`` naming what is wrong."""
        self._parsed(params)
        return True

    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Begin a video."""
        wanted = self._parsed(params)

        async def do(work: TaskContext) -> MediaResult:
            if isinstance(wanted, EngineVideo):
                order, inputs = wanted.order(), wanted.inputs()
                return await engine_tasks.make(self.config, work, order, inputs)
            asks = [Ask("/generate", self._body(wanted))]
            return kept(await self._endpoint.make(work, asks, MediaClass.VIDEO))

        here = not isinstance(wanted, EngineVideo) or self.config.api_url is None
        same = (self.config.service_endpoint, self.config.default_model, wanted.model_dump())
        return self.start(params, do, callback=callback, same=same if here else None)

    def _parsed(self, params: Mapping[str, Any]) -> VideoParameters:
        wanted = parsed(OPERATIONS[operation_of(params)], params)
        if isinstance(wanted, EngineVideo):
            try:
                wanted.order()
            except InvalidRequest as error:
                raise refused(error) from error
        elif wanted.duration > self.config.max_duration:
            most = f"must be at most {self.config.max_duration:g} seconds (max_duration)"
            raise InvalidParameters({"duration": most})
        return wanted

    def _body(self, wanted: VideoParameters) -> dict[str, Any]:
        assert isinstance(wanted, GenerateParameters)  # noqa: S101 - the other kind of two
        body = wanted.model_dump(exclude_none=True, exclude={"operation"})
        if self.config.default_model:
            body.setdefault("model", self.config.default_model)
        return body

    def _get_supported_formats(self) -> list[str]:
        return ["mp4", "webm"]

    def _get_features(self) -> list[str]:
        made = ["text_to_video", "images_to_video", "captioned_video", "merge"]
        return [*made, "batch", "progress", "cancel", "cache"]
