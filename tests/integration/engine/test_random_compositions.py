"""Random compositions: each is a film as its plan says, or is refused with a place.

To search for more: ``GALA_COMPOSITIONS=5000-5400 pytest <this file>``.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.errors import InvalidRequest
from gala.media import Format
from gala.render_types.timeline import TYPE
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.sources import sources_of
from gala_renderer.engine.frames import TimelineFrames
from gala_renderer.timeline.frame import FrameOrder
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made
from tests.support.films import frames_of
from tests.support.frame_files import File
from tests.support.random_compositions import composition

SIZES = ((96, 72, 20), (72, 128, 30), (128, 128, 10))
FIRST, _, LAST = os.environ.get("GALA_COMPOSITIONS", "5-14").partition("-")
BLOCK = 8
MOST = 40.0
"""How far blocks of a film and of its single frame may differ, of 255: edges that move."""
WRONG = ("the film lasts", "the film has", "the film is", "the sound ends", "the finished film")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("media")
    tone = ("-f", "lavfi", "-i", "sine=440:d=1.5")
    h264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
    pattern = ("-f", "lavfi", "-i", "testsrc2=s=96x72:r=10:d=1.5")
    return {
        "video": make(folder / "video.mp4", *pattern, *tone, *h264, "-c:a", "aac"),
        "silent": make(folder / "silent.mp4", *pattern, *h264),
        "picture": make(folder / "picture.png", *pattern, "-frames:v", "1"),
        "sound": make(folder / "sound.wav", *tone),
    }


@pytest.mark.parametrize("seed", range(int(FIRST), int(LAST or FIRST) + 1))
def test_a_random_composition_is_the_film_that_its_plan_describes(
    engine: EngineHarness, media: dict[str, Path], seed: int
) -> None:
    wanted, size = composition(seed), SIZES[seed % len(SIZES)]
    made = _rendered(engine, wanted, size, media)
    if isinstance(made, str):
        assert made.startswith("/")
        return
    assert not [line for line in made.logs if line.startswith(WRONG) and "black" not in line]
    film = frames_of(made.path("video"))
    at = seed % len(film)
    assert _difference(_frame(engine, wanted, at, size, media), film[at]) <= MOST


def _rendered(
    engine: EngineHarness,
    wanted: dict[str, Any],
    size: tuple[int, int, int],
    media: dict[str, Path],
) -> Made | str:
    """Return the film, or why it is refused."""
    try:
        files = [media[one] for one in sources_of(_params(wanted))]
        made = engine.make("timeline", wanted, size=size, media=files)
    except InvalidRequest as error:
        return error.message
    refused = made.events[-1].event == "error" and made.error.code == InvalidRequest.code
    return made.error.message if refused else made


def _params(wanted: dict[str, Any]) -> TimelineParams:
    params = TYPE.params.parse(wanted)
    assert isinstance(params, TimelineParams)
    return params


def _frame(
    engine: EngineHarness,
    wanted: dict[str, Any],
    at: int,
    size: tuple[int, int, int],
    media: dict[str, Path],
) -> np.ndarray:
    params, (width, height, rate) = _params(wanted), size
    files = {one: File(media[one]) for one in sources_of(params)}
    frame = Format(width=width, height=height, fps=rate)
    order = FrameOrder(params=params, frame=frame, at=at / rate, files=files)
    with Image.open(io.BytesIO(engine.run(TimelineFrames(engine.engine).draw(order)))) as picture:
        return np.asarray(picture.convert("RGB"))


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of the means of blocks."""
    apart = np.abs(one.astype(float) - other).mean(axis=2)
    height, width = (side // BLOCK for side in apart.shape)
    whole = apart[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)
    return float(whole.mean(axis=(1, 3)).max())
