"""How the tests of a run are distributed."""

from __future__ import annotations

import pytest

from tests.platform.distribution import SHARED, group_of

STACKS = frozenset({"shared_stack", "api_only"})


def test_a_stack_that_tests_share_is_started_by_one_group_only(
    request: pytest.FixtureRequest,
) -> None:
    """With a whole run, this session has collected all tests."""
    outside = {
        item.nodeid.partition("::")[0]
        for item in request.session.items
        if not STACKS.isdisjoint(getattr(item, "fixturenames", ()))
        and group_of(item.nodeid)[1] != SHARED
    }
    assert outside == set(), f"add them to the group {SHARED!r} in tests/platform/distribution.py"
