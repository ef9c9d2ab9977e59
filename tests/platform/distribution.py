"""Distribute the tests of a run over xdist's worker processes.

Tests of one file always run in one process, and so do files that share something expensive: a
stack of processes or a loaded model is then started once for a run. Files not named here are
distributed one by one. The groups are ordered by duration, the longest first, so that all workers
end at about the same time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARED: Final = "shared_stack and api_only"
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    SHARED: (
        "contracts/api/test_generated_clients",
        "contracts/api/test_nulls",
        "e2e/test_captioned_speech",
        "e2e/test_client",
        "e2e/test_generate_image",
        "e2e/test_mcp",
        "e2e/test_playback",
        "e2e/test_readme",
        "e2e/test_speech_api",
        "e2e/test_swagger",
        "e2e/test_templates",
        "integration/api/identity/test_nobody_asked",
        "integration/api/imports/",
        "integration/api/media/",
        "integration/api/process/",
        "integration/api/test_assets",
        "integration/api/test_bad_input",
        "integration/api/test_brand_kits",
        "integration/api/test_brief_jobs",
        "integration/api/test_broken_requests",
        "integration/api/test_casting",
        "integration/api/test_events",
        "integration/api/test_idempotency",
        "integration/api/test_jobs.py",
        "integration/api/test_links",
        "integration/api/test_models",
        "integration/api/test_template_versions",
        "integration/api/test_templates",
        "integration/api/test_timeline",
        "integration/api/test_voices",
        "integration/cli/test_listing",
        "integration/cli/test_making",
        "integration/cli/test_models",
        "integration/cli/test_stopping",
        "integration/cli/test_templates",
        "integration/cli/test_timeline",
        "integration/factory/test_as_jobs",
    ),
    "installed": (
        "integration/media_service/test_local_service",
        "integration/python_library/",
    ),
    "killable_stack": ("e2e/test_cancel", "e2e/test_killed", "e2e/test_notifications"),
    "media_stack": ("e2e/test_imports", "e2e/test_media_server"),
    "keyed_stack": ("e2e/test_fairness", "e2e/test_process"),
    "demo": ("e2e/test_demo",),
    "malformed media": ("integration/engine/test_rough_inputs",),
    "renderer": (
        "integration/renderer/test_ending",
        "integration/renderer/test_hello_render",
        "integration/renderer/test_hostile_inputs",
        "integration/renderer/test_http",
        "integration/renderer/test_speech_stream",
    ),
    "kokoro": ("integration/engine/test_kokoro", "unit/renderer/test_kokoro"),
    "published_stack": ("e2e/test_real_speech", "integration/api/test_presenter_models"),
    "schemathesis": ("contracts/api/test_schemathesis",),
    "speech": ("integration/engine/test_speech",),
    "whisper": ("integration/engine/test_examples", "integration/engine/test_transcribing"),
    "storages": ("e2e/test_storage_by_environment",),
    "start": ("e2e/test_start",),
    "locked": ("integration/api/identity/test_access", "integration/api/identity/test_keys"),
    "workplace": ("integration/worker/fetching/test_jobs", "integration/worker/test_cleanup"),
    "two_apis": ("integration/api/limits/",),
}
"""The beginnings of paths below ``tests/``, by the fixture or subject that the tests share."""


class GroupScheduling(LoadScopeScheduling):
    """Sends the tests of one group to one worker, without changing their names."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)[1]


def group_of(nodeid: str) -> tuple[int, str]:
    """Return the rank of a test's group, 0 being started first, and the group's name."""
    path = nodeid.partition("::")[0]
    for rank, (name, beginnings) in enumerate(GROUPS.items()):
        if path.removeprefix("tests/").startswith(beginnings):
            return rank, name
    return len(GROUPS), path


def sort(items: list[pytest.Item]) -> None:
    """Put the longest groups first and files in the order of their names."""
    items.sort(key=lambda item: (group_of(item.nodeid)[0], item.nodeid.partition("::")[0]))


def files_from(worker: int, workers: int, paths: list[str]) -> list[str]:
    """Return the test files below the paths, beginning where that worker, from 0, is to begin.

    Every worker collects all tests. If all began with the same file, each would compile every file
    of a fresh clone; with different beginnings, each finds most of them compiled by the others.
    """
    files = sorted(str(file) for path in paths for file in Path(path).rglob("test_*.py"))
    first = worker * len(files) // workers
    return files[first:] + files[:first]


_closing: list[Callable[[], None]] = []


def close_with_group(close: Callable[[], None]) -> None:
    """Call ``close`` when the last test of the current group has ended.

    A fixture of the session lives until the process ends; what polls a database meanwhile takes the
    time of other tests. ``close`` has to work twice, as without xdist only the fixture calls it.
    """
    _closing.append(close)


def end_group(item: pytest.Item, next_item: pytest.Item | None) -> None:
    """Close what the group of a test shared, if the next test is one of another group."""
    if next_item is not None and group_of(item.nodeid) != group_of(next_item.nodeid):
        while _closing:
            _closing.pop()()
