"""Errors of an import name the request's field `url`, not the job's input."""

from __future__ import annotations

from datetime import UTC, datetime

from gala import ids
from gala.db.pending_assets import PendingState
from gala.db.tables import PendingAsset
from gala.errors import ErrorCode
from gala.job import JobFailure
from gala.media import AssetKind, AssetStatus
from gala_api import serializers


def test_why_an_import_failed_is_told_of_the_field_that_was_sent() -> None:
    row = PendingAsset(
        id=ids.new_id(ids.Prefix.ASSET),
        owner_id="somebody",
        job_id=ids.new_id(ids.Prefix.JOB),
        role="media",
        kind=AssetKind.OTHER,
        created_at=datetime.now(UTC),
    )
    told = "inputs.media_url: the server answers 404 Not Found."
    failure = JobFailure(code=ErrorCode.FETCH_FAILED, message=told)
    shown = serializers.pending_asset(PendingState(row, AssetStatus.FAILED, failure))
    assert shown.error is not None
    assert shown.error.message == "url: the server answers 404 Not Found."
    assert failure.message == told, "the job's own error keeps the job's words"
