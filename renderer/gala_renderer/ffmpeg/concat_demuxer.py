"""Concatenation of GALA's own files without decoding, with FFmpeg's concat demuxer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg


def chained(playlist: Path, names: Sequence[str]) -> Any:
    """Return the files of these names as one input; writes ``playlist``, which lies beside them.

    They must have the same codec and codec parameters.
    """
    lines = "".join(f"file {name}\n" for name in names)
    playlist.write_text(f"ffconcat version 1.0\n{lines}")
    return ffmpeg.input(str(playlist), f="concat", safe=1, protocol_whitelist="file")
