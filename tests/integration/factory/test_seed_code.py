"""The unchanged code of seed 002 (see ``tests/support/seeds``), with fake services."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import av
import pytest

from gala.factory import (
    ImageWorkflow,
    MediaFactory,
    MediaFactoryRegistry,
    MediaType,
    ProcessingStatus,
    VideoWorkflow,
)
from tests.fakes.generation_service import Service
from tests.support import seeds
from tests.support.media_probe import read_samples

pytestmark = pytest.mark.usefixtures("engine")

SECONDS = 90


@pytest.fixture(autouse=True)
def here(
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    samples: Callable[[str], Path],
) -> None:
    """Create the files that the seed's code expects, and configure the fake services."""
    monkeypatch.chdir(tmp_path)
    for at, name in enumerate(("picture", "other_picture", "picture"), 1):
        (tmp_path / f"img{at}.png").hardlink_to(samples(name))
    (tmp_path / "sample.wav").hardlink_to(samples("voice"))
    for table in ("_registered", "_defaults", "_shared"):
        monkeypatch.setattr(MediaFactoryRegistry, table, {})
    MediaFactoryRegistry.register(MediaType.IMAGE, ImageWorkflow, {"service_endpoint": service.url})
    MediaFactoryRegistry.register(MediaType.VIDEO, VideoWorkflow, {"service_endpoint": service.url})


def run(heading: str, changes: Mapping[str, str] | None = None, **names: Any) -> dict[str, Any]:
    """Run a block of the seed's code and return its variables."""
    return asyncio.run(seeds.run("002", heading, changes, **names))


def made_by(workflow: MediaFactory) -> list[Path]:
    """Return the results of all tasks in order; none may have failed."""
    paths = []
    for task in workflow.list_tasks():
        assert task.wait(SECONDS).error is None
        assert task.status is ProcessingStatus.COMPLETED
        assert task.result
        assert task.result.path
        paths.append(task.result.path)
    return paths


def test_pictures_are_made_alone_and_in_a_batch(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    made = run("image")
    pictures = made_by(made["image_workflow"])
    assert [picture.read_bytes() for picture in pictures] == [service.picture] * 3
    assert made["image_workflow"].list_tasks() == [made["task"], *made["tasks"]]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Task ID: {made['task'].task_id}"
    assert lines[1].removeprefix("Status: ") in list(ProcessingStatus)
    prompts = " ".join(str(body) for _, body in service.asked)
    for phrase in ("futuristic city", "Sunset over mountains", "geometric", "stable-diffusion"):
        assert phrase in prompts


def test_videos_are_made_from_a_prompt_and_from_pictures(service: Service) -> None:
    generated, film = made_by(run("video")["video_workflow"])
    assert generated.read_bytes() == service.video
    [(_, body)] = service.asked
    assert body == {
        "prompt": "Flying through clouds at sunset", "duration": 10, "resolution": "8K",
        "fps": 60, "use_nerf": True,
    }  # fmt: skip
    with av.open(film, "r") as media:
        assert media.streams.video[0].average_rate == 30
        assert media.duration
        assert 5 < media.duration / 1e6 < 9


def test_a_voice_speaks_and_is_cloned() -> None:
    spoken, cloned = made_by(run("voice")["voice_workflow"])
    for path in (spoken, cloned):
        assert read_samples(path)[1].shape[1] > 8000
    # The fake's default voice is a tone of 200 Hz; a sample changes it.
    assert spoken.read_bytes() != cloned.read_bytes()


def test_a_workflow_is_configured(service: Service) -> None:
    changes = {"http://custom-endpoint:5000": service.url}
    workflow = run("configuration", changes, ImageWorkflow=ImageWorkflow)["workflow"]
    assert (workflow.config.max_duration, workflow.config.timeout) == (600, 300)
    workflow.process({"prompt": "A city"})
    made_by(workflow)
    assert "custom-model" in str(service.asked)


def test_each_workflow_tells_what_it_can_do() -> None:
    for media_type in MediaType:
        capabilities = MediaFactoryRegistry.get_workflow(media_type).get_capabilities()
        assert capabilities["media_type"] == media_type
        assert capabilities["supported_formats"]
        assert capabilities["features"]


_OWN = """
from gala.factory import MediaFactory, MediaResult, MediaType

class Shout(MediaFactory):
    media_type = MediaType.VOICE

    def _setup(self):
        self.mark = "!"

    def validate_parameters(self, params):
        if not params.get("text"):
            raise ValueError("text: is required")
        return True

    def process(self, params, *, callback=None):
        self.validate_parameters(params)

        async def do(work):
            path = work.target(".txt")
            path.write_text(params["text"].upper() + self.mark)
            return MediaResult(path=path, mime="text/plain")

        return self.start(params, do, callback=callback)

    def _get_supported_formats(self):
        return ["txt"]

    def _get_features(self):
        return ["shouting"]
"""


def test_a_workflow_of_ones_own_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Follows the seed's "Extension Guidelines", as an installed distribution."""
    (tmp_path / "shouting.py").write_text(_OWN)
    metadata = tmp_path / "shouting-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[gala.workflows]\nshout = shouting:Shout\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert "shout" in MediaFactoryRegistry.list_available_workflows()
    workflow = MediaFactoryRegistry.get_workflow("shout")
    assert workflow.get_capabilities() == {
        "media_type": "voice", "supported_formats": ["txt"], "features": ["shouting"],
    }  # fmt: skip
    good, bad = workflow.batch_process([{"text": "hey"}, {}])
    result = good.wait(SECONDS).result
    assert result
    assert result.path
    assert result.path.read_text() == "HEY!"
    bad.wait(SECONDS)
    assert (bad.status, bad.error) == (ProcessingStatus.FAILED, "text: is required")


def test_what_the_page_shows_runs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "factory.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    assert names["task"].result.mime == "audio/wav"
    assert [step.name for step in names["pipeline"].steps] == ["image", "clip", "film"]
