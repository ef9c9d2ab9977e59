"""Parsing of the options that commands share."""

from __future__ import annotations

import pytest

from gala.cli.api_connection import connect
from gala.cli.rendering.options import CommonOptions, frame, with_params
from gala.errors import InvalidRequest, Unavailable
from gala.media import AspectRatio, Format
from gala.server_address import ServerAddress
from gala.supervisor import free_port


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


def test_a_server_is_asked_only_if_one_is_named_and_not_overruled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "http://gala.example.org"
    assert server_of(url) == ServerAddress(url, "--url")
    assert CommonOptions.of(url, local=True, as_json=False).server is None
    assert server_of(None) is None
    monkeypatch.setenv("GALA_URL", "http://other.example.org")
    assert server_of(url) == ServerAddress(url, "--url")
    assert server_of(None) == ServerAddress("http://other.example.org", "GALA_URL")
    assert CommonOptions.of(None, local=True, as_json=False).server is None


def server_of(url: str | None) -> ServerAddress | None:
    return CommonOptions.of(url, local=False, as_json=False).server


@pytest.fixture(autouse=True)
def no_server_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GALA_URL", raising=False)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "gala",
            "ftp://gala",
            "http://",
            "http://[",
            "file:///etc",
            "http://a:x",
            "http://a b",
        ),
        *("http://a..b", "http://.", f"http://{'a' * 64}.org", "http://☃", "http://ü..x"),
        *("http://xn--", "http://xn--a", "http://a/?x=1", "http://a/#f", "http://a:0"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="--url"):
        server_of(url)
    with pytest.raises(InvalidRequest, match="--url"):
        connect(url)


@pytest.mark.parametrize(
    "url", ["ftp://u:s3cret@gala", "u:s3cret@gala", "http://u:s3/cr?et@ga..la"]
)
def test_no_password_is_told_by_a_refusal(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        CommonOptions.of(url, local=False, as_json=False)
    assert "s3" not in refused.value.message


def test_a_server_behind_a_login_is_a_server_whose_password_is_not_told() -> None:
    url = f"http://u:s3cret@127.0.0.1:{free_port()}/gala"
    assert server_of(url) == ServerAddress(url, "--url")
    with connect(url) as client, pytest.raises(Unavailable) as refused:
        client.health()
    assert "s3cret" not in refused.value.message


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 100_000, "{"], ids=["digits", "lists", "half"])
def test_json_that_cannot_be_read_is_refused_in_short(value: str) -> None:
    with pytest.raises(InvalidRequest, match="is not JSON") as refused:
        with_params({}, [f"speed:={value}"])
    assert len(refused.value.message) < 400
