"""A video from a background, a sound and captions, put together step by step."""

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
from gala.media_server.render_orders import caption_fields, checked, frame
from gala.render_types.params.motion import Motion
from gala.validation import invalid_request
from gala_renderer import in_process
from gala_renderer.library.ass_style import look_of
from gala_renderer.library.engine_call import PathLike, make
from gala_renderer.library.media_utils import MediaUtils

_STILL: Final = {"effect": "still"}
_CLASSIC: Final = {"style": "classic"}


class VideoCommand(list[str]):
    """The FFmpeg command line that encodes the video; ``lines`` has those before it, too."""

    def __init__(self, lines: list[list[str]], execute: Callable[[], bool]):
        super().__init__(lines[-1])
        self.lines = lines
        self.execute = execute
        """Make the video, as the builder does it."""


class VideoBuilder:
    """Say what the video consists of, then :meth:`execute`.

    ``dimensions`` are width and height in pixels. A picture lasts as long as the sound; a video is
    repeated or cut to it. Raises ``ValueError`` for dimensions that are no pair of sides, and later
    for a background, sound or captions that are missing.
    """

    def __init__(self, dimensions: tuple[int, int]):
        if not isinstance(dimensions, tuple | list) or len(dimensions) != 2:
            raise ValueError("dimensions: must be a pair, (width, height)")
        try:
            self._format = frame(*dimensions)
        except InvalidRequest as error:
            raise ValueError(f"dimensions: {error.message}") from error
        self._ffmpeg: Path | None = None
        self._picture: Path | None = None
        self._video: Path | None = None
        self._sound: Path | None = None
        self._captions: Path | None = None
        self._output: Path | None = None
        self._motion: Mapping[str, Any] = _STILL
        self._config: Mapping[str, Any] | None = None

    def set_media_utils(self, media_utils: MediaUtils | None = None) -> Self:
        """Work with the FFmpeg of these; without them, with GALA's own."""
        self._ffmpeg = media_utils.ffmpeg if media_utils else None
        return self

    def set_background_image(
        self, path: PathLike, effect_config: Mapping[str, Any] | None = None
    ) -> Self:
        """A picture behind everything, cropped to fill the frame.

        ``effect_config``: ``{"effect": "ken_burns", "zoom_factor": 0.001, "direction":
        "zoom-to-top"}`` or ``{"effect": "pan", "direction": "left-to-right", "speed": "slow"}``;
        without one the picture stands still. Raises ``InvalidRequest`` naming its field.
        """
        self._picture, self._video = Path(path), None
        self._motion = _checked_motion(effect_config or _STILL)
        return self

    def set_background_video(self, path: PathLike) -> Self:
        """A video behind everything, cropped to fill the frame."""
        self._video, self._picture = Path(path), None
        return self

    def set_audio(self, path: PathLike) -> Self:
        """What is heard, at its own level; it tells the length."""
        self._sound = Path(path)
        return self

    def set_captions(self, path: PathLike, config: Mapping[str, Any] | None = None) -> Self:
        """An SRT, VTT or ASS file with the captions.

        ``config`` is a ``subtitle_config`` (``font``, ``font_size``, ``bold``, ``color``,
        ``outline_color``, ``outline_width``, ``shadow``, ``max_lines``, ``max_length``,
        ``alignment``). Without one, an ASS file tells how they look.
        """
        self._captions, self._config = Path(path), config
        return self

    def set_output_path(self, path: PathLike) -> Self:
        """Where the MP4 goes; what lies there is replaced when it is whole."""
        self._output = Path(path)
        return self

    def build_command(self) -> VideoCommand:
        """The command line that the engine runs for this; nothing is encoded yet.

        Captions are drawn into pictures before, and pictures that move are fed through a pipe: a
        line that names these runs within :meth:`execute` only.
        """
        self._check()
        with tempfile.TemporaryDirectory(prefix="gala-builder-") as folder:
            lines = in_process.engine(self._ffmpeg).commands(self._order(Path(folder)))
        return VideoCommand(lines, self.execute)

    def execute(self, on_progress: OnProgress | None = None) -> bool:
        """Make the video; ``True`` when it is there. Raises the engine's errors."""
        self._check()
        with tempfile.TemporaryDirectory(prefix="gala-builder-") as folder:
            make(self._order(Path(folder)), on_progress, self._ffmpeg)
        return True

    def _check(self) -> None:
        if self._picture is None and self._video is None:
            raise ValueError("a background is needed: set_background_image or set_background_video")
        if self._sound is None and self._captions is None:
            raise ValueError("set_audio or set_captions: there is neither sound nor captions")
        if self._picture is not None and self._sound is None:
            raise ValueError("set_audio: a picture lasts as long as its sound, and there is none")
        if self._output is None:
            raise ValueError("set_output_path: where does the video go?")

    def _order(self, folder: Path) -> MediaOrder:
        captions = self._look()
        given = {"subtitles": self._captions} if self._captions else {}
        if self._sound is None:
            inputs = {"video": self._framed(folder), **given}
            order = checked("caption_video", {"captions": captions}, inputs)
        else:
            params = {"captions": captions, "motion": self._motion, "loudness_lufs": None}
            inputs = {"background": self._background, "voice": self._sound, **given}
            order = checked("captioned_video", params, inputs, self._format)
        assert self._output is not None  # noqa: S101 - see `_check`
        return replace(order, outputs={"video": self._output})

    @property
    def _background(self) -> Path:
        background = self._picture or self._video
        assert background is not None  # noqa: S101 - see `_check`
        return background

    def _look(self) -> Mapping[str, Any] | None:
        if self._captions is None:
            return None
        if not self._captions.is_file():
            raise InvalidRequest(f"captions: there is no file {self._captions}.", field="captions")
        if self._config is not None:
            return caption_params(caption_fields(self._config))
        is_ass = self._captions.suffix.lower() in {".ass", ".ssa"}
        if not is_ass:
            return _CLASSIC
        fonts = in_process.engine(self._ffmpeg).engine.services.fonts.names()
        return look_of(self._captions, self._format.height, fonts) or _CLASSIC

    def _framed(self, folder: Path) -> Path:
        """The background video in the frame asked for: captions are drawn for that."""
        video = self._background
        info = MediaUtils(self._ffmpeg).get_video_info(video)
        if (info["width"], info["height"]) == (self._format.width, self._format.height):
            return video
        framed = folder / "framed.mp4"
        params = {"fit": "cover", "quality": "production"}
        order = checked("reframe", params, {"video": video}, self._format)
        make(replace(order, outputs={"video": framed}), ffmpeg=self._ffmpeg)
        return framed


def _checked_motion(config: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return Motion.parse(config).model_dump(mode="json")
    except ValidationError as error:
        raise invalid_request(error, "effect_config") from error
