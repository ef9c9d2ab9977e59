"""Which FFmpeg is used, and what is said about one that is missing or does not run."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from gala.errors import Unavailable
from gala_renderer.ffmpeg.binary import find_ffmpeg, query_capabilities
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """imageio-ffmpeg without an executable for this machine."""
    spec = ModuleSpec("imageio_ffmpeg", None, origin=str(tmp_path / "wheel" / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: spec)


def program(path: Path, script: str = "exit 0") -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_wheels_ffmpeg_is_found_without_running_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    monkeypatch.setenv("PATH", "")
    assert find_ffmpeg(None).name.startswith("ffmpeg-")


def test_without_the_wheels_the_one_in_path_is_used(
    no_wheel: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = program(tmp_path / "ffmpeg")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg(None) == own


def test_without_any_ffmpeg_the_error_names_package_and_variable(
    no_wheel: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"imageio-ffmpeg.*FFMPEG_PATH"):
        find_ffmpeg(None)


def test_an_ffmpeg_path_that_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"There is no FFmpeg at .*/none; check FFMPEG_PATH"):
        find_ffmpeg(tmp_path / "none")


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_an_ffmpeg_that_is_killed_while_it_is_queried_is_not_called_missing(
    signum: signal.Signals, tmp_path: Path
) -> None:
    killed = program(tmp_path / "ffmpeg", f"kill -{int(signum)} $$")
    with pytest.raises(Unavailable) as refused:
        asyncio.run(query_capabilities(FFmpeg(find_ffmpeg(killed), Sandbox(ProcessLimits()))))
    assert "does not run" in refused.value.message
    assert "no FFmpeg" not in refused.value.message
    assert "kill" in refused.value.message
