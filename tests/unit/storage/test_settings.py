from __future__ import annotations

from pathlib import Path

import pytest

from gala_storage import (
    LocalStorage,
    StorageConfigError,
    StorageRegistry,
    StorageSettings,
    all_providers,
    open_storage,
)
from tests.fakes.storage_rigs import settings_of


def test_all_providers_are_found_by_looking() -> None:
    assert set(all_providers()) == {"localfs", "memory", "s3", "gdrive"}


def test_the_named_provider_takes_new_objects(tmp_path: Path) -> None:
    settings = settings_of({"STORAGE_PROVIDER": "localfs", "STORAGE_LOCAL_ROOT": str(tmp_path)})
    assert isinstance(open_storage(settings), LocalStorage)


def test_the_environment_alone_configures_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORAGE_PROVIDER", "localfs")
    monkeypatch.setenv("STORAGE_LOCAL_ROOT", str(tmp_path))
    monkeypatch.setenv("S3_BUCKET", "")
    settings = StorageSettings()
    assert settings.storage_local_root == tmp_path
    assert settings.s3_bucket is None


def test_an_unknown_provider_names_those_there_are() -> None:
    with pytest.raises(StorageConfigError, match="gdrive, localfs, memory, s3"):
        open_storage(settings_of({"STORAGE_PROVIDER": "floppy"}))


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({"STORAGE_PROVIDER": "localfs"}, "STORAGE_LOCAL_ROOT"),
        ({"STORAGE_PROVIDER": "s3"}, "S3_BUCKET"),
        (
            {"STORAGE_PROVIDER": "s3", "S3_BUCKET": "b", "S3_ACCESS_KEY_ID": "a"},
            "S3_SECRET_ACCESS_KEY",
        ),
        (
            {"STORAGE_PROVIDER": "gdrive", "GDRIVE_CLIENT_ID": "a"},
            "GDRIVE_CLIENT_SECRET, GDRIVE_REFRESH_TOKEN",
        ),
    ],
)
def test_a_missing_variable_is_named(env: dict[str, str], missing: str) -> None:
    with pytest.raises(StorageConfigError, match=f"needs {missing}$"):
        open_storage(settings_of(env))


def test_an_endpoint_that_is_no_url_names_the_variable() -> None:
    env = {"STORAGE_PROVIDER": "s3", "S3_BUCKET": "b", "S3_ENDPOINT_URL": "not a url"}
    with pytest.raises(StorageConfigError, match="S3_ENDPOINT_URL"):
        open_storage(settings_of(env))


def test_older_providers_stay_readable_beside_the_current_one(tmp_path: Path) -> None:
    storages = StorageRegistry(
        settings_of({"STORAGE_PROVIDER": "memory", "STORAGE_LOCAL_ROOT": str(tmp_path)})
    )
    assert storages.current.provider == "memory"
    assert storages.get("localfs").provider == "localfs"
    assert storages.get("memory") is storages.current
    with pytest.raises(StorageConfigError, match="S3_BUCKET"):
        storages.get("s3")


def test_secrets_are_never_shown() -> None:
    settings = settings_of(
        {
            "S3_SECRET_ACCESS_KEY": "hush-1",
            "GDRIVE_CLIENT_SECRET": "hush-2",
            "GDRIVE_REFRESH_TOKEN": "hush-3",
        }
    )
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hush" not in shown
