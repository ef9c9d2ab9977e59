"""A builder of videos from a background, audio and captions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from pydantic import ValidationError

from gala.engine import MediaOrder, OnProgress
from gala.errors import InvalidRequest
from gala.media_server.caption_form import caption_params
from gala.media_server.render_orders import frame_format, validated_order
from gala.media_server.subtitle_config import captions_from_subtitle_config
from gala.render_types.params.motion import Motion
from gala.validation import invalid_request
from gala_renderer import in_process
from gala_renderer.library.ass_style import style_params
from gala_renderer.library.engine_call import PathLike, make
from gala_renderer.library.media_utils import MediaUtils

_STILL: Final = {"effect": "still"}
_CLASSIC: Final = {"style": "classic"}


class VideoCommand(list[str]):
    """The FFmpeg command that encodes the video; ``lines`` also has the commands before it."""

    def __init__(self, lines: list[list[str]], execute: Callable[[], bool]):
        super().__init__(lines[-1])
        self.lines = lines
        self.execute = execute
        """Render the video, like :meth:`VideoBuilder.execute`."""


class VideoBuilder:
    """Builds a video: set its parts, then call :meth:`execute`.

    ``dimensions`` are width and height in pixels. A background image lasts as long as the audio; a
    background video is looped or cut to that length. Raises ``ValueError`` for invalid dimensions,
    and later for a missing background, audio or captions.
    """

    def __init__(self, dimensions: tuple[int, int]):
        if not isinstance(dimensions, tuple | list) or len(dimensions) != 2:
            raise ValueError("dimensions: Must be a pair (width, height).")
        try:
            self._format = frame_format(*dimensions)
        except InvalidRequest as error:
            raise ValueError(f"dimensions: {error.message}") from error
        self._ffmpeg: Path | None = None
        self._image: Path | None = None
        self._video: Path | None = None
        self._audio: Path | None = None
        self._captions: Path | None = None
        self._output: Path | None = None
        self._motion: Mapping[str, Any] = _STILL
        self._config: Mapping[str, Any] | None = None

    def set_media_utils(self, media_utils: MediaUtils | None = None) -> Self:
        """Use the FFmpeg of ``media_utils``; by default GALA's own."""
        self._ffmpeg = media_utils.ffmpeg if media_utils else None
        return self

    def set_background_image(
        self, path: PathLike, effect_config: Mapping[str, Any] | None = None
    ) -> Self:
        """Set a background image, cropped to fill the frame.

        ``effect_config``: ``{"effect": "ken_burns", "zoom_factor": 0.001, "direction":
        "zoom-to-top"}`` or ``{"effect": "pan", "direction": "left-to-right", "speed": "slow"}``;
        without one the image does not move. Raise ``InvalidRequest`` naming its field.
        """
        self._image, self._video = Path(path), None
        self._motion = _parse_motion(effect_config or _STILL)
        return self

    def set_background_video(self, path: PathLike) -> Self:
        """Set a background video, cropped to fill the frame."""
        self._video, self._image = Path(path), None
        return self

    def set_audio(self, path: PathLike) -> Self:
        """Set the audio; its level is kept, and it determines the length of the video."""
        self._audio = Path(path)
        return self

    def set_captions(self, path: PathLike, config: Mapping[str, Any] | None = None) -> Self:
        """Set an SRT, VTT or ASS file with the captions.

        ``config`` is a ``subtitle_config`` (``font``, ``font_size``, ``bold``, ``color``,
        ``outline_color``, ``outline_width``, ``shadow``, ``max_lines``, ``max_length``,
        ``alignment``). Without one, the style of an ASS file is used.
        """
        self._captions, self._config = Path(path), config
        return self

    def set_output_path(self, path: PathLike) -> Self:
        """Set the path of the MP4; an existing file is replaced when the new one is complete."""
        self._output = Path(path)
        return self

    def build_command(self) -> VideoCommand:
        """Return the command that makes this video in one pass, without encoding anything.

        For a picture that stands still, :meth:`execute` is faster: it encodes only frames that
        differ from the one before.

        A command that reads rendered captions, or a moving image from a pipe, can only run within
        :meth:`execute`.
        """
        self._check()
        with tempfile.TemporaryDirectory(prefix="gala-builder-") as folder:
            lines = in_process.engine(self._ffmpeg).commands(self._order(Path(folder)))
        return VideoCommand(lines, self.execute)

    def execute(self, on_progress: OnProgress | None = None) -> bool:
        """Render the video and return True; raise the engine's errors."""
        self._check()
        with tempfile.TemporaryDirectory(prefix="gala-builder-") as folder:
            make(self._order(Path(folder)), on_progress, self._ffmpeg)
        return True

    def _check(self) -> None:
        if self._image is None and self._video is None:
            raise ValueError(
                "A background is required: use set_background_image or set_background_video."
            )
        if self._audio is None and self._captions is None:
            raise ValueError("Audio or captions are required: call set_audio or set_captions.")
        if self._image is not None and self._audio is None:
            raise ValueError("A background image requires audio: call set_audio.")
        if self._output is None:
            raise ValueError("An output path is required: call set_output_path.")

    def _order(self, folder: Path) -> MediaOrder:
        captions = self._caption_params()
        subtitles = {"subtitles": self._captions} if self._captions else {}
        if self._audio is None:
            inputs = {"video": self._reframed_video(folder), **subtitles}
            order = validated_order("caption_video", {"captions": captions}, inputs)
        else:
            params = {"captions": captions, "motion": self._motion, "loudness_lufs": None}
            inputs = {"background": self._background, "voice": self._audio, **subtitles}
            order = validated_order("captioned_video", params, inputs, self._format)
        assert self._output is not None  # noqa: S101 - see `_check`
        return replace(order, outputs={"video": self._output})

    @property
    def _background(self) -> Path:
        background = self._image or self._video
        assert background is not None  # noqa: S101 - see `_check`
        return background

    def _caption_params(self) -> Mapping[str, Any] | None:
        if self._captions is None:
            return None
        if not self._captions.is_file():
            raise InvalidRequest(f"captions: There is no file {self._captions}.", field="captions")
        if self._config is not None:
            return caption_params(captions_from_subtitle_config(self._config))
        is_ass = self._captions.suffix.lower() in {".ass", ".ssa"}
        if not is_ass:
            return _CLASSIC
        fonts = in_process.engine(self._ffmpeg).engine.services.fonts.names()
        return style_params(self._captions, self._format.height, fonts) or _CLASSIC

    def _reframed_video(self, folder: Path) -> Path:
        """Return the background video in the requested size, which captions are drawn for."""
        video = self._background
        info = MediaUtils(self._ffmpeg).get_video_info(video)
        if (info["width"], info["height"]) == (self._format.width, self._format.height):
            return video
        reframed = folder / "framed.mp4"
        params = {"fit": "cover", "quality": "production"}
        order = validated_order("reframe", params, {"video": video}, self._format)
        make(replace(order, outputs={"video": reframed}), ffmpeg=self._ffmpeg)
        return reframed


def _parse_motion(config: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return Motion.parse(config).model_dump(mode="json")
    except ValidationError as error:
        raise invalid_request(error, "effect_config") from error
