"""A distribution that adds render types, as other people's would: by entry points alone."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
"""Put this on ``PYTHONPATH`` to have ``test_noop`` and ``test_film``."""
