"""What a sandboxed program can see, its spec, and the files that it may leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.errors import OutOfDisk, RenderFailed
from gala_renderer.engine.attempt_dir import AttemptDir
from gala_renderer.model_workers.file_exchange import copy_in, copy_out, remove_files
from gala_renderer.sandbox.disk_quota import quota_error
from gala_renderer.sandbox.filesystem_view import Confinement, common_paths
from gala_renderer.sandbox.spec import SandboxSpec, parse_spec

MIB = 1024**2


def test_an_order_arrives_as_it_was_given() -> None:
    order = SandboxSpec(parent=7, level="namespaces", program=["/bin/x", "--", "read=/etc", "a=b"])
    order.uid, order.memory = 65533, 1 << 40
    order.read, order.write = ["/usr", "/a=b c"], ["/data/jobs/j/1/tmp"]
    assert vars(parse_spec(order.arguments())) == vars(order)


def test_a_program_of_an_attempt_sees_that_attempt_only() -> None:
    view = Confinement(jobs=Path("/data/jobs")).view_for(Path("/data/jobs/job_1/2/tmp/deeper"))
    root = Path("/data/jobs/job_1/2")
    assert view.read == (root / "in",)
    assert view.write == (root / "out", root / "tmp")


def test_a_program_elsewhere_sees_where_it_stands(tmp_path: Path) -> None:
    assert Confinement(jobs=Path("/data/jobs")).view_for(tmp_path).write == (tmp_path,)
    assert Confinement().view_for(Path("/")).write == ()


def test_what_is_named_through_links_is_found_by_its_name_and_by_its_place(tmp_path: Path) -> None:
    real, middle = tmp_path / "real", tmp_path / "middle"
    (real / "fonts").mkdir(parents=True)
    middle.symlink_to("real")
    (tmp_path / "name").symlink_to(middle)
    folders, links = common_paths([tmp_path / "name" / "fonts"])
    assert real / "fonts" in folders
    assert {tmp_path / "name", middle} <= set(links)
    assert tmp_path not in folders


def test_secrets_beside_our_code_are_not_shown() -> None:
    folders, _ = common_paths([])
    repository = Path(__file__).parents[4]
    assert not any(repository == folder or folder in repository.parents for folder in folders)
    assert not any(Path.home() == folder or folder == Path("/etc") for folder in folders)


def test_many_files_count_together(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for number in range(4):
        (tmp_path / "deep" / str(number)).write_bytes(bytes(MIB))
    (tmp_path / "loop").symlink_to(tmp_path)
    assert quota_error([tmp_path], at_most=8 * MIB, free=0) is None
    assert isinstance(quota_error([tmp_path], at_most=3 * MIB, free=0), RenderFailed)


def test_the_disk_is_never_filled_to_the_brim(tmp_path: Path) -> None:
    assert isinstance(quota_error([tmp_path], at_most=MIB, free=1 << 60), OutOfDisk)
    assert quota_error([tmp_path / "gone"], at_most=MIB, free=1) is None


def test_a_link_that_a_program_left_as_its_output_is_not_followed(tmp_path: Path) -> None:
    with AttemptDir(tmp_path.resolve()) as folder:
        folder.part("film.mp4").symlink_to("/etc/passwd")
        with pytest.raises(RenderFailed, match="not a regular file"):
            folder.publish("film.mp4")


def test_a_warm_process_is_handed_files_and_keeps_none(tmp_path: Path) -> None:
    own, job = tmp_path / "own", tmp_path / "job"
    own.mkdir()
    job.mkdir()
    (job / "heard.wav").write_text("sound")
    reads, writes = {"path": job / "heard.wav"}, {"target": job / "said.wav"}
    copy_in(own, reads)
    assert (own / "path.wav").read_text() == "sound"
    (own / "target.wav").write_text("speech")
    copy_out(own, writes)
    remove_files(own, {**reads, **writes})
    assert (job / "said.wav").read_text() == "speech"
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("trick", ["link", "folder", "nothing"])
def test_what_a_warm_process_leaves_instead_of_a_file_is_refused(
    trick: str, tmp_path: Path
) -> None:
    made = tmp_path / "target.wav"
    if trick == "link":
        made.symlink_to("/etc/passwd")
    elif trick == "folder":
        made.mkdir()
    with pytest.raises(RenderFailed, match="no file"):
        copy_out(tmp_path, {"target": tmp_path / "said.wav"})
