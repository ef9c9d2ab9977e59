"""Published weights for tests: pulled once per machine, as ``gala weights pull`` does.

They stay in ``GALA_TEST_WEIGHTS``, by default a folder in the cache of the user. The lock of a pull
makes parallel worker processes wait for the first one. Tests that use them need a time limit into
which a download fits: ``pytestmark = pytest.mark.timeout(PULL_SECONDS)``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from bench.voice_quality.dnsmos import WEIGHTS as DNSMOS
from gala.cli.weights.install import pull
from gala.cli.weights.registry import find
from gala.errors import Unavailable

PULL_SECONDS: Final = 600


PulledWeights: TypeAlias = Callable[..., Path]
"""Takes names such as ``kokoro``, ``whisper:base`` and ``dnsmos``; returns the folder for
``GALA_WEIGHTS_DIR`` that has them, or skips the test with the reason if no source does."""


@pytest.fixture(scope="session")
def real_weights() -> PulledWeights:
    """Return a function that pulls weights: ``real_weights("kokoro", "whisper:base")``."""

    def pulled(*names: str) -> Path:
        for name in names:
            if reason := _missing(name):
                pytest.skip(reason)
        return _root()

    return pulled


@cache
def _missing(name: str) -> str:
    """Pull the weights; return the reason if that is impossible, else an empty string."""
    try:
        pull(DNSMOS if name == DNSMOS.name else find(name), _root())
    except Unavailable as error:
        return str(error)
    return ""


def _root() -> Path:
    chosen = os.environ.get("GALA_TEST_WEIGHTS")
    cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(chosen) if chosen else cache_home / "gala" / "test-weights"
