"""The media server's operations as orders to the engine, used by client and Python library."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gala.engine import MediaOrder
from gala.media import Format
from gala.media_server.caption_form import captioned_video_params
from gala.media_server.voice_config import VoiceConfig
from gala.render_types import find_type
from gala.render_types.captioned_video import TYPE as CAPTIONED_VIDEO
from gala.render_types.params.captions import CaptionParams
from gala.validation import invalid_request

DEFAULT_VOICE: Final = "af_heart"


def speech_order(text: str, voice: VoiceConfig, sample: Path | None = None) -> MediaOrder:
    """Return an order for speech as WAV; ``sample`` is a recording of the voice to imitate."""
    engine = voice.speech_engine
    params: dict[str, Any] = {"text": text, "engine": engine, "speed": voice.speed}
    # Without a language, the media server's default voice; with one, the engine's for it.
    name = voice.voice or (DEFAULT_VOICE if engine == "kokoro" and not voice.language else None)
    if name and engine != "chatterbox":
        params["voice"] = name
    if voice.language:
        params["language"] = voice.language
    if engine == "chatterbox":
        params |= {
            "exaggeration": voice.exaggeration,
            "cfg_weight": voice.cfg_weight,
            "temperature": voice.temperature,
        }
    return validated_order("tts", params, {"sample": sample} if sample else {})


def captioned_video_order(
    *,
    image: Path,
    audio: Path,
    text: str | None,
    captions: CaptionParams,
    width: int,
    height: int,
    image_effect: str,
) -> MediaOrder:
    """Return an order for a captioned video of ``width`` x ``height`` pixels."""
    params = captioned_video_params(text=text, captions=captions, image_effect=image_effect)
    inputs = {"background": image, "voice": audio}
    return validated_order("captioned_video", params, inputs, frame_format(width, height))


def merge_order(videos: list[Path], music: Path | None, volume: float) -> MediaOrder:
    """Return an order that joins videos, with background music at ``volume`` (0 to 1) if given."""
    inputs: dict[str, Any] = {"videos": videos}
    params: dict[str, Any] = {}
    if music is not None:
        inputs["music"] = music
        params["music_volume"] = float(volume)
    return validated_order("merge", params, inputs)


def frame_format(width: int, height: int) -> Format:
    """Return a format of that size in pixels; raise ``InvalidRequest`` naming an invalid side."""
    fps = CAPTIONED_VIDEO.format.fps if CAPTIONED_VIDEO.format else 30
    try:
        return Format(width=width, height=height, fps=fps)
    except ValidationError as error:
        raise invalid_request(error) from error


def validated_order(
    type_name: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, Any],
    output_format: Format | None = None,
) -> MediaOrder:
    """Return an order with valid params; raise ``InvalidRequest`` naming an invalid one."""
    render_type = find_type(type_name)
    assert render_type is not None  # noqa: S101 - callers name built-in types only
    try:
        render_type.params.parse(params)
    except ValidationError as error:
        raise invalid_request(error) from error
    return MediaOrder(type=type_name, params=params, inputs=inputs, format=output_format)
