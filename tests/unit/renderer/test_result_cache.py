"""The key of a cached result."""

from __future__ import annotations

from pathlib import Path

import gala.render_types
import gala_renderer.ffmpeg
import gala_renderer.types
from gala_renderer.engine.result_cache import code_files


def test_the_key_covers_the_code_of_every_package_that_results_depend_on() -> None:
    folders = {file.parent for file in code_files()}
    for package in (gala.render_types, gala_renderer.ffmpeg, gala_renderer.types):
        assert Path(*package.__path__) in folders
