"""What benchmarks install: packages to compare with, in environments of their own, and weights."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from gala.cli.weights.install import pull
from gala.cli.weights.registry import find

CACHE: Final = Path(__file__).parents[2] / ".gala" / "bench"
"""What benchmarks keep for the next run."""


def pulled(name: str, root: Path = CACHE / "weights") -> Path:
    """Return the folder of published weights below ``root``; they are pulled the first time."""
    weights = find(name)
    pull(weights, root)
    return root / weights.folder


def python_with(name: str, *packages: str) -> str:
    """Return a Python that has the packages; they are installed with pip the first time."""
    folder = CACHE / name
    python, ready = folder / "bin" / "python", folder / "ready.txt"
    wanted = "\n".join(packages)
    if not ready.exists() or ready.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True)
        ready.write_text(wanted)
    return str(python)
