"""Scenes of films are kept: what was not changed is not rendered again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.films import frames_of, is_near, made, shape, sound_of

SOUND_KEPT = "sound of the film: as rendered before"


def film(*prices: str, moves: bool = False) -> dict[str, Any]:
    """Return a film of scenes of 0.6 s; a shape may move over all of them."""
    moving = shape("#00ff00", width="10%", height="10%", keyframes=[
        {"time": 0, "x": "10%", "y": "20%", "easing": "linear"},
        {"time": "100%", "x": "90%", "y": "20%"},
    ])  # fmt: skip
    return {
        "scenes": [
            {"elements": [{"type": "text", "text": price, "font_size": "30%"}], "duration": 0.6,
             "background": color}
            for price, color in zip(prices, ("#800000", "#000080", "#800080"), strict=False)
        ],
        "tracks": [{"clips": [moving]}] if moves else [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path_factory.mktemp("kept"), renderer_cache_bytes=1 << 26)
    yield harness
    harness.close()


def test_one_changed_price_renders_one_scene_of_three(keeping: EngineHarness) -> None:
    first = made(keeping, film("5", "6", "7"))
    assert "parts of the film: 3 rendered, 0 as rendered before" in first.logs
    changed = made(keeping, film("5", "9", "7"))
    assert "parts of the film: 1 rendered, 2 as rendered before" in changed.logs
    before, after = (frames_of(one.path("video")) for one in (first, changed))
    assert before.shape == after.shape == (36, 120, 160, 3)
    same = [bool(np.array_equal(a, b)) for a, b in zip(before, after, strict=True)]
    assert same == [True] * 12 + [False] * 12 + [True] * 12


def test_a_film_of_parts_looks_like_one_that_was_rendered_at_once(
    keeping: EngineHarness, engine: EngineHarness
) -> None:
    parts = frames_of(made(keeping, film("5", "6", moves=True)).path("video"))
    whole = frames_of(made(engine, film("5", "6", moves=True)).path("video"))
    assert len(parts) == len(whole) == 24
    assert np.abs(parts.astype(int) - whole.astype(int)).mean() < 2
    seen = [is_near(parts[11][110, 5], (128, 0, 0)), is_near(parts[12][110, 5], (0, 0, 128))]
    assert seen == [True, True]


def sounding(*prices: str, volume: float = 0.5) -> dict[str, Any]:
    """Return a film with a tone from its first to its last frame."""
    heard = {"type": "audio", "src": "tone", "volume": volume, "duration": "end"}
    return {**film(*prices), "tracks": [{"clips": [heard]}]}


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    return make(path, "-f", "lavfi", "-i", "sine=f=330:r=48000:d=3")


def test_an_unchanged_sound_is_neither_mixed_nor_encoded_again(
    keeping: EngineHarness, tone: Path
) -> None:
    first = made(keeping, sounding("5", "6"), tone)
    assert SOUND_KEPT not in first.logs
    changed = made(keeping, sounding("5", "9"), tone)
    assert SOUND_KEPT in changed.logs
    before, after = (sound_of(one.path("video"))[0] for one in (first, changed))
    assert len(before) > 0
    assert np.array_equal(before, after)
    quieter = made(keeping, sounding("5", "9", volume=0.1), tone)
    assert SOUND_KEPT not in quieter.logs


def test_a_kept_sound_is_that_of_a_film_that_was_rendered_at_once(
    keeping: EngineHarness, engine: EngineHarness, tone: Path
) -> None:
    wanted = sounding("7", "8", volume=0.3)
    parts, again, whole = (made(one, wanted, tone) for one in (keeping, keeping, engine))
    heard, copied, expected = (sound_of(one.path("video"))[0] for one in (parts, again, whole))
    assert np.array_equal(heard, copied)
    assert len(heard) == len(expected)
    assert np.abs(heard - expected).max() < 1e-6
