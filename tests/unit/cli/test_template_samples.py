"""What a template on this machine is shown with when nothing is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.brand_kits import NEUTRAL
from gala.cli.rendering.composition_file import media_of
from gala.cli.rendering.templates import ChosenTemplate, sample_params, setting_of
from gala.templates.builtin import builtin_templates
from gala.templates.filling import fill
from gala.timeline.reader import read_timeline


@pytest.mark.parametrize("name", sorted(builtin_templates()))
def test_samples_of_a_built_in_template_name_files_that_exist(name: str) -> None:
    chosen = ChosenTemplate.of(name)
    with sample_params(chosen) as params:
        filled = fill(chosen.composition, params, setting_of(chosen, NEUTRAL, None, None))
        files = media_of(read_timeline(filled.document), Path(), on_server=False).get("media", [])
        assert all(Path(file).is_file() for file in files)
