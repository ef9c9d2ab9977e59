"""How the command line shows the status of a job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gala.cli.commands.jobs import status_of
from gala.client.models import Job

RUNNING: dict[str, Any] = {
    "id": "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "type": "timeline",
    "status": "RUNNING",
    "phase": "rendering",
    "progress": 0.3,
    "attempt": 1,
    "created_at": datetime(2026, 11, 30, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "RUNNING (rendering, 30%)"),
        ({"cancel_requested": True}, "RUNNING (rendering, 30%, is being cancelled)"),
        (
            {"cancel_requested": True, "status": "CANCELLED", "phase": "ended"},
            "CANCELLED (ended, 30%)",
        ),
    ],
)
def test_a_running_job_that_is_being_cancelled_says_so(changes: dict[str, Any], shown: str) -> None:
    assert status_of(Job.model_validate({**RUNNING, **changes})) == shown
