"""Outputs with a presenter say in their metadata that the presenter is synthetic.

What transparent videos, picture sequences and previews say is tested where they are rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support import xmp
from tests.support.engine import EngineHarness, Made
from tests.support.media_probe import container_tags

COMMENT = "Synthetic presenter: drawn character, made with GALA. Voice: synthetic (espeak)."
PARAMS: dict[str, Any] = {
    "text": "Sí.",
    "engine": "espeak",
    "language": "es",
    "quality": "draft",
    "captions": None,
}


@pytest.fixture(scope="module")
def render(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bool], Made]]:
    """Render with or without the mark, with one cache of results for both."""
    root, harnesses = tmp_path_factory.mktemp("marked"), []

    def made(mark: bool) -> Made:
        harness = EngineHarness(root, renderer_cache_bytes=1 << 28, renderer_synthetic_mark=mark)
        harnesses.append(harness)
        return harness.make("presenter", PARAMS, size=(64, 96, 10))

    yield made
    for harness in harnesses:
        harness.close()


@pytest.fixture(scope="module")
def marked(render: Callable[[bool], Made]) -> Made:
    return render(True)


def test_an_mp4_says_so_in_xmp_and_in_its_comment(marked: Made) -> None:
    packet = xmp.box_packet(marked.path("video"))
    assert xmp.source_type(packet) == "algorithmicMedia"
    assert xmp.comment(packet) == COMMENT
    assert container_tags(marked.path("video"))["comment"] == COMMENT
    assert xmp.comment(xmp.picture_packet(marked.path("thumbnail"))) == COMMENT


def test_the_index_stays_in_front_of_the_data(marked: Made) -> None:
    kinds = [kind for kind, _ in xmp.boxes(marked.path("video"))]
    assert kinds.index("moov") < kinds.index("mdat") < kinds.index("uuid")


def test_the_operator_may_switch_it_off_and_the_cache_tells_both_apart(
    marked: Made, render: Callable[[bool], Made]
) -> None:
    plain = render(False).path("video")
    assert "uuid" in dict(xmp.boxes(marked.path("video")))
    assert "uuid" not in dict(xmp.boxes(plain))
    assert "comment" not in container_tags(plain)
