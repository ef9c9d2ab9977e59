"""Which Whisper model is used, of those that are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.errors import InvalidRequest
from gala_renderer.transcription.whisper_models import MODEL_FILE, WhisperModels


def install(weights: Path, *names: str) -> None:
    for name in names:
        folder = weights / f"whisper-{name}"
        folder.mkdir()
        (folder / MODEL_FILE).touch()


def test_the_best_installed_model_is_used_and_one_that_only_knows_english_last(
    tmp_path: Path,
) -> None:
    install(tmp_path, "medium.en", "tiny", "own", "base")
    models = WhisperModels(tmp_path)
    assert models.installed() == ("base", "tiny", "medium.en", "own")
    assert models.folder() == tmp_path / "whisper-base"
    assert models.missing() is None


def test_the_operators_model_comes_first_even_if_it_is_missing(tmp_path: Path) -> None:
    install(tmp_path, "base")
    models = WhisperModels(tmp_path, "small")
    assert models.folder() == tmp_path / "whisper-small"
    reason = models.missing()
    assert reason is not None
    assert "gala weights pull whisper:small" in reason
    assert "Installed: base." in reason
    assert models.folder("base") == tmp_path / "whisper-base"


def test_without_any_model_the_one_that_can_always_be_had_is_recommended(tmp_path: Path) -> None:
    assert "gala weights pull whisper:base" in (WhisperModels(tmp_path).missing() or "")


def test_a_model_that_is_not_installed_is_refused_with_those_that_are(tmp_path: Path) -> None:
    install(tmp_path, "base", "tiny")
    with pytest.raises(InvalidRequest, match="whisper:large-v3`") as refusal:
        WhisperModels(tmp_path).folder("large-v3")
    assert "Installed: base, tiny." in refusal.value.message
    assert refusal.value.details["field"] == "params.model"


def test_a_folder_of_the_operator_has_a_name_too(tmp_path: Path) -> None:
    install(tmp_path, "tiny")
    models = WhisperModels(tmp_path / "elsewhere", str(tmp_path / "whisper-tiny"))
    assert models.folder("tiny") == models.folder() == tmp_path / "whisper-tiny"
