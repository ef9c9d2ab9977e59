"""Captions are on or off, or have a look."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gala.render_types.captioned_video import CaptionedVideoParams
from gala.render_types.params.captions import CaptionParams
from gala.render_types.presenter import PresenterParams


@pytest.mark.parametrize("params", [PresenterParams, CaptionedVideoParams])
def test_captions_are_switched_as_in_compositions(params: type[Any]) -> None:
    looks = [params(text="x", captions=one).captions for one in (True, False, None)]
    assert looks == [CaptionParams(), None, None]
    with pytest.raises(ValidationError, match="valid dictionary"):
        params(text="x", captions="karaoke")
