"""Checks of a service's files by their first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.errors import RenderFailed
from gala.generation.response_limits import check_file
from gala.media import MediaClass
from tests.support.hostile_image_answers import TRAPS


@pytest.mark.parametrize("trap", TRAPS)
def test_what_is_no_usual_picture_is_not_taken(tmp_path: Path, trap: str) -> None:
    path = tmp_path / "picture"
    path.write_bytes(TRAPS[trap])
    with pytest.raises(RenderFailed, match="The service sent"):
        check_file(path, MediaClass.IMAGE)
