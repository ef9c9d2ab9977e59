"""Tasks of a custom workflow: states, callbacks, cancellation and limits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gala.errors import Unavailable
from gala.factory import (
    ImageWorkflow,
    InvalidParameters,
    MediaFactory,
    MediaFactoryRegistry,
    MediaResult,
    MediaTask,
    MediaType,
    Pipeline,
    ProcessingStatus,
    ResourcePool,
    ResultOf,
    Step,
    VideoWorkflow,
    VoiceWorkflow,
    Work,
)
from gala.installation import install_hint
from tests.support.wait import wait_until

SECONDS = 20


class Letters(MediaFactory):
    """Writes its text to a file; waits for ``gate``, and fails ``fail`` times first."""

    media_type: ClassVar[MediaType] = MediaType.VOICE

    def _setup(self) -> None:
        self.at_once = 0
        self.most_at_once = 0
        self.made = 0

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        if not params.get("text"):
            raise ValueError("text: is required")
        return True

    def process(self, params: Mapping[str, Any], *, callback: Any = None) -> MediaTask:
        self.validate_parameters(params)
        left = [params.get("fail", 0)]

        async def do(work: Work) -> MediaResult:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                if left[0]:
                    left[0] -= 1
                    raise Unavailable("not yet")
                return await work.in_thread(lambda: self._written(work, params))
            finally:
                self.at_once -= 1

        return self.start(params, do, callback=callback, same=params.get("text"))

    def _written(self, work: Work, params: Mapping[str, Any]) -> MediaResult:
        self.made += 1
        path = work.target(".txt")
        path.write_text("half")
        work.progress(0.5)
        gate: threading.Event | None = params.get("gate")
        while gate is not None and not gate.wait(0.01):
            work.checkpoint()
        path.write_text(params["text"])
        return MediaResult(path=path, mime="text/plain", size=path.stat().st_size)

    def _get_supported_formats(self) -> list[str]:
        return ["txt"]

    def _get_features(self) -> list[str]:
        return ["letters"]


def test_a_task_runs_and_leaves_a_file(tmp_path: Path) -> None:
    letters = Letters({"output_dir": tmp_path / "out"})
    gate = threading.Event()
    task = letters.process({"text": "Hello", "gate": gate})
    assert not task.ended
    with pytest.raises(TimeoutError):
        task.wait(0)
    gate.set()
    assert task.wait(SECONDS).status is ProcessingStatus.COMPLETED
    assert task.result == MediaResult(
        path=tmp_path / "out" / f"{task.task_id}.txt", mime="text/plain", size=5
    )
    assert (task.progress, task.error) == (1.0, None)
    assert task.updated_at >= task.created_at
    assert letters.get_task(task.task_id) is task
    assert letters.list_tasks(ProcessingStatus.COMPLETED) == [task]
    assert letters.get_task("unknown") is None
    assert not letters.cancel_task("unknown")


def test_a_callback_hears_of_every_state_in_its_order() -> None:
    snapshots: list[MediaTask] = []
    task = Letters().process({"text": "Hello"}, callback=snapshots.append)
    wait_until(lambda: bool(snapshots) and snapshots[-1].ended)
    assert list(dict.fromkeys(one.status for one in snapshots)) == [
        "pending",
        "processing",
        "completed",
    ]
    assert [one.progress for one in snapshots] == sorted(one.progress for one in snapshots)
    assert snapshots[-1] == task


def test_a_callback_that_fails_breaks_nothing() -> None:
    def failing(_: MediaTask) -> None:
        raise RuntimeError("broken")

    letters = Letters({"callback": failing})
    assert letters.process({"text": "Hello"}).wait(SECONDS).error is None
    wait_until(lambda: letters.get_metrics()["callback_errors"] >= 3)


def test_an_async_callback_runs_in_its_authors_loop() -> None:
    async def main() -> list[tuple[str, bool]]:
        own_loop, snapshots = asyncio.get_running_loop(), []
        over = asyncio.Event()

        async def on_change(task: MediaTask) -> None:
            await asyncio.sleep(0)
            snapshots.append((str(task.status), asyncio.get_running_loop() is own_loop))
            if task.ended:
                over.set()

        task = Letters().process({"text": "Hello"}, callback=on_change)
        assert (await task.ended_async()).result
        async with asyncio.timeout(SECONDS):
            await over.wait()
        return snapshots

    snapshots = asyncio.run(main())
    assert snapshots[-1] == ("completed", True)
    assert all(in_own_loop for _, in_own_loop in snapshots)


def test_cancelling_ends_a_thread_before_the_task_is_cancelled() -> None:
    letters = Letters()
    began = threading.Event()

    def on_change(task: MediaTask) -> None:
        if task.progress:
            began.set()

    task = letters.process({"text": "Hello", "gate": threading.Event()}, callback=on_change)
    assert began.wait(SECONDS)
    assert letters.cancel_task(task.task_id)
    assert task.wait(SECONDS).status is ProcessingStatus.CANCELLED
    assert (letters.at_once, task.result) == (0, None)
    assert not list(letters._runner.folder.iterdir())
    assert letters.get_metrics()["cancelled"] == 1


def test_a_shared_pool_bounds_several_workflows() -> None:
    pool = ResourcePool(1)
    one, two = Letters({"pool": pool}), Letters({"pool": pool})
    gate = threading.Event()
    tasks = [which.process({"text": "x", "gate": gate}) for which in (one, two, one)]
    gate.set()
    for task in tasks:
        assert task.wait(SECONDS).error is None
    assert one.most_at_once == two.most_at_once == 1
    assert (pool.running, pool.waiting) == (0, 0)


def test_attempts_end_and_their_reasons_are_kept() -> None:
    letters = Letters({"retries": 1, "retry_wait": 0})
    assert letters.process({"text": "a", "fail": 1}).wait(SECONDS).error is None
    task = letters.process({"text": "b", "fail": 2}).wait(SECONDS)
    assert (task.status, task.error) == (ProcessingStatus.FAILED, "not yet")
    assert [one["code"] for one in task.metadata["attempts"]] == ["UNAVAILABLE"] * 2


def test_a_cached_file_that_was_changed_is_made_again() -> None:
    letters = Letters()
    first = letters.process({"text": "same"}).wait(SECONDS)
    assert first.result
    assert first.result.path
    assert letters.process({"text": "same"}).wait(SECONDS).metadata == {"cached": True}
    first.result.path.write_text("changed by its owner")
    assert letters.process({"text": "same"}).wait(SECONDS).metadata == {}
    assert letters.made == 2


def test_a_bad_row_of_a_batch_is_a_task_that_failed() -> None:
    letters = Letters()
    good, bad = letters.batch_process([{"text": "a"}, {}])
    assert good.wait(SECONDS).status is ProcessingStatus.COMPLETED
    assert bad.wait(SECONDS).status is ProcessingStatus.FAILED
    assert (bad.error, bad.metadata["error_code"]) == ("text: is required", "VALIDATION_ERROR")


def test_ended_tasks_are_forgotten_when_they_are_too_many() -> None:
    letters = Letters({"keep_tasks": 2})
    tasks = [letters.process({"text": str(at)}).wait(SECONDS) for at in range(4)]
    assert letters.list_tasks() == tasks[1:]


def test_closing_ends_everything() -> None:
    letters = Letters({"workers": 1})
    tasks = [letters.process({"text": "a", "gate": threading.Event()}) for _ in range(3)]
    letters.close()
    assert {task.status for task in tasks} == {ProcessingStatus.CANCELLED}


def test_workflows_are_found_by_entry_point_and_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for table in ("_registered", "_defaults", "_shared"):
        monkeypatch.setattr(MediaFactoryRegistry, table, {})
    assert MediaFactoryRegistry.list_available_workflows() == ["image", "video", "voice"]
    kinds = {MediaType.IMAGE: ImageWorkflow, "video": VideoWorkflow, MediaType.VOICE: VoiceWorkflow}
    for name, kind in kinds.items():
        assert isinstance(MediaFactoryRegistry.get_workflow(name), kind)
    usual = MediaFactoryRegistry.get_workflow(MediaType.VOICE)
    assert MediaFactoryRegistry.get_workflow(MediaType.VOICE) is usual

    MediaFactoryRegistry.register("letters", Letters, {"workers": 1})
    letters = MediaFactoryRegistry.get_workflow("letters", {"retries": 0})
    assert isinstance(letters, Letters)
    assert (letters.config.workers, letters.config.retries) == (1, 0)
    assert letters.get_capabilities() == {
        "media_type": "voice",
        "supported_formats": ["txt"],
        "features": ["letters"],
    }
    with pytest.raises(ValueError, match=r"no workflow 'smell'; there are image, letters, video"):
        MediaFactoryRegistry.get_workflow("smell")


@pytest.mark.parametrize(
    ("workflow", "params", "named"),
    [
        (ImageWorkflow, {}, "prompt"),
        (ImageWorkflow, {"prompt": "a", "resolution": "1x1"}, "resolution"),
        (ImageWorkflow, {"prompt": "a", "colour": "red"}, "colour"),
        (VideoWorkflow, {"prompt": "a", "duration": 601}, "duration"),
        (VideoWorkflow, {"prompt": "a", "fps": 0, "use_nerf": "maybe"}, "use_nerf"),
        (VideoWorkflow, {"image_sequence": ["/nowhere.png"]}, "image_sequence.0"),
        (VideoWorkflow, {"image_sequence": []}, "image_sequence"),
        (VideoWorkflow, {"operation": "explode"}, "operation"),
        (VideoWorkflow, {"text": "Hello", "resolution": "8K"}, "resolution"),
        (VideoWorkflow, {"text": "Hello", "options": {"nonsense": 1}}, "nonsense"),
        (VoiceWorkflow, {"text": "   "}, "text"),
        (VoiceWorkflow, {"text": "a", "language": "not a language"}, "language"),
        (VoiceWorkflow, {"text": "a", "sample_audio": "/nowhere.wav"}, "sample_audio"),
        (VoiceWorkflow, "Hello", "parameters"),
    ],
)
def test_what_is_wrong_with_parameters_is_named(
    workflow: type[MediaFactory], params: Any, named: str
) -> None:
    with pytest.raises(InvalidParameters) as caught:
        workflow().validate_parameters(params)
    assert named in caught.value.problems


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"service_endpoint": "ftp://example.com"}, "service_endpoint"),
        ({"timeout": 0}, "timeout"),
        ({"retrys": 3}, "retrys"),
    ],
)
def test_what_is_wrong_with_a_config_is_named(config: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        ImageWorkflow(config)


def test_pictures_without_diffusers_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gala.generation.diffusion.find_spec", lambda _: None)
    task = ImageWorkflow({"backend": "diffusers"}).process({"prompt": "a"}).wait(SECONDS)
    assert task.metadata["error_code"] == "ENGINE_MISSING"
    assert install_hint("images") in str(task.error)


def test_steps_that_do_not_fit_together_are_refused() -> None:
    letters = Letters()
    for steps in (
        [],
        [Step("a", letters), Step("a", letters)],
        [Step("a", letters, {"text": ResultOf("b")}), Step("b", letters)],
    ):
        with pytest.raises(ValueError, match="steps: "):
            Pipeline(steps)
