"""Settings of services: invalid keys and addresses are reported but never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gala.factory import ImageWorkflow
from gala.settings import settings_errors
from gala_renderer.settings import RendererSettings

BAD_KEYS = ["sk-x\r\nsk-y", "sk-schlüssel", "sk x", "sk-\x00"]
BAD_ADDRESSES = [
    *("http://[::1", "http://here:65536", "http://here:0", "http://here/?x=1", "http://here/#x"),
    *("http://", "ftp://here", "http://user:word@here", "http://he re", "http://a\\b", "here"),
]


@pytest.mark.parametrize("name", ["image_service_key", "speech_openai_key"])
@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_setting_with_a_key_that_no_header_can_hold_is_named(
    tmp_path: Path, name: str, key: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        RendererSettings.model_validate({"data_root": tmp_path, name: key})
    told = settings_errors(caught.value) + str(caught.value)
    assert name.upper() in told
    assert "visible ASCII" in told
    assert "sk" not in told


@pytest.mark.parametrize("name", ["service_key", "api_key"])
@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_factory_names_a_key_that_no_header_can_hold(name: str, key: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: .*visible ASCII") as caught:
        ImageWorkflow({name: key})
    assert "sk" not in f"{caught.value} {caught.value.__cause__}"


def test_what_stands_around_a_key_is_taken_away(tmp_path: Path) -> None:
    settings = RendererSettings.model_validate(
        {"data_root": tmp_path, "image_service_key": " k\r\n"}
    )
    workflow = ImageWorkflow({"service_key": "\tk\n"})
    assert settings.image_service_key
    assert workflow.config.service_key
    assert settings.image_service_key.get_secret_value() == "k"
    assert workflow.config.service_key.get_secret_value() == "k"


@pytest.mark.parametrize("name", ["image_service_url", "chatterbox_url", "speech_openai_url"])
@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_setting_with_an_address_that_is_none_is_named(
    tmp_path: Path, name: str, address: str
) -> None:
    with pytest.raises(ValidationError, match=name):
        RendererSettings.model_validate({"data_root": tmp_path, name: address})


@pytest.mark.parametrize("name", ["service_endpoint", "api_url"])
@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_factory_names_an_address_that_is_none(name: str, address: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        ImageWorkflow({name: address})


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:7860", "https://here.example/v1/", "http://[::1]:1/a/b", "http://a_b"],
)
def test_an_address_is_kept_as_it_was_given(address: str) -> None:
    assert ImageWorkflow({"service_endpoint": address}).config.service_endpoint == address
