"""Entry points of other distributions."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.entry_points import entry_points


def test_a_folder_that_joins_the_path_adds_its_entry_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = tmp_path / "added-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: added\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[gala.added]\none = added:one\ntwo = added:two\n")
    assert entry_points("gala.added") == ()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert {point.name for point in entry_points("gala.added")} == {"one", "two"}
    assert [point.value for point in entry_points("gala.added", "two")] == ["added:two"]
    monkeypatch.undo()
    assert entry_points("gala.added") == ()
