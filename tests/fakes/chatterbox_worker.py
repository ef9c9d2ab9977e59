"""The renderer's model worker for Chatterbox, with the fake model installed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gala_renderer.model_workers.child import Handler
from gala_renderer.speech.chatterbox import child


def serve(options: Mapping[str, Any]) -> Handler:
    """The real model worker, with the fake package on the path."""
    sys.path.insert(0, str(Path(__file__).with_name("chatterbox_model")))
    return child.serve(options)
