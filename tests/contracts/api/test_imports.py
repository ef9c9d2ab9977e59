"""Importing the API loads no engine and no vendor's SDK."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("torch", "boto3", "botocore", "googleapiclient", "google.auth", "azure", "av", "ffmpeg")
OTHERS = ("gala_worker", "gala_renderer")


@pytest.mark.parametrize("module", ["gala_api.app", "gala_api.__main__", "gala_api.swagger_ui"])
def test_importing_the_api_loads_no_engine_and_no_vendor(module: str) -> None:
    program = f"import {module}, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name in (*HEAVY, *OTHERS)] == []


def test_the_process_that_supervises_the_api_starts_without_fastapi() -> None:
    program = "import gala_api.__main__, sys; print('fastapi' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_making_the_contract_needs_no_environment_and_no_server() -> None:
    program = "from gala_api.app import create_app; print(create_app().openapi()['openapi'])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={}
    )
    assert done.stdout.strip() == "3.1.0"
