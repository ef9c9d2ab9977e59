"""The size of what other programs download."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from gala.cli.weights.download_progress import size_of


def test_the_size_of_a_folder_is_known_while_others_create_and_delete_in_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "weights").write_bytes(b"1234567")
    ended = threading.Event()

    def change() -> None:
        while not ended.is_set():
            (tmp_path / "unpacked" / "part").mkdir(parents=True)
            shutil.rmtree(tmp_path / "unpacked")

    others = threading.Thread(target=change)
    others.start()
    try:
        assert {size_of(tmp_path) for _ in range(3000)} == {7}
    finally:
        ended.set()
        others.join()
