"""The renderer's warm process for Chatterbox, where the stand-in is as good as installed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gala_renderer.model_workers.child import Handler
from gala_renderer.speech.chatterbox import child


def serve(options: Mapping[str, Any]) -> Handler:
    """The real one, with the stand-in's package on the path."""
    sys.path.insert(0, str(Path(__file__).with_name("chatterbox_model")))
    return child.serve(options)
