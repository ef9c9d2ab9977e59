"""Small parts of the engine: progress, folders, orders, failures."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gala.errors import ErrorCode, InvalidRequest, RenderFailed
from gala.ids import Prefix, new_id
from gala.render_types import find_type
from gala_renderer import types
from gala_renderer.engine.attempt_dir import AttemptDir
from gala_renderer.engine.order import check_inputs, known_type, parse_params
from gala_renderer.engine.progress import ProgressTracker
from gala_renderer.engine.registry import all_planners, planner_for
from gala_renderer.ffmpeg.runner import failure
from gala_renderer.sandbox.program_end import ProgramEnd
from gala_renderer.sandbox.runner import ProcessResult
from gala_renderer.settings import RendererSettings

HELLO = known_type("hello_render")


@given(st.lists(st.tuples(st.floats(0, 1), st.lists(st.floats(-1, 2))), max_size=6))
def test_progress_never_falls_whatever_the_steps_report(
    steps: list[tuple[float, list[float]]],
) -> None:
    tracker = ProgressTracker()
    fractions = [tracker.progress.fraction]
    for share, reports in steps:
        report = tracker.begin_step("step", share=share)
        for fraction in reports:
            report(fraction)
            fractions.append(tracker.progress.fraction)
    fractions.append(tracker.finish().fraction)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_a_step_that_ends_counts_whole_even_if_it_reported_nothing() -> None:
    tracker = ProgressTracker()
    tracker.begin_step("first", share=0.4)
    tracker.begin_step("second", share=0.6)
    assert (tracker.progress.fraction, tracker.progress.step) == (0.4, "second")


def test_waiting_for_news_ends_with_news_or_with_the_time() -> None:
    async def scenario() -> None:
        tracker = ProgressTracker()
        await tracker.wait_for_change(0.01)
        report = tracker.begin_step("step", share=1)
        report(0.5)
        async with asyncio.timeout(1):
            await tracker.wait_for_change(60)

    asyncio.run(scenario())


@pytest.fixture
def folder(tmp_path: Path) -> AttemptDir:
    root = tmp_path / "jobs" / (job_id := new_id(Prefix.JOB)) / "1"
    (root / "in").mkdir(parents=True)
    return AttemptDir.existing(tmp_path, job_id, 1)


def test_an_output_has_its_name_only_when_it_is_published(folder: AttemptDir) -> None:
    with folder:
        folder.part("a.bin").write_text("whole")
        folder.part("b.bin").write_text("half")
        folder.publish("a.bin")
    assert [path.name for path in folder.outputs.iterdir()] == ["a.bin"]
    assert not folder.scratch.exists()


def test_a_staged_file_must_be_a_file_of_the_attempt(folder: AttemptDir, tmp_path: Path) -> None:
    (folder.inputs / "file").write_text("x")
    (folder.inputs / "folder").mkdir()
    (folder.inputs / "link").symlink_to("file")
    assert folder.input("in/file").read_text() == "x"
    for wrong in ("in/folder", "in/link", "in/nothing", "in/../in/file"):
        with pytest.raises(RenderFailed):
            folder.input(wrong)


def test_a_scratch_folder_that_is_a_link_is_unlinked_not_emptied(
    folder: AttemptDir, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    folder.scratch.symlink_to(kept)
    with folder:
        assert not folder.scratch.is_symlink()
    assert (kept / "file").exists()


def test_a_job_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    job_id = new_id(Prefix.JOB)
    (tmp_path / "elsewhere" / "1").mkdir(parents=True)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / job_id).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RenderFailed, match="link"):
        AttemptDir.existing(tmp_path, job_id, 1)


@pytest.mark.parametrize(
    ("finished", "code"),
    [
        (ProcessResult(1, "av_interleaved_write_frame(): No space left on device"), "OUT_OF_DISK"),
        (ProcessResult(1, "x: Disk quota exceeded"), "OUT_OF_DISK"),
        (ProcessResult(-signal.SIGXFSZ, "", ProgramEnd.FILE_LIMIT), "RENDER_FAILED"),
        (ProcessResult(-signal.SIGXCPU, "", ProgramEnd.CPU_LIMIT), "RENDER_FAILED"),
        (ProcessResult(1, "", ProgramEnd.MEMORY_LIMIT), "RENDER_FAILED"),
        (ProcessResult(234, ""), "RENDER_FAILED"),
    ],
)
def test_ffmpeg_s_failures_have_our_words(finished: ProcessResult, code: str) -> None:
    error = failure(finished, hide=Path("/data/jobs/x/1"))
    assert error.code is ErrorCode(code)
    assert error.message


def test_a_failure_tells_the_last_lines_and_no_folder() -> None:
    said = "one\ntwo\n/data/jobs/x/1/in/bg: Invalid data\nthree\n"
    message = failure(ProcessResult(1, said), hide=Path("/data/jobs/x/1")).message
    assert "in/bg: Invalid data" in message
    assert "/data" not in message
    assert "one" not in message


def test_every_built_in_type_has_a_making() -> None:
    assert find_type("hello_render")
    assert planner_for("hello_render") is all_planners()["hello_render"]
    assert all_planners()["hello_render"].__name__.startswith(types.__name__)


def test_an_unknown_type_is_named() -> None:
    for lookup in (known_type, planner_for):
        with pytest.raises(InvalidRequest) as raised:
            lookup("nothing")
        assert raised.value.details["field"] == "type"


def test_params_are_checked_by_the_type_s_model() -> None:
    with pytest.raises(InvalidRequest) as raised:
        parse_params(HELLO, {"text": "hi", "music_volume_db": 99}, None)
    assert raised.value.details["field"] == "params.music_volume_db"


@pytest.mark.parametrize("counts", [{"nothing": 1}, {"bg": 2}])
def test_inputs_that_the_type_does_not_take_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(InvalidRequest) as raised:
        check_inputs(HELLO, counts)
    assert raised.value.details["field"] == f"inputs.{next(iter(counts))}"


def test_slots_default_to_half_the_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RENDERER_SLOTS", raising=False)
    for cores, slots in ((1, 1), (2, 1), (16, 8)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        assert RendererSettings(data_root=tmp_path).renderer_slots == slots
