"""The media server's routes checked by schemathesis with the contract of 0.3.5."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gala.job import Lane
from tests.contracts.api.documents import ROOT, ours
from tests.contracts.api.media_server_contract import (
    FILE,
    operations,
    told_by_the_file,
    with_the_page,
    written_down,
)
from tests.platform.stack import Stack
from tests.support import http
from tests.support.media_server_client import picture, tiny_film, tiny_sound, upload

CONFIG = Path(__file__).with_name("media_server.toml")
HOOKS = "tests.contracts.api.media_server_hooks"


@pytest.mark.skipif(not FILE.exists(), reason=f"the file is not at hand ({FILE})")
def test_the_contract_is_written_down_as_the_file_tells_it() -> None:
    assert written_down() == told_by_the_file()


def test_what_the_page_adds_is_still_openapi() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # late, as it takes half a second

    OpenAPIV31SpecValidator(with_the_page()).validate()


def test_our_own_document_has_every_route_and_field_of_it() -> None:
    paths = ours()["paths"]
    for method, path, operation in operations(with_the_page()):
        if path == "/" or method == "head":
            continue  # no part of our document, but answered: test_media_server.py
        asked = operation.get("requestBody", {}).get("content", {})
        taken = paths[path][method].get("requestBody", {}).get("content", {})
        assert taken.keys() == asked.keys(), path
        for kind, content in asked.items():
            theirs, mine = content["schema"], taken[kind]["schema"]
            assert mine["properties"].keys() >= theirs["properties"].keys(), (path, kind)
            assert set(mine["required"]) == set(theirs["required"]), (path, kind)


@pytest.mark.slow
@pytest.mark.timeout(400)  # a slow machine is no fault of the API
def test_no_route_of_the_media_server_fails_or_answers_otherwise_than_documented(
    make_stack: Callable[..., Stack], tmp_path: Path, elsewhere: str
) -> None:
    # Renders wait for a worker that does not run; probing files works.
    stack = make_stack(
        slots={Lane.INTERACTIVE: 1},
        API_MAX_UPLOAD_BYTES="1000000",
        FETCH_ALLOWED_HOSTS="127.0.0.1",
    )
    stack.start()
    document = tmp_path / "media-server.json"
    document.write_text(json.dumps(with_the_page()), encoding="utf-8")
    argv = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        # Hypothesis parses its own source, which two threads of Python 3.11 cannot do at a time.
        *("--url", stack.base_url, "--workers", "1", "--max-examples", "3"),
        *("--phases", "examples,coverage,fuzzing", "--warnings", "off", str(document)),
    )
    known = {
        **uploaded(stack.base_url, tmp_path),
        "url": f"{elsewhere}/film.mp4",
        "image_urls": ",".join([f"{elsewhere}/picture.png"] * 3),
    }
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "KNOWN_MEDIA": json.dumps(known)}
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    stack.kill_all()
    assert done.returncode == 0, done.stdout + done.stderr
    for phase in ("Coverage", "Fuzzing"):
        assert f"✅ {phase}" in done.stdout


def uploaded(url: str, folder: Path) -> dict[str, str]:
    """Return the fields that contain media ids, with ids of existing files."""
    film, sound = tiny_film(folder).read_bytes(), tiny_sound(folder).read_bytes()
    with http.Client(base_url=url, timeout=60, trust_env=False) as server:
        video = upload(server, "film.mp4", film, "video")
        audio = upload(server, "sound.wav", sound, "audio")
        image = upload(server, "picture.png", picture(), "image")
    return {
        **dict.fromkeys(("video_id", "overlay_video_id"), video),
        **dict.fromkeys(("audio_id", "sample_audio_id", "background_music_id", "pcm_id"), audio),
        **dict.fromkeys(("image_id", "background_id"), image),
        "video_ids": f"{video},{video}",
    }
