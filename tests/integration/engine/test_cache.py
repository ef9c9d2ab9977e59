"""Exact repeats are answered from what is kept; nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gala_renderer.text_layout.fonts import find_in_package
from tests.support.engine import EngineHarness, Made

HIT = "answered from the cache of results"
TINY = (64, 64, 10)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineHarness]:
    room = EngineHarness(tmp_path, renderer_cache_bytes=1_000_000)
    yield room
    room.close()


def hello(room: EngineHarness, text: str = "hi", **more: Any) -> Made:
    return room.make("hello_render", {"text": text}, size=TINY, duration_ms=300, **more)


def kept(room: EngineHarness) -> list[Path]:
    return [path for path in (room.settings.data_root / "cache").rglob("*") if path.is_file()]


def test_an_exact_repeat_gives_the_same_bytes_without_rendering(room: EngineHarness) -> None:
    first, second = hello(room), hello(room)
    assert HIT not in first.logs
    assert HIT in second.logs
    assert second.outputs == first.outputs
    assert second.path("video").read_bytes() == first.path("video").read_bytes()
    assert second.fractions[-1] == 1


def test_a_repeat_warns_as_the_first_one_did(room: EngineHarness) -> None:
    text = "\U00012000"  # cuneiform: no font here has it
    first, second = hello(room, text), hello(room, text)
    assert [line for line in second.logs if line != HIT] == first.logs != []


def test_a_similar_text_is_made_anew(room: EngineHarness) -> None:
    hello(room, "hi")
    assert HIT not in hello(room, "hi ").logs


def test_the_bytes_of_an_input_count_and_not_its_name(
    room: EngineHarness, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    copied = tmp_path / "renamed.png"
    copied.write_bytes(samples("picture").read_bytes())
    hello(room, bg=samples("picture"))
    assert HIT in hello(room, bg=copied).logs
    copied.write_bytes(copied.read_bytes() + b"\0")
    assert HIT not in hello(room, bg=copied).logs


def test_what_was_drawn_with_other_fonts_is_made_anew(tmp_path: Path) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    anton = find_in_package("fontpkg_anton", "files")
    assert anton is not None
    (font,) = anton.glob("*.ttf")

    def again() -> bool:
        """Whether a renderer that is started now answers from the cache."""
        room = EngineHarness(tmp_path, renderer_cache_bytes=1_000_000, fonts_dir=fonts)
        try:
            return HIT in hello(room).logs
        finally:
            room.close()

    assert [again(), again()] == [False, True]
    (fonts / "own.ttf").write_bytes(font.read_bytes())
    assert [again(), again()] == [False, True]
    (fonts / "own.ttf").write_bytes(font.read_bytes() + b"\0")
    assert [again(), again()] == [False, True]


def test_a_kept_file_that_was_changed_is_not_handed_out(room: EngineHarness) -> None:
    first = hello(room)
    (video,) = [path for path in kept(room) if path.suffix == ".mp4"]
    video.write_bytes(b"something else")
    again = hello(room)
    assert HIT not in again.logs
    assert again.outputs["video"].sha256 == first.outputs["video"].sha256


def test_what_was_not_used_for_longest_goes_when_there_is_too_much(tmp_path: Path) -> None:
    first_size = 0
    room = EngineHarness(tmp_path, renderer_cache_bytes=1_000_000)
    try:
        hello(room, "first")
        first_size = sum(path.stat().st_size for path in kept(room))
        room.engine.cache.limit_bytes = int(first_size * 2.5)
        hello(room, "second")
        assert HIT in hello(room, "first").logs
        hello(room, "third")
        assert HIT in hello(room, "first").logs
        assert HIT not in hello(room, "second").logs
        assert sum(path.stat().st_size for path in kept(room)) <= room.engine.cache.limit_bytes
    finally:
        room.close()


def test_nothing_is_kept_when_it_is_switched_off(tmp_path: Path) -> None:
    room = EngineHarness(tmp_path, renderer_cache_bytes=0)
    try:
        hello(room)
        assert HIT not in hello(room).logs
        assert kept(room) == []
    finally:
        room.close()


def test_a_failed_render_leaves_nothing_in_the_cache(room: EngineHarness, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert hello(room, bg=broken).error.code == "UNPROCESSABLE_MEDIA"
    assert kept(room) == []
