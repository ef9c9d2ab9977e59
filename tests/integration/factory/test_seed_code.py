"""The code of the seed, as it wrote it but for where it is imported from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gala.factory import ImageWorkflow, MediaFactoryRegistry, MediaType, VideoWorkflow
from tests.standins.generation import Service
from tests.support.probing import heard, shown

pytestmark = pytest.mark.usefixtures("engine")

SECONDS = 90


@pytest.fixture(autouse=True)
def here(
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    samples: Callable[[str], Path],
) -> Iterator[Path]:
    """The files that the seed's code takes for granted; its services are a stand-in."""
    monkeypatch.chdir(tmp_path)
    for at, name in enumerate(("picture", "other_picture", "picture"), 1):
        (tmp_path / f"img{at}.png").hardlink_to(samples(name))
    (tmp_path / "sample.wav").hardlink_to(samples("voice"))
    for table in ("_registered", "_defaults", "_usual"):
        monkeypatch.setattr(MediaFactoryRegistry, table, {})
    MediaFactoryRegistry.register(MediaType.IMAGE, ImageWorkflow, {"service_endpoint": service.url})
    MediaFactoryRegistry.register(MediaType.VIDEO, VideoWorkflow, {"service_endpoint": service.url})
    return tmp_path


def _ended(*tasks: Any) -> list[Path]:
    for task in tasks:
        assert task.wait(SECONDS).error is None
    return [task.result.path for task in tasks]


def test_image_generation() -> None:
    image_workflow = MediaFactoryRegistry.get_workflow(MediaType.IMAGE)
    task = image_workflow.process({
        "prompt": "A futuristic city with flying cars",
        "style": "realistic",
        "resolution": "1024x1024",
        "hdr": True,
        "model": "stable-diffusion"
    })  # fmt: skip
    print(f"Task ID: {task.task_id}")
    print(f"Status: {task.status}")
    tasks = image_workflow.batch_process([
        {"prompt": "Sunset over mountains", "style": "realistic"},
        {"prompt": "Abstract geometric patterns", "style": "modern"}
    ])  # fmt: skip
    assert len({*_ended(task, *tasks)}) == 3


def test_video_generation() -> None:
    video_workflow: Any = MediaFactoryRegistry.get_workflow(MediaType.VIDEO)
    task = video_workflow.process({
        "prompt": "Flying through clouds at sunset",
        "duration": 10,
        "resolution": "8K",
        "fps": 60,
        "use_nerf": True
    })  # fmt: skip
    _ended(task)


def test_video_from_images() -> None:
    video_workflow: Any = MediaFactoryRegistry.get_workflow(MediaType.VIDEO)
    task = video_workflow.create_from_images(
        image_sequence=["img1.png", "img2.png", "img3.png"],
        parameters={"fps": 30, "transitions": "fade", "resolution": "128x96", "duration": 1.2},
    )
    [path] = _ended(task)
    times, frames = shown(path)
    assert frames.shape[1:] == (96, 128)
    assert len(times) == 36


def test_voice() -> None:
    voice_workflow: Any = MediaFactoryRegistry.get_workflow(MediaType.VOICE)
    task = voice_workflow.text_to_speech(
        text="Welcome to VoBee AI Assistant",
        voice="professional",
        language="en"
    )  # fmt: skip
    cloned = voice_workflow.clone_voice(
        sample_audio="sample.wav",
        text="This is a cloned voice speaking"
    )  # fmt: skip
    for path in _ended(task, cloned):
        assert heard(path)[1].shape[1] > 8000


def test_what_the_page_shows_runs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "factory.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    assert names["task"].result.mime == "audio/wav"
    assert [step.name for step in names["pipeline"].steps] == ["image", "clip", "film"]
