"""Files of ours as one stream, one after the other, without decoding them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg


def chained(playlist: Path, names: Sequence[str]) -> Any:
    """The files of these plain names beside ``playlist`` (which is written), as one input.

    They must be of one codec, set up alike.
    """
    lines = "".join(f"file {name}\n" for name in names)
    playlist.write_text(f"ffconcat version 1.0\n{lines}")
    return ffmpeg.input(str(playlist), f="concat", safe=1, protocol_whitelist="file")
