"""Pages in HTML: drawn by Chromium in the sandbox, at exact times, or refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.media import Format
from gala.render_types.timeline import TYPE
from gala_renderer.chromium import find_chromium
from gala_renderer.engine.frames import TimelineFrames
from gala_renderer.sandbox.levels import SandboxLevel
from gala_renderer.settings import RendererSettings
from gala_renderer.timeline.frame import FrameOrder
from tests.support.engine import EngineHarness
from tests.support.films import SIZE, Frames, frames_of, is_near, made, shape

FRAME = Format(width=SIZE[0], height=SIZE[1], fps=SIZE[2])
BELOW = (60, 150, 220)
CHROMIUM = find_chromium(RendererSettings(data_root=Path("/")))
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no headless Chromium (apt-get install chromium-headless-shell)",
)
# A square moved by CSS, one by frames of JavaScript, one by a timer; and what time the page has.
PAGE = """
<style>
 body { margin: 0 }
 div { position: absolute; width: 100px; height: 100px; left: 0 }
 #css { background: red; animation: across 2s linear both }
 #drawn { background: lime; top: 150px }
 #timed { background: blue; top: 300px; opacity: 0.5 }
 @keyframes across { from { left: 0 } to { left: 800px } }
</style>
<div id="css"></div><div id="drawn"></div><div id="timed"></div>
<script>
 const show = (time) => { drawn.style.left = `${0.4 * time}px`; requestAnimationFrame(show) };
 requestAnimationFrame(show);
 setTimeout(() => { timed.style.left = "500px" }, 475);
 fetch("http://example.org/").then(() => document.body.remove());
 alert("Nobody answers.");
</script>
"""
HTML: dict[str, Any] = {"type": "html", "html": PAGE, "duration": 1}
PARAMS: dict[str, Any] = {
    "quality": "production",
    "tracks": [{"clips": [shape("#3c96dc", duration=1)]}, {"clips": [HTML]}],
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    """An engine whose operator allows HTML."""
    engine = EngineHarness(tmp_path_factory.mktemp("html"), renderer_html=True)
    if engine.engine.ffmpeg.sandbox.confinement.level is not SandboxLevel.NAMESPACES:
        pytest.skip("this host allows no namespaces")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def film(browser: EngineHarness) -> Frames:
    return frames_of(made(browser, PARAMS).path("video"))


def middle_of(frame: Frames, row: int, color: tuple[int, int, int]) -> float:
    near = np.flatnonzero(np.abs(frame[row].astype(int) - color).max(axis=1) < 60)
    return float(near[0] + near[-1] + 1) / 2


@needs_chromium
def test_what_moves_in_a_page_is_where_it_is_at_the_time_of_the_frame(film: Frames) -> None:
    # 1000 CSS pixels are 160 pixels; in a second both squares go 400 of them.
    assert len(film) == 20
    for number, frame in enumerate(film):
        wanted = 160 * 0.4 * number / 20
        for row, color in ((8, (255, 0, 0)), (32, (0, 255, 0))):
            assert middle_of(frame, row, color) == pytest.approx(wanted + 8, abs=1.1), number


@needs_chromium
def test_timers_run_in_the_time_of_the_film(film: Frames) -> None:
    half = (30, 75, 238)
    assert is_near(film[9][56, 8], half, 16)
    assert is_near(film[9][56, 88], BELOW, 16)
    assert is_near(film[10][56, 88], half, 16)


@needs_chromium
def test_a_page_is_transparent_and_has_no_network(film: Frames) -> None:
    assert is_near(film[19][100, 150], BELOW)
    # It would have removed everything.
    assert middle_of(film[19], 8, (255, 0, 0)) > 50


@needs_chromium
def test_a_single_frame_is_that_of_the_film_and_the_same_each_time(
    film: Frames, browser: EngineHarness
) -> None:
    frames = TimelineFrames(browser.engine)
    params = TYPE.params.parse(PARAMS)
    order = FrameOrder(params=params, frame=FRAME, at=13 / 20)  # type: ignore[arg-type]
    first, again = (browser.run(frames.draw(order)) for _ in range(2))
    assert first == again
    with Image.open(io.BytesIO(first)) as picture:
        drawn = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(drawn - film[13]).mean() < 1.5


@needs_chromium
def test_a_page_that_stands_still_is_drawn_once_and_seen_in_each_frame(
    browser: EngineHarness,
) -> None:
    page = {"type": "html", "html": "<body style='background: red'>", "duration": 0.5}
    params = {"tracks": [{"clips": [page]}]}
    for frame in frames_of(made(browser, params).path("video")):
        assert is_near(frame[60, 80], (255, 0, 0))
    order = FrameOrder(params=TYPE.params.parse(params), frame=FRAME, at=0.4)  # type: ignore[arg-type]
    drawn = browser.run(TimelineFrames(browser.engine).draw(order))
    with Image.open(io.BytesIO(drawn)) as picture:
        assert is_near(picture.convert("RGB").getpixel((80, 60)), (255, 0, 0))


@needs_chromium
def test_a_page_moves_and_is_masked_as_all_elements(browser: EngineHarness) -> None:
    page = {"type": "html", "html": "<body style='background: red'>", "mask": "circle",
            "width": "25%", "height": "33.333333%", "duration": 1,
            "keyframes": [{"time": 0, "x": "25%", "easing": "linear"}, {"time": 1, "x": "75%"}],
            }  # fmt: skip
    film = frames_of(made(browser, {"tracks": [{"clips": [page]}]}).path("video"))
    for number in (0, 10, 19):
        columns = np.flatnonzero(film[number, 60, :, 0] > 128)
        middle = (columns[0] + columns[-1] + 1) / 2
        assert middle == pytest.approx(40 + 4 * number, abs=1.5)
        assert film[number, 42, round(middle) - 17, 0] < 60


@needs_chromium
def test_a_page_that_crashes_or_hangs_is_named(
    browser: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gala_renderer.timeline.elements.htmls._SECONDS_FOR_START", 4.0)
    hangs = {"type": "html", "html": "<script>while (true) {}</script>", "duration": 0.5}
    failure = made(browser, {"tracks": [{"clips": [hangs]}]}).error
    assert failure.field == "/tracks/0/clips/0"
    assert "takes more than" in failure.message


def test_html_is_off_unless_the_operator_turns_it_on(engine: EngineHarness) -> None:
    failure = made(engine, PARAMS).error
    assert "/tracks/1/clips/0: elements of type html are off" in failure.message
    assert "RENDERER_HTML=1" in str(failure.hint)


def test_without_chromium_the_remedy_is_named(tmp_path: Path) -> None:
    engine = EngineHarness(
        tmp_path / "data", renderer_html=True, renderer_chromium=tmp_path / "nothing"
    )
    failure = made(engine, PARAMS).error
    assert "headless shell" in failure.message
    assert "RENDERER_CHROMIUM" in str(failure.hint)
    engine.close()
