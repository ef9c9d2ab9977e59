"""Importing the API loads no engine and no vendor's SDK."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("torch", "boto3", "botocore", "googleapiclient", "google.auth", "azure", "av", "ffmpeg")
OTHERS = ("gala_worker", "gala_renderer")


def loaded_by(*modules: str) -> set[str]:
    """Return the names of all modules that a process has after importing these."""
    program = f"import {', '.join(modules)}, sys, json; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {*json.loads(done.stdout)}


def test_importing_the_api_loads_no_engine_and_no_vendor() -> None:
    loaded = loaded_by("gala_api.app", "gala_api.__main__", "gala_api.swagger_ui")
    assert loaded.isdisjoint((*HEAVY, *OTHERS))


def test_the_process_that_supervises_the_api_starts_without_fastapi() -> None:
    assert "fastapi" not in loaded_by("gala_api.__main__")
