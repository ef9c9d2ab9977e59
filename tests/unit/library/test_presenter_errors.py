"""Errors of presenters in the Python library name its own arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.errors import UnprocessableMedia
from gala_renderer import Presenter


def test_message_field_and_remedy_name_the_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise UnprocessableMedia(
            "inputs.portrait_asset_ids: no face was found in this picture.",
            hint="Set params.presenters.0.points.",
            field="inputs.portrait_asset_ids",
        )

    monkeypatch.setattr("gala_renderer.library.presenter.make", refuse)
    with pytest.raises(UnprocessableMedia) as refused:
        Presenter.from_picture("a.jpg").say("Hello.", tmp_path / "a.mp4")
    assert refused.value.message == "picture: no face was found in this picture."
    assert refused.value.hint == "Set points."
    assert refused.value.details["field"] == "picture"
