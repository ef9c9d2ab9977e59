"""Exact repeats are answered from the cache; nothing else is."""

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
def harness(tmp_path: Path) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path, renderer_cache_bytes=1_000_000)
    yield harness
    harness.close()


def hello(harness: EngineHarness, text: str = "hi", **more: Any) -> Made:
    return harness.make("hello_render", {"text": text}, size=TINY, duration_ms=300, **more)


def cached_files(harness: EngineHarness) -> list[Path]:
    return [path for path in (harness.settings.data_root / "cache").rglob("*") if path.is_file()]


def test_an_exact_repeat_gives_the_same_bytes_without_rendering(harness: EngineHarness) -> None:
    first, second = hello(harness), hello(harness)
    assert HIT not in first.logs
    assert HIT in second.logs
    assert second.outputs == first.outputs
    assert second.path("video").read_bytes() == first.path("video").read_bytes()
    assert second.fractions[-1] == 1


def test_a_repeat_warns_as_the_first_one_did(harness: EngineHarness) -> None:
    text = "\U00012000"  # cuneiform, for which there is no font
    first, second = hello(harness, text), hello(harness, text)
    assert [line for line in second.logs if line != HIT] == first.logs != []


def test_a_similar_text_is_made_anew(harness: EngineHarness) -> None:
    hello(harness, "hi")
    assert HIT not in hello(harness, "hi ").logs


def test_the_bytes_of_an_input_count_and_not_its_name(
    harness: EngineHarness, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    copied = tmp_path / "renamed.png"
    copied.write_bytes(samples("picture").read_bytes())
    hello(harness, bg=samples("picture"))
    assert HIT in hello(harness, bg=copied).logs
    copied.write_bytes(copied.read_bytes() + b"\0")
    assert HIT not in hello(harness, bg=copied).logs


def test_what_was_drawn_with_other_fonts_is_made_anew(tmp_path: Path) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    anton = find_in_package("fontpkg_anton", "files")
    assert anton is not None
    (font,) = anton.glob("*.ttf")

    def again() -> bool:
        """Return True if a renderer that is started now answers from the cache."""
        harness = EngineHarness(tmp_path, renderer_cache_bytes=1_000_000, fonts_dir=fonts)
        try:
            return HIT in hello(harness).logs
        finally:
            harness.close()

    assert [again(), again()] == [False, True]
    (fonts / "own.ttf").write_bytes(font.read_bytes())
    assert [again(), again()] == [False, True]
    (fonts / "own.ttf").write_bytes(font.read_bytes() + b"\0")
    assert [again(), again()] == [False, True]


def test_a_kept_file_that_was_changed_is_not_handed_out(harness: EngineHarness) -> None:
    first = hello(harness)
    (video,) = [path for path in cached_files(harness) if path.suffix == ".mp4"]
    video.write_bytes(b"something else")
    again = hello(harness)
    assert HIT not in again.logs
    assert again.outputs["video"].sha256 == first.outputs["video"].sha256


def test_what_was_not_used_for_longest_goes_when_there_is_too_much(tmp_path: Path) -> None:
    first_size = 0
    harness = EngineHarness(tmp_path, renderer_cache_bytes=1_000_000)
    try:
        hello(harness, "first")
        first_size = sum(path.stat().st_size for path in cached_files(harness))
        harness.engine.cached_folders.limit_bytes = int(first_size * 2.5)
        hello(harness, "second")
        assert HIT in hello(harness, "first").logs
        hello(harness, "third")
        assert HIT in hello(harness, "first").logs
        assert HIT not in hello(harness, "second").logs
        assert (
            sum(path.stat().st_size for path in cached_files(harness))
            <= harness.engine.cached_folders.limit_bytes
        )
    finally:
        harness.close()


def test_nothing_is_kept_when_it_is_switched_off(tmp_path: Path) -> None:
    harness = EngineHarness(tmp_path, renderer_cache_bytes=0)
    try:
        hello(harness)
        assert HIT not in hello(harness).logs
        assert cached_files(harness) == []
    finally:
        harness.close()


def test_a_failed_render_leaves_nothing_in_the_cache(
    harness: EngineHarness, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert hello(harness, bg=broken).error.code == "UNPROCESSABLE_MEDIA"
    assert cached_files(harness) == []
