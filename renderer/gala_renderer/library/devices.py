"""Where models compute on this machine, found out without loading one or torch."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

_PROGRAM: Final = str(Path(__file__).with_name("cuda_program.py"))
_SECONDS: Final = 20.0


@cache
def find_device() -> str:
    """``cuda``, ``mps`` or ``cpu``: what models take when nobody chooses (``KOKORO_DEVICE`` …)."""
    if _torch_computes_on_cuda() and _cards():
        return "cuda"
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return "mps" if apple else "cpu"


def get_device_info() -> dict[str, Any]:
    """The device, and what it is: ``device``, ``name``, ``gpus`` (``name``, ``memory_bytes``),
    ``cpu_count``, ``platform``, ``machine``, ``python``, and ``torch``'s version or ``None``."""
    device, cards = find_device(), _cards()
    return {
        "device": device,
        "name": cards[0]["name"] if device == "cuda" else platform.processor() or "CPU",
        "gpus": cards,
        "cpu_count": os.cpu_count(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "torch": _torch(),
    }


def _torch() -> str | None:
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


def _torch_computes_on_cuda() -> bool:
    """Wheels without CUDA say so in their version; Whisper needs no torch at all."""
    return not (_torch() or "").endswith("+cpu")


@cache
def _cards() -> list[dict[str, Any]]:
    """NVIDIA's, in a process of its own: a program that has looked cannot fork any more."""
    command = [sys.executable, "-I", "-S", _PROGRAM]
    try:
        asked = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
        found: list[dict[str, Any]] = json.loads(asked.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        # A driver that hangs or crashes is as good as none.
        return []
    return found
