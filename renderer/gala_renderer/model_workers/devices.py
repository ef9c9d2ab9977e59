"""The device that models run on, found without loading a model or torch."""

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
_TIMEOUT_SECONDS: Final = 20.0


@cache
def find_device() -> str:
    """Return ``cuda``, ``mps`` or ``cpu``: the default of ``KOKORO_DEVICE`` and the like."""
    if _torch_supports_cuda() and _nvidia_cards():
        return "cuda"
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return "mps" if apple else "cpu"


def get_device_info() -> dict[str, Any]:
    """Return details of the device: ``device``, ``name``, ``gpus`` (``name``, ``memory_bytes``),
    ``cpu_count``, ``platform``, ``machine``, ``python``, and the version of ``torch`` or
    ``None``."""
    device, cards = find_device(), _nvidia_cards()
    return {
        "device": device,
        "name": cards[0]["name"] if device == "cuda" else platform.processor() or "CPU",
        "gpus": cards,
        "cpu_count": os.cpu_count(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "torch": _torch_version(),
    }


def _torch_version() -> str | None:
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


def _torch_supports_cuda() -> bool:
    """Return False if torch was built without CUDA, which its version says.

    Return True if torch is not installed: Whisper does not need it.
    """
    return not (_torch_version() or "").endswith("+cpu")


@cache
def _nvidia_cards() -> list[dict[str, Any]]:
    """Return NVIDIA's cards, found in a child process: a process that uses CUDA cannot fork."""
    command = [sys.executable, "-I", "-S", _PROGRAM]
    try:
        result = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_SECONDS, check=True)
        cards: list[dict[str, Any]] = json.loads(result.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        # A driver that hangs or crashes cannot be used.
        return []
    return cards
