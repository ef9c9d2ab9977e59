"""Films are planned, and made of pictures and texts, without the optional libraries."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
sys.modules.update(cv2=None, resvg_py=None, thorvg_python=None)
import gala_renderer.types.timeline
"""


def test_the_planner_of_films_is_imported_without_opencv_resvg_and_thorvg() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True, timeout=60)
