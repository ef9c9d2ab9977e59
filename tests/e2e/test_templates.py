"""A film of a template on a running GALA, whose template changes and is deleted meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.client import GalaClient
from gala.errors import TemplateNotFound
from gala.job import JobStatus
from tests.platform.stack import Stack
from tests.support.films import frames_of, is_near

FORMAT = {"width": 64, "height": 64, "fps": 10}


def test_jobs_render_the_version_that_they_were_submitted_with(
    shared_stack: Stack, tmp_path: Path
) -> None:
    fields = {
        "type": "timeline",
        "name": "flag",
        "params_schema": {"color": {"type": "color"}},
        "composition": {
            "scenes": [{"duration": 0.3, "background": "{{color}}"}],
            "quality": "draft",
        },
    }
    with GalaClient(shared_stack.base_url) as gala:
        template = gala.create_template(fields)
        params, output = {"color": "red"}, {"format": FORMAT}
        first = gala.submit(template_id="flag", params=params, output=output)
        other = {"scenes": [{"duration": 0.3, "background": "blue"}], "quality": "draft"}
        assert gala.update_template(template.id, {"composition": other}).version == 2
        second = gala.submit(template_id=template.id, params=params, output=output)
        gala.delete_template(template.id)
        with pytest.raises(TemplateNotFound):
            gala.submit(template_id=template.id, params=params, output=output)
        seen = []
        for number, job in enumerate((first, second)):
            done = gala.wait(job.id)
            assert done.status is JobStatus.DONE, done.error
            film = tmp_path / f"{number}.mp4"
            gala.download(done.outputs[0].asset_ids["video"], film)
            seen.append(frames_of(film)[0][32, 32])
        assert is_near(seen[0], (255, 0, 0))
        assert is_near(seen[1], (0, 0, 255))
        assert [one.version for one in gala.template_versions(template.id)] == [2, 1]
