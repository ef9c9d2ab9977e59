"""Input files that a user names."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from gala.cli.rendering.input_files import read_text


def test_a_text_may_come_through_a_pipe_of_its_own(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("Hello.",))
    writer.start()
    try:
        assert read_text(None, pipe, text_label="TEXT") == "Hello."
    finally:
        writer.join()
