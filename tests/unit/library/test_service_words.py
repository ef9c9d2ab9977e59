"""Validation of ``voice_config``, ``subtitle_config`` and the execution mode."""

from __future__ import annotations

from typing import Any

import pytest

from gala import MediaService
from gala.errors import InvalidRequest
from gala.media_server.render_orders import captioned_video_order, speech_order
from gala.media_server.subtitle_config import captions_from_subtitle_config
from gala.media_server.voice_config import parse_voice_config

INVALID_SUBTITLE_CONFIGS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"alignment": 3}, "alignment"),
    ({"alignment": True}, "alignment"),
    ({"font_size": 500}, "font_size"),
    ({"font_size": "80"}, "font_size"),
    ({"max_lines": 0}, "max_lines"),
    ({"max_length": 1000}, "max_length"),
    ({"outline_width": -1}, "outline_width"),
    ({"shadow": 21}, "shadow"),
    ({"fontsize": 80}, "fontsize"),
    ({"color": "ultraviolet"}, "color"),
    ({"outline_color": "#12345"}, "outline_color"),
    ({"font": "x" * 101}, "font"),
    ({"bold": "perhaps"}, "bold"),
)
INVALID_VOICE_CONFIGS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"engine": "kokoro2"}, "engine"),
    ({"speed": 9}, "speed"),
    ({"speed": "fast"}, "speed"),
    ({"cfg_weight": -1}, "cfg_weight"),
    ({"temperature": float("nan")}, "temperature"),
    ({"style": "sad"}, "style"),
    ({"engine": "kokoro", "sample_path": "a.wav"}, "sample_path"),
)


@pytest.mark.parametrize(("config", "name"), INVALID_SUBTITLE_CONFIGS)
def test_a_look_that_cannot_be_is_refused_by_name(config: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        captions_from_subtitle_config(config)
    assert refused.value.details["field"] == f"subtitle_config.{name}"


@pytest.mark.parametrize(("config", "name"), INVALID_VOICE_CONFIGS)
def test_a_voice_that_cannot_be_is_refused_by_name(config: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_voice_config(config)
    assert refused.value.details["field"] == f"voice_config.{name}"


def test_a_sample_means_chatterbox_and_nothing_means_kokoro() -> None:
    assert parse_voice_config(None).speech_engine == "kokoro"
    assert parse_voice_config({"sample_path": "a.wav"}).speech_engine == "chatterbox"
    assert speech_order("Hello", parse_voice_config(None)).params["voice"] == "af_heart"


def test_a_look_becomes_params_of_the_engine(tmp_path: Any) -> None:
    config = {"alignment": 5, "shadow": 0, "font": "arial", "color": "f00"}
    order = captioned_video_order(
        image=tmp_path,
        audio=tmp_path,
        text=" ",
        captions=captions_from_subtitle_config(config),
        width=720,
        height=1280,
        image_effect="pan",
    )
    captions = order.params["captions"]
    assert captions["position"] == "top"
    assert captions["shadow_opacity"] == 0
    assert "font" not in captions
    assert captions["color"] == "#ff0000"
    assert (captions["max_lines"], captions["max_chars"], captions["font_size"]) == (2, 15, 80)
    assert captions["style"] == "classic"
    assert order.params["motion"] == {"effect": "pan"}
    assert "text" not in order.params


def test_modes_are_checked() -> None:
    assert MediaService().execution_mode == "remote"
    assert MediaService(use_local=False).execution_mode == "remote"
    assert MediaService(use_local=True).execution_mode == "local"
    assert MediaService(use_local="auto").execution_mode == "auto"
    assert MediaService(execution_mode="local", use_local=True).execution_mode == "local"
    with pytest.raises(InvalidRequest, match="contradicts"):
        MediaService(execution_mode="remote", use_local=True)
    for wrong in ({"execution_mode": "docker"}, {"use_local": "yes"}):
        with pytest.raises(InvalidRequest):
            MediaService(**wrong)  # type: ignore[arg-type]
