"""Everything that the README shows runs."""

from __future__ import annotations

import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.platform.stack import Stack

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(language: str, word: str) -> list[str]:
    return [code for name, code in BLOCKS if name == language and word in code]


def test_the_readme_shows_commands_that_run_py_has() -> None:
    listed = subprocess.run(
        [sys.executable, "run.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    shown = set(re.findall(r"run\.py (\w+)", README))
    assert shown
    assert all(f"run.py {name}" in listed.stdout for name in shown)


def test_links_of_the_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_examples_of_the_readme_run_as_they_stand(shared_stack: Stack, tmp_path: Path) -> None:
    stack, before = shared_stack, {job.id for job in shared_stack.client.jobs(limit=200)}
    run_bash = [here(code, stack) for code in commands("bash", "curl")]
    run_python = [here(code, stack) for code in commands("python", "gala")]
    assert len(run_bash) == 8
    assert len(run_python) == 1
    write_photo(tmp_path / "photo.jpg")

    # In one shell, as a reader has it: later blocks use what earlier ones set.
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(run_bash)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"status":"') >= 5
    assert (tmp_path / "speech.mp3").stat().st_size > 5000
    for code in run_python:
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, timeout=90, check=True)

    assert (tmp_path / "hello.mp4").stat().st_size > 10_000
    with av.open(str(tmp_path / "hello.mp4")) as container:
        video = container.streams.video[0]
        assert (video.width, video.height) == (1080, 1920)
        assert video.average_rate == Fraction(30)
    jobs = [job for job in stack.client.jobs(limit=200) if job.id not in before]
    assert len(jobs) == 9
    assert {stack.client.wait(job.id).status for job in jobs} == {"DONE"}


def here(code: str, stack: Stack) -> str:
    return code.replace("http://localhost:8080", stack.base_url)


def write_photo(path: Path) -> None:
    from PIL import Image

    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(path)
