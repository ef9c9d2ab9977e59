"""The generated page of the render types."""

from __future__ import annotations

import re

from gala.cli.commands.render_types import page
from gala.render_types import all_types


def test_whole_numbers_stand_with_all_their_digits() -> None:
    text = page([one for one in all_types().values() if one.params.__module__.startswith("gala.")])
    assert "| `seed` | integer, 0 to 4294967295 or null |" in text
    assert not re.search(r"\de\+\d", text)
