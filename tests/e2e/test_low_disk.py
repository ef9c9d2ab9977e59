"""A disk without space: jobs wait and say why, and go on when there is space again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from gala.cli.app import app
from gala.job import Lane
from tests.platform.stack import Stack
from tests.support import http
from tests.support.wait import wait_until

FULL = "free in DATA_ROOT"


@contextmanager
def filled(folder: Path, size: int) -> Iterator[None]:
    """Have a file of that size in the folder."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    yield
    filler.unlink(missing_ok=True)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="cannot fill a disk quickly here")
def test_jobs_wait_for_disk_space_and_go_on_by_themselves(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    # Other programs use the disk meanwhile, but less than these eighths.
    free = shutil.disk_usage(tmp_path).free
    stack = make_stack(
        slots={Lane.BATCH: 1},
        RENDERER_MIN_FREE_BYTES=str(free * 7 // 8),
        WORKER_SWEEP_SECONDS="0.5",
    )
    with (
        filled(tmp_path, free // 4),
        http.Client(base_url=stack.base_url, trust_env=False, timeout=30) as client,
    ):
        stack.start()
        body = {
            "params": {"text": "x"},
            "output": {"format": {"width": 64, "height": 64, "fps": 5}},
        }
        job_id = client.post("/jobs", json=body).json()["job"]["id"]

        def job() -> dict[str, Any]:
            found: dict[str, Any] = client.get(f"/jobs/{job_id}").json()["job"]
            return found

        wait_until(lambda: job()["logs"], 20, what="the log says why the job waits")
        waiting = job()
        assert (waiting["status"], waiting["attempt"]) == ("QUEUED", 0)
        assert FULL in waiting["waiting_reason"]
        assert FULL in waiting["logs"][0]["msg"]
        assert waiting["logs"][0]["level"] == "warning"
        _is_told(client, stack)
        shown = CliRunner().invoke(app, ["jobs", "show", job_id, "--url", stack.base_url])
        assert FULL in " ".join(shown.stdout.split())
        (tmp_path / "filler").unlink()
        wait_until(lambda: job()["status"] == "DONE", 40, what="the job goes on")
        done = job()
        assert (done["attempt"], done["waiting_reason"], len(done["logs"]) > 1) == (1, None, True)
        wait_until(lambda: "low_disk" not in client.get("/readyz").json(), 10, what="no warning")


def _is_told(client: httpx.Client, stack: Stack) -> None:
    ready = client.get("/readyz")
    assert ready.status_code == 200
    low = {one["place"]: one for one in ready.json()["low_disk"]}
    assert set(low) == {"renderer", "uploads", "storage"}
    assert low["renderer"]["variable"] == "DATA_ROOT"
    assert low["storage"]["variable"] == "STORAGE_LOCAL_ROOT"
    assert 0 < low["renderer"]["free_bytes"] < low["renderer"]["needed_bytes"]
    assert "Free space in DATA_ROOT" in low["renderer"]["remedy"]
    deep = client.get("/health?deep=true").json()
    assert (deep["status"], deep["checks"]["disk"]["ok"]) == ("degraded", False)
    assert "RENDERER_MIN_FREE_BYTES" in deep["checks"]["disk"]["detail"]
    assert 'gala_disk_free_bytes{place="renderer"}' in client.get("/metrics").text
    assert "no job is claimed" in stack.log("worker-batch-1")
