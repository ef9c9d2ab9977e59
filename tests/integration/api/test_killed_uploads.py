"""What a killed API process was receiving is removed by others, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from gala.uploads import create_upload
from gala_api.upload_cleanup import removing_abandoned_uploads
from tests.fakes.raw_http import connected, file_part, post_form
from tests.platform.stack import Stack
from tests.support.wait import wait_until


def test_the_start_of_an_api_removes_uploads_of_killed_ones_but_not_of_others(
    make_stack: Callable[..., Stack],
) -> None:
    first, second = make_stack(), make_stack()
    folder = first.services.data_root / "uploads"
    first.start("api")
    with connected(first.base_url) as connection:
        connection.sendall(post_form("/assets", "Content-Length: 9999999") + file_part("a") + b"x")
        connection.sendall(bytes(2_000_000))
        wait_until(lambda: list(folder.iterdir()), 10, what="the upload begins")
        second.start("api")
        assert len(list(folder.iterdir())) == 1
        first.kill_tree("api")
    second.restart("api")
    assert list(folder.iterdir()) == []


def test_an_api_removes_them_while_it_runs(tmp_path: Path) -> None:
    async def run() -> None:
        async with removing_abandoned_uploads(tmp_path / "uploads", interval_seconds=0.05):
            _, own = create_upload(tmp_path / "uploads")
            (tmp_path / "uploads" / "upload-left").touch()
            left = (tmp_path / "uploads" / "upload-left").exists
            await asyncio.to_thread(wait_until, lambda: not left(), 10, what="it is removed")
            assert own.exists()

    asyncio.run(run())
