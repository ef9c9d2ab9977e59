"""The hint that adds an extra fits how this GALA was installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, PathDistribution
from pathlib import Path

import pytest

from gala import installation

ROOT = Path(__file__).parents[3]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dist-info folder of an installed GALA; without direct_url.json: from an index."""
    folder = tmp_path / "gala_platform-0.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.4\nName: gala-platform\nVersion: 0.1.0\n")
    monkeypatch.setattr(installation, "distribution", lambda _: PathDistribution(folder))
    return folder


def test_a_clone_is_installed_again_from_its_folder(installed: Path, tmp_path: Path) -> None:
    source = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    (installed / "direct_url.json").write_text(json.dumps(source))
    hint = installation.install_hint("kokoro", "whisper")
    assert hint == 'pip install --constraint constraints.txt --editable ".[kokoro,whisper]"'


def test_a_wheel_is_named_by_its_distribution_and_its_path_is_not_shown(installed: Path) -> None:
    url = "file:///srv/gala_platform-0.1.0-py3-none-any.whl"
    (installed / "direct_url.json").write_text(json.dumps({"url": url, "archive_info": {}}))
    assert installation.install_hint("s3") == 'pip install "gala-platform[s3]"'


def test_an_installation_from_an_index_is_named_by_its_distribution(installed: Path) -> None:
    assert installation.install_hint("s3") == 'pip install "gala-platform[s3]"'
    assert installation.version() == "0.1.0"


def test_gala_that_is_not_installed_has_a_hint_and_a_version_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installation, "distribution", missing)
    assert installation.install_hint("s3") == 'pip install "gala-platform[s3]"'
    assert installation.version() == "0+unknown"


SOMEBODY_ELSES = re.compile(r"""pip install[^\n`]*['" ]gala(\[|['" `]|$)""")


def test_no_text_of_ours_tells_anybody_to_install_a_package_that_is_not_ours() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wrong = []
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if path == Path(__file__) or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{name}: {found.group()}" for found in SOMEBODY_ELSES.finditer(text)]
    assert not wrong


def test_a_worker_starts_without_the_command_line_of_httpx() -> None:
    program = (
        "import sys, gala_worker.__main__; print({'httpx', 'click', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "{'httpx'}\n"
