"""The key of a cached result."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import gala.render_types
import gala_renderer.ffmpeg
import gala_renderer.types
from gala_renderer.engine.result_cache import code_digest, code_files


def test_the_key_covers_the_code_of_every_package_that_results_depend_on() -> None:
    folders = {file.parent for file in code_files()}
    for package in (gala.render_types, gala_renderer.ffmpeg, gala_renderer.types):
        assert Path(*package.__path__) in folders


def test_the_key_covers_the_version_of_every_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    installed = tmp_path / "drawing-1.0.dist-info"
    installed.mkdir()
    before = code_digest.__wrapped__()
    installed.rename(tmp_path / "drawing-1.1.dist-info")
    assert code_digest.__wrapped__() != before
