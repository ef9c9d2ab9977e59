"""Options that commands share, as values."""

from __future__ import annotations

import pytest

from gala.cli.making.options import Manner, frame, with_params
from gala.errors import InvalidRequest
from gala.media import AspectRatio, Format


def test_params_of_p_win_and_reach_inside() -> None:
    given = {"speed": 1.0, "effects": {"pitch": 2}}
    merged = with_params(given, ["speed:=2", "effects.tempo:=1.5", "voice=a=b", "x.y.z:=[1]"])
    assert merged == {
        "speed": 2,
        "effects": {"pitch": 2, "tempo": 1.5},
        "voice": "a=b",
        "x": {"y": {"z": [1]}},
    }
    assert given == {"speed": 1.0, "effects": {"pitch": 2}}


def test_a_frame_is_chosen_by_size_or_by_shape() -> None:
    assert frame(None, None, None) is None
    assert frame(None, "640x360", 25) == Format(width=640, height=360, fps=25)
    assert frame(AspectRatio.SQUARE, None, None) == Format(width=1080, height=1080, fps=30)


@pytest.mark.parametrize("size", ["", "x", "640", "640x", "640x360x2", "641x360", "9x9", "-2x-2"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(InvalidRequest, match="--size"):
        frame(None, size, None)


def test_a_server_is_asked_only_if_one_is_named_and_not_overruled() -> None:
    url = "http://gala.example.org"
    assert Manner.of(url, local=False, as_json=False).remote == url
    assert Manner.of(url, local=True, as_json=False).remote is None
    assert Manner.of(None, local=False, as_json=False).remote is None


@pytest.mark.parametrize(
    "url",
    ["", "gala", "ftp://gala", "http://", "http://[", "file:///etc", "http://a:x", "http://a b"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="--remote"):
        Manner.of(url, local=False, as_json=False)
