"""Spliced files play in a real browser: every frame is shown, and it is the right one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.browser import CHROMIUM, chromium
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.media_probe import frames

WIDTH, HEIGHT, FPS = 64, 36, 30
SEEN_EVERY = 3
"""Every third frame is sought; seeking takes the browser as long as playing."""

# The whole file is fetched first, so that the server need not support ranges.
SCRIPT = """(async () => {
  const video = document.createElement("video");
  video.muted = true;
  const file = await (await fetch("film.mp4")).blob();
  const happened = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, {once: true});
    video.addEventListener("error", () => reject(video.error.message), {once: true});
  });
  video.src = URL.createObjectURL(file);
  await happened("loadeddata");
  const canvas = new OffscreenCanvas(%(width)d, %(height)d);
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  const seen = [];
  for (const time of %(times)s) {
    video.currentTime = time;
    await happened("seeked");
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    seen.push(Array.from({length: pixels.length / 4}, (_, at) => pixels[4 * at + 1]));
  }
  video.currentTime = 0;
  await happened("seeked");
  video.playbackRate = 4;
  const over = happened("ended");
  video.play();
  await over;
  return JSON.stringify({seen, duration: video.duration, ended: video.currentTime});
})()"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without logging."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Yield a folder and its URL."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>film</title>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")
@pytest.mark.parametrize("options", [("-bf", "3"), ("-profile:v", "baseline")])
def test_a_browser_shows_the_frames_of_a_cut(
    engine: EngineHarness, tmp_path: Path, served: tuple[Path, str], options: tuple[str, ...]
) -> None:
    # Every frame has a different grey.
    pictures = f"color=c=black:s=128x72:r={FPS}:d=4,geq=lum='16+mod(N*29,200)':cb=128:cr=128"
    film = make(
        tmp_path / "film.mp4",
        *("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", "sine=d=4:r=48000"),
        *("-c:v", "libx264", "-g", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", *options),
    )
    ranges = [{"start": 7 / FPS, "end": 52 / FPS}, {"start": 71 / FPS, "end": 113 / FPS}]
    numbers = [*range(7, 52), *range(71, 113)]
    made = engine.make("cut", {"ranges": ranges}, media=film)
    assert not any("encoded whole" in line for line in made.logs)
    folder, url = served
    (folder / "film.mp4").write_bytes(made.path("video").read_bytes())

    times = [(at + 0.5) / FPS for at in range(0, len(numbers), SEEN_EVERY)]
    script = SCRIPT % {"width": WIDTH, "height": HEIGHT, "times": json.dumps(times)}
    whole = frames(film, WIDTH, HEIGHT).mean(axis=(1, 2))
    expected = np.array(numbers[::SEEN_EVERY])
    with chromium(tmp_path / "profile") as browser:
        # On a busy machine Chromium may report a seek before it has painted the frame.
        for _ in range(3):
            browser.open(url)
            result = json.loads(browser.evaluate(script))
            shown = np.array(result["seen"], dtype=np.float32).mean(axis=1)
            if np.abs(shown - whole[expected]).max() < 8:
                break

    assert result["duration"] == pytest.approx(len(numbers) / FPS, abs=0.03)
    assert result["ended"] == pytest.approx(result["duration"], abs=0.05)
    assert np.abs(shown - whole[expected]).max() < 8, list(zip(expected, shown, strict=True))
