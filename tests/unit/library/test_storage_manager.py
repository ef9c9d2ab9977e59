"""Files by media id: nothing outside the folders is read, written or removed."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from gala.errors import AssetNotFound, InvalidRequest
from gala.media_server.ids import is_media_id
from gala_renderer import StorageManager

HOSTILE = (
    "",
    "image",
    "image_",
    "image_..",
    "image_../secret.txt",
    "image_..\\secret.txt",
    "image_/etc/passwd",
    "/etc/passwd",
    "../secret.txt",
    "image_a/../../secret.txt",
    "image_secret.txt\0.png",
    "image_secret.txt\n",
    "secret_secret.txt",
    "image_.hidden",
    "image_a.b.c",
    "image_a.tar.gz.exe.toolongsuffix",
    "image_" + "a" * 5000,
    "image_%2e%2e%2fsecret.txt",
    "image_~",
    "audio_ｓecret.txt",  # noqa: RUF001 - a full-width letter
)


@pytest.fixture
def storage(tmp_path: Path) -> StorageManager:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "secret.txt").write_text("secret")
    return StorageManager(temp_dir=tmp_path / "temp", output_dir=tmp_path / "media")


@pytest.mark.parametrize("media_id", HOSTILE)
def test_a_hostile_id_names_nothing(storage: StorageManager, tmp_path: Path, media_id: str) -> None:
    with pytest.raises(AssetNotFound):
        storage.get_media_path(media_id)
    assert not storage.media_exists(media_id)
    storage.delete_media(media_id)
    assert (tmp_path / "secret.txt").read_text() == "secret"
    assert (tmp_path / "media" / "secret.txt").read_text() == "secret"


def test_a_link_in_the_folder_leads_nowhere(storage: StorageManager, tmp_path: Path) -> None:
    storage.upload_media("image", b"1", ".png")
    (tmp_path / "media" / "image" / "link.png").symlink_to(tmp_path / "secret.txt")
    assert not storage.media_exists("image_link.png")


@pytest.mark.parametrize("media_type", ["image", "video", "audio", "tmp"])
def test_what_was_kept_is_found_by_an_id_that_tells_its_type(
    storage: StorageManager, tmp_path: Path, media_type: str
) -> None:
    source = tmp_path / "Source File.MP4"
    source.write_bytes(b"from a file")
    for media, content, suffix in (
        (b"bytes", b"bytes", ".mp4"),
        (io.BytesIO(b"open file"), b"open file", ".mp4"),
        (source, b"from a file", None),
        (str(source), b"from a file", ".mp4"),
    ):
        media_id = storage.upload_media(media_type, media, suffix)  # type: ignore[arg-type]
        uuid4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        assert re.fullmatch(rf"{media_type}_{uuid4}\.(mp4|MP4)", media_id)
        assert is_media_id(media_id)
        assert storage.get_media_path(media_id).read_bytes() == content
        storage.delete_media(media_id)
        assert not storage.media_exists(media_id)
        storage.delete_media(media_id)


def test_types_and_suffixes_are_checked(storage: StorageManager) -> None:
    for media_type, suffix, field in (
        ("../x", ".png", "media_type"),
        ("image", "/../x", "file_extension"),
        ("image", ".png/../../x", "file_extension"),
        ("image", "png", "file_extension"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            storage.upload_media(media_type, b"", suffix)  # type: ignore[arg-type]
        assert refused.value.details["field"] == field
    with pytest.raises(InvalidRequest):
        storage.create_temp_file(suffix="/../../x.wav")


def test_a_file_that_cannot_be_read_leaves_nothing(storage: StorageManager, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.upload_media("image", tmp_path / "nothing.png")
    assert list((tmp_path / "media" / "image").iterdir()) == []


def test_only_old_temporary_files_are_cleaned_up(storage: StorageManager) -> None:
    old, young = storage.create_temp_file(), storage.create_temp_file(suffix=".png")
    kept = storage.upload_media("audio", b"1", ".wav")
    for path in (old, storage.get_media_path(kept)):
        os.utime(path, (0, 0))

    assert storage.cleanup_old_files(max_age_minutes=30) == 1
    assert not old.exists()
    assert young.exists()
    assert storage.media_exists(kept)
    assert young.suffix == ".png"
    assert old.suffix == ".wav"


def test_nothing_to_clean_up_is_no_error(storage: StorageManager) -> None:
    assert storage.cleanup_old_files() == 0
