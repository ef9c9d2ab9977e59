"""What a template on this machine is shown with when nothing is given."""

from __future__ import annotations

import pytest

from gala.cli.rendering.templates import ChosenTemplate, media_of, sample_params, setting_of
from gala.templates.builtin import builtin_templates
from gala.templates.filling import fill


@pytest.mark.parametrize("name", sorted(builtin_templates()))
def test_samples_of_a_built_in_template_name_files_that_exist(name: str) -> None:
    chosen = ChosenTemplate.of(name)
    with sample_params(chosen) as params:
        filled = fill(chosen.composition, params, setting_of(chosen, None, None, None))
        files = media_of(filled.document).get("media", [])
        assert all(file.is_file() for file in files)
