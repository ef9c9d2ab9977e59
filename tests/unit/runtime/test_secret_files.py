"""Secrets as files: generated once, and read where no environment variable is set."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import gala.settings
from gala import secret_files
from gala.cli.settings import KeyringSettings
from gala_api.settings import ApiSettings, SwaggerSettings
from gala_worker.settings import WorkerSettings

VARIABLES = ("REDIS_URL", "GALA_SECRET_KEY")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of secrets, with everything generated; the environment has none."""
    monkeypatch.setattr(gala.settings, "SECRETS", tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://gala@localhost/gala")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    secret_files.generate(tmp_path)
    return tmp_path


def test_a_second_start_generates_nothing(folder: Path) -> None:
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert secret_files.generate(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_what_a_broken_start_left_out_is_generated_later(folder: Path) -> None:
    key = (folder / "gala_secret_key").read_text()
    (folder / "redis_url").unlink()
    assert secret_files.generate(folder) == ["valkey.conf", "redis_url"]
    assert (folder / "gala_secret_key").read_text() == key
    password = (folder / "valkey.conf").read_text().split()[1]
    assert f":{password}@" in (folder / "redis_url").read_text()


def test_only_their_owner_can_read_the_key_and_the_address(folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"gala_secret_key": 0o600, "redis_url": 0o600, "valkey.conf": 0o644}


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for one in folders:
        one.mkdir()
        secret_files.generate(one)
    for name in ("gala_secret_key", "redis_url"):
        assert folders[0].joinpath(name).read_text() != folders[1].joinpath(name).read_text()


@pytest.mark.parametrize("settings", [ApiSettings, WorkerSettings])
def test_api_and_worker_read_the_files(
    settings: type[ApiSettings | WorkerSettings], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Compose passes a variable that nobody has set.
    monkeypatch.setenv("REDIS_URL", "")
    found = settings()
    assert str(found.redis_url) == (folder / "redis_url").read_text()
    assert found.gala_secret_key is not None
    assert found.gala_secret_key.get_secret_value() == (folder / "gala_secret_key").read_text()


def test_the_command_that_creates_keys_reads_the_same_key(folder: Path) -> None:
    found = KeyringSettings().gala_secret_key
    assert found is not None
    assert found.get_secret_value() == (folder / "gala_secret_key").read_text()


def test_an_environment_variable_goes_before_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder.is_dir()
    monkeypatch.setenv("REDIS_URL", "redis://:mine@elsewhere:6379/3")
    assert str(WorkerSettings().redis_url) == "redis://:mine@elsewhere:6379/3"


def test_a_service_that_needs_no_secret_reads_none(folder: Path) -> None:
    assert folder.is_dir()
    assert not issubclass(SwaggerSettings, gala.settings.ServiceSettings)
