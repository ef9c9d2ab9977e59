"""Distribute the tests of a run over xdist's worker processes.

Tests of one file always run in one process, and so do files that share something expensive: a
stack of processes or a loaded model is then started once for a run. Files not named here are
distributed one by one. The groups are ordered by duration, the longest first, so that all workers
end at about the same time.
"""

from __future__ import annotations

from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS: Final[dict[str, tuple[str, ...]]] = {}
"""By what its tests share: the beginnings of their paths below ``tests/``."""


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
    """Put the longest groups first, otherwise keeping the order."""
    items.sort(key=lambda item: group_of(item.nodeid)[0])
