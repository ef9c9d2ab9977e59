"""``gala weights`` against a fake hub, with the real hub client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.huggingface_hub import Hub, hub
from tests.fakes.package_registry import registry_environment

MIB = 1024**2


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Hub]:
    files = tmp_path / "published"
    (files / "voices").mkdir(parents=True)
    (files / "config.json").write_text("{}")
    (files / "kokoro-v1_0.pth").write_bytes(os.urandom(25 * MIB))
    (files / "voices" / "af_heart.pt").write_bytes(b"voice")
    (files / "README.md").write_text("not wanted")
    with hub(files) as made:
        yield made


def gala(home: Path, *words: str, endpoint: str = "http://127.0.0.1:9") -> tuple[int, str]:
    environment = {
        **os.environ,
        **registry_environment("http://127.0.0.1:9"),
        "GALA_WEIGHTS_DIR": str(home),
        "HF_ENDPOINT": endpoint,
    }
    done = subprocess.run(
        [sys.executable, "-m", "gala.cli", "weights", *words],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def state(home: Path) -> str:
    _, told = gala(home, "list", "--json")
    listed = {row["name"]: row["state"] for row in json.loads(told)["weights"]}
    assert {"kokoro", "kokoro:torch", "whisper:tiny", "whisper:large-v3"} <= set(listed)
    return listed["kokoro:torch"]


def test_weights_are_pulled_checked_and_listed(published: Hub, tmp_path: Path) -> None:
    home = tmp_path / "weights"
    assert state(home) == "absent"
    code, told = gala(home, "pull", "kokoro:torch", endpoint=published.url)
    assert code == 0, told
    assert "3 files, 25 MiB, verified" in told
    assert "from model hub (hexgrad/Kokoro-82M)" in told
    got = home / "kokoro" / "kokoro-v1_0.pth"
    assert got.read_bytes() == (published.files / "kokoro-v1_0.pth").read_bytes()
    assert not (home / "kokoro" / "README.md").exists()
    assert state(home) == "here"
    got.write_bytes(got.read_bytes()[::-1])
    code, told = gala(home, "verify")
    assert code == 1
    assert "kokoro-v1_0.pth" in told
    got.write_bytes(b"cut")
    assert state(home) == "damaged (kokoro-v1_0.pth)"


def test_a_broken_download_goes_on_where_it_stopped(published: Hub, tmp_path: Path) -> None:
    published.break_after = 15 * MIB
    code, told = gala(tmp_path / "weights", "pull", "kokoro:torch", endpoint=published.url)
    assert code == 0, told
    ranges = [asked for method, path, asked in published.seen if path.endswith(".pth") and asked]
    assert ranges
    assert all(int(asked.removeprefix("bytes=").rstrip("-")) >= 10_000_000 for asked in ranges)


def test_what_is_there_is_not_downloaded_again(published: Hub, tmp_path: Path) -> None:
    gala(tmp_path / "weights", "pull", "kokoro:torch", endpoint=published.url)
    published.seen.clear()
    code, _ = gala(tmp_path / "weights", "pull", "kokoro:torch", endpoint=published.url)
    assert code == 0
    assert not [path for method, path, _ in published.seen if "/resolve/" in path]


def test_what_arrives_damaged_is_refused_and_removed(published: Hub, tmp_path: Path) -> None:
    published.lie = True
    code, told = gala(tmp_path / "weights", "pull", "kokoro:torch", endpoint=published.url)
    assert code != 0
    assert "damaged" in told
    assert not (tmp_path / "weights" / "kokoro").exists()
    assert state(tmp_path / "weights") == "absent"


def test_without_network_it_says_what_else_can_be_done(tmp_path: Path) -> None:
    code, told = gala(tmp_path, "pull", "whisper:tiny")
    assert code != 0
    assert "whisper:tiny cannot be downloaded: model hub (Systran/faster-whisper-tiny): " in told
    assert "--from FOLDER" in told.replace("\n", " ")


def test_weights_are_taken_from_a_folder(published: Hub, tmp_path: Path) -> None:
    code, told = gala(tmp_path / "weights", "pull", "kokoro", "--from", str(published.files))
    assert code == 0, told
    assert state(tmp_path / "weights") == "here"
    code, told = gala(tmp_path / "others", "import", str(tmp_path / "weights"))
    assert code == 0, told
    assert state(tmp_path / "others") == "here"
    (published.files / "config.json").unlink()
    code, told = gala(tmp_path / "weights", "pull", "kokoro", "--from", str(published.files))
    assert code != 0
    assert "config.json" in told


def test_unknown_weights_are_told_from_known_ones(tmp_path: Path) -> None:
    code, told = gala(tmp_path, "pull", "whisper:enormous")
    assert code != 0
    assert "whisper:large-v3-turbo" in told
