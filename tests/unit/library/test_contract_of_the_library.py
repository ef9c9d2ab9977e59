"""The public names, parameters and defaults of the Python library."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import gala
import gala_renderer
from gala.errors import InvalidRequest
from gala.render_types.params.kokoro_voices import VOICES
from gala_renderer import (
    STT,
    Caption,
    ChatterboxTTS,
    KokoroTTS,
    MediaUtils,
    Presenter,
    StorageManager,
)


def defaults(function: Any) -> dict[str, Any]:
    """Return the positional parameters with their defaults."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self" and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    }


NONE = inspect.Parameter.empty


def test_the_library_exports_the_names_of_its_contract() -> None:
    assert set(gala_renderer.__all__) == {
        "device", "get_device_info", "KokoroTTS", "ChatterboxTTS", "STT", "Caption", "MediaUtils",
        "Presenter", "VideoBuilder", "StorageManager",
    }  # fmt: skip
    for name in gala_renderer.__all__:
        assert getattr(gala_renderer, name) is not None
        assert name in dir(gala_renderer)
    assert "MediaService" in dir(gala)
    with pytest.raises(AttributeError, match="Nothing"):
        _ = gala_renderer.Nothing


def test_parameters_and_defaults_are_those_of_the_contract() -> None:
    assert defaults(KokoroTTS.generate) == {
        "text": NONE, "output_path": NONE, "voice": "af_heart", "speed": 1.0,
    }  # fmt: skip
    assert defaults(ChatterboxTTS.generate) == {
        "text": NONE, "output_path": NONE, "sample_audio_path": None, "exaggeration": 0.5,
        "cfg_weight": 0.5, "temperature": 0.8, "chunk_chars": 1024, "chunk_silence_ms": 350,
    }  # fmt: skip
    assert defaults(Presenter.say) == {
        "text": NONE, "output_path": NONE, "voice": None, "language": None,
    }  # fmt: skip
    assert defaults(Presenter.from_picture) == {"picture": NONE}
    assert defaults(STT.transcribe) == {"path": NONE, "language": None, "beam_size": 5}
    assert list(defaults(StorageManager)) == ["temp_dir", "output_dir"]
    assert defaults(StorageManager.create_temp_file) == {"suffix": ".wav"}
    assert defaults(StorageManager.cleanup_old_files) == {"max_age_minutes": 30}
    assert list(defaults(MediaUtils)) == ["ffmpeg_path"]
    assert list(defaults(MediaUtils.merge_videos)) == [
        "video_paths", "output_path", "background_music_path", "background_music_volume",
    ]  # fmt: skip
    assert list(defaults(gala.MediaService)) == ["base_url", "execution_mode", "use_local"]
    assert list(defaults(gala.MediaService.generate_captioned_video)) == [
        "image_id", "tts_id", "text", "subtitle_config",
    ]  # fmt: skip
    assert list(defaults(gala.MediaService.merge_videos)) == [
        "video_ids", "background_music_path", "music_volume",
    ]  # fmt: skip
    assert list(defaults(gala.MediaService.wait_for_file_ready)) == [
        "file_id", "poll_interval", "timeout",
    ]  # fmt: skip
    assert list(defaults(Caption.create_subtitle))[:3] == ["segments", "dimensions", "output_path"]


def test_all_methods_of_the_service_are_there_and_async() -> None:
    for name in (
        "health_check", "generate_tts", "generate_tts_direct", "generate_captioned_video",
        "start_captioned_video_generation", "merge_videos", "start_video_merge",
        "upload_image_from_url", "upload_local_file_if_needed", "get_download_url",
        "download_file", "delete_file", "cleanup_files", "wait_for_file_ready", "close",
    ):  # fmt: skip
        assert inspect.iscoroutinefunction(getattr(gala.MediaService, name)), name


def test_kokoro_names_all_its_voices_and_those_of_a_language() -> None:
    kokoro = KokoroTTS()
    assert kokoro.valid_voices() == list(VOICES)
    assert len(kokoro.valid_voices()) == 54
    assert (
        kokoro.valid_voices("e") == kokoro.valid_voices("es") == ["ef_dora", "em_alex", "em_santa"]
    )
    assert kokoro.valid_voices("en") == kokoro.valid_voices("a") + kokoro.valid_voices("b")
    with pytest.raises(InvalidRequest, match="lang_code"):
        kokoro.valid_voices("xx")
