"""Which backend runs Kokoro, by what is installed, what is asked for, and the device."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gala.errors import EngineMissing
from gala_renderer.model_workers import devices
from gala_renderer.speech.kokoro import backends
from gala_renderer.speech.kokoro.backends import Backend, Backends

FILES: Mapping[str, tuple[str, ...]] = {
    "torch": ("config.json", "kokoro-v1_0.pth", "voices/ef_dora.pt"),
    "onnx": ("kokoro-v1.0.int8.onnx", "voices/ef_dora.bin"),
}


def chosen(folder: Path, kinds: str, **settings: str) -> Backend:
    for kind in kinds.split():
        for name in FILES[kind]:
            path = folder / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    found = Backends(
        torch_folder=folder / "torch",
        onnx_folder=folder / "onnx",
        **settings,  # type: ignore[arg-type]
    )
    return found.choose()


@pytest.fixture(params=["cpu", "cuda", "mps"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(devices, "find_device", lambda: request.param)
    return str(request.param)


def test_torch_is_used_where_it_has_a_gpu_and_onnx_elsewhere(tmp_path: Path, machine: str) -> None:
    expected = Backend.ONNX if machine == "cpu" else Backend.TORCH
    assert chosen(tmp_path, "torch onnx") is expected
    assert chosen(tmp_path, "torch onnx", device="cpu") is Backend.ONNX


def test_the_backend_whose_weights_are_there_is_used_on_any_machine(
    tmp_path: Path, machine: str
) -> None:
    assert chosen(tmp_path / "one", "onnx") is Backend.ONNX
    assert chosen(tmp_path / "other", "torch") is Backend.TORCH


def test_a_backend_or_a_device_that_is_asked_for_decides(tmp_path: Path, machine: str) -> None:
    assert chosen(tmp_path, "torch onnx", wanted="torch") is Backend.TORCH
    assert chosen(tmp_path, "torch onnx", wanted="onnx") is Backend.ONNX
    assert chosen(tmp_path, "torch onnx", device="cuda:1") is Backend.TORCH
    with pytest.raises(EngineMissing, match=r"KOKORO_DEVICE to auto, or KOKORO_BACKEND to torch"):
        chosen(tmp_path, "torch onnx", wanted="onnx", device="cuda")


def test_the_error_names_the_files_of_each_backend_that_could_be_used(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing) as both:
        chosen(tmp_path, "")
    for part in ("*.onnx, voices/*.bin missing", "*.pth", "gala weights pull", "KOKORO_WEIGHTS"):
        assert part in both.value.message
    with pytest.raises(EngineMissing) as one:
        chosen(tmp_path, "torch", wanted="onnx")
    assert ".pth" not in one.value.message


def test_onnx_runtime_alone_is_enough_and_without_it_the_small_extra_is_advised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = {"torch", "kokoro"}
    monkeypatch.setattr(backends, "find_spec", lambda name: None if name in absent else object())
    assert chosen(tmp_path, "torch onnx") is Backend.ONNX
    with pytest.raises(EngineMissing, match=r"torch, kokoro missing.*\[kokoro\]"):
        chosen(tmp_path, "torch onnx", wanted="torch")
    absent.add("onnxruntime")
    with pytest.raises(EngineMissing, match=r"onnxruntime missing.*\[voice\]"):
        chosen(tmp_path, "torch onnx")


def test_the_version_changes_with_the_backend_and_with_the_weights(tmp_path: Path) -> None:
    chosen(tmp_path, "torch onnx")
    torch, onnx = tmp_path / "torch", tmp_path / "onnx"
    both = Backends(torch_folder=torch, onnx_folder=onnx, device="cpu")
    without = Backends(torch_folder=torch, onnx_folder=tmp_path / "no", device="cpu")
    once, other = both.version(), without.version()
    assert both.version() == once != other
    (onnx / "kokoro-v1.0.int8.onnx").write_bytes(b"other")
    assert both.version() not in {once, other}
