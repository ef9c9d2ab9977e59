"""Clients that three generators make of the OpenAPI document create a job and read it back."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contracts.api.documents import ROOT, kept_as_json
from tests.platform.stack import Stack
from tests.support.client_generators import PINS, Generators, installed

DOCUMENT = ROOT / "docs" / "openapi.yaml"
pytestmark = pytest.mark.timeout(400)  # generators are downloaded on the first run


@pytest.fixture(scope="module")
def generators() -> Generators:
    return installed()


def done(command: Sequence[str], folder: Path) -> str:
    """Run a program in a folder and return what it prints; it has to succeed."""
    outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, f"{' '.join(command)}\n{outcome.stdout}{outcome.stderr}"
    return outcome.stdout


def check(printed: str, name: str, api_only_client: httpx.Client) -> None:
    """Check the job that a client has created and what else it has received."""
    told: dict[str, Any] = json.loads(printed)
    job = api_only_client.get(f"/jobs/{told['id']}").json()["job"]
    assert (job["name"], job["params"]["text"]) == (name, "Hello")
    assert (told["name"], told["type"], told["text"]) == (name, "hello_render", "Hello")
    assert told["status"] == "QUEUED"
    assert told["refused"] == "VALIDATION_ERROR"
    assert told["process"] == "processing"


def test_the_client_of_openapi_python_client_creates_a_job(
    generators: Generators, api_only: Stack, api_only_client: httpx.Client, tmp_path: Path
) -> None:
    config = PINS / "openapi-python-client.yaml"
    generate = [
        *(*generators.openapi_python_client(), "generate"),
        *("--path", str(kept_as_json(tmp_path))),
        *("--output-path", "gala_client", "--meta", "none", "--config", str(config)),
        "--fail-on-warning",  # so that no operation is left out
    ]
    done(generate, tmp_path)
    shutil.copy(PINS / "python_client.py", tmp_path)
    printed = done([str(generators.python), "python_client.py", api_only.base_url], tmp_path)
    check(printed, "from Python", api_only_client)


@pytest.mark.parametrize(
    "generator", ["openapi-typescript", pytest.param("hey-api", marks=pytest.mark.exhaustive)]
)
def test_the_client_of_a_generator_for_typescript_creates_a_job(
    generator: str,
    generators: Generators,
    api_only: Stack,
    api_only_client: httpx.Client,
    tmp_path: Path,
) -> None:
    if generator == "hey-api":
        program = "hey_api"
        generate = [
            *(*generators.module("@hey-api", "openapi-ts", "bin", "run.js"), "--no-log-file"),
            *("--input", str(DOCUMENT), "--output", "hey_api_client"),
            *("--plugins", "@hey-api/client-fetch", "@hey-api/sdk", "@hey-api/typescript"),
        ]
    else:
        program = "openapi_fetch"
        generate = [
            *(*generators.module("openapi-typescript", "bin", "cli.js"), str(DOCUMENT)),
            # Else every field with a default would have to be given.
            *("--default-non-nullable", "false", "--output", "openapi_typescript.d.ts"),
        ]
    done(generate, tmp_path)
    for name in ("tsconfig.json", f"{program}.ts"):
        shutil.copy(PINS / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(generators.modules)
    done([*generators.module("typescript", "bin", "tsc"), "--project", "."], tmp_path)
    printed = done([str(generators.node), f"javascript/{program}.js", api_only.base_url], tmp_path)
    check(printed, f"from {generator}", api_only_client)
