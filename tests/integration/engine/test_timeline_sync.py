"""Sound and pictures of films of many scenes stay together, and nothing clicks where they join."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import sync_film
from tests.support.engine import EngineHarness

SCENES, SECONDS = 8, 2.5


@pytest.fixture(scope="module", params=[0, 1 << 26], ids=["in one pass", "scene by scene"])
def sync(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sync_film.Sync]:
    folder = tmp_path_factory.mktemp("sync")
    harness = EngineHarness(folder / "engine", renderer_cache_bytes=request.param)
    media = sync_film.files(folder, scenes=SCENES, seconds=SECONDS)
    film = sync_film.composition(scenes=SCENES, seconds=SECONDS)
    path = harness.make("timeline", film, size=sync_film.SIZE, media=media).path("video")
    yield sync_film.measured(path, scenes=SCENES, seconds=SECONDS)
    harness.close()


def test_what_is_heard_with_a_picture_stays_with_it(sync: sync_film.Sync) -> None:
    assert max(abs(one) for one in sync.late) < 0.02
    assert sync.drift < 0.005


def test_a_tone_over_all_scenes_does_not_click_where_they_join(sync: sync_film.Sync) -> None:
    assert sync.roughness < 1.1
