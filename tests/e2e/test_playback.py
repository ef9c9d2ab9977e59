"""Players on the content URL: FFmpeg, and a video element in a real browser, play and seek."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from gala.media import AssetKind
from tests.fakes.media_files import make
from tests.fakes.raw_http import eventually
from tests.fakes.servers import granian, running
from tests.platform.stack import Stack
from tests.support import http

SECONDS = 20
PAGE = """<!doctype html><video muted playsinline src="{source}"></video>
<script>
const video = document.querySelector("video");
const state = {{source: "{source}", events: []}};
const send = (outcome) => fetch("/reports", {{method: "POST", body: JSON.stringify(
  {{...state, outcome, at: video.currentTime, error: video.error && video.error.message}})}});
video.onerror = () => send("error");
video.onloadedmetadata = () => {{ state.duration = video.duration; video.play(); }};
video.ontimeupdate = () => {{
  if (!state.played && video.currentTime > 0.2) {{
    state.played = video.currentTime;
    video.currentTime = {seek};
  }} else if (state.seeked && video.currentTime > {seek} + 0.2) {{
    video.ontimeupdate = null;
    send("played");
  }}
}};
video.onseeked = () => {{ state.seeked = video.currentTime; }};
</script>"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film with its index at the end, so that players need ranges."""
    return make(
        tmp_path_factory.mktemp("film") / "film.mp4",
        *("-f", "lavfi", "-i", f"testsrc2=s=640x360:r=25:d={SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=d={SECONDS}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p"),
        *("-b:v", "2M", "-c:a", "aac"),
    )


@pytest.fixture(scope="module")
def url(film: Path) -> Iterator[str]:
    with granian("tests.fakes.content_app:create_app", ready="/stats") as url:
        answer = http.post(
            f"{url}/uploads?to=localfs&to=memory", files={"file": ("film.mp4", film.read_bytes())}
        )
        assert answer.json()["mime"] == "video/mp4"
        yield url


def frames_from(source: str, second: float) -> str:
    """Return the checksums of three decoded frames from that second."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-ss", str(second)]
    command += ["-i", source, "-map", "0:v", "-frames:v", "3", "-f", "framemd5", "-"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "provider", ["localfs", pytest.param("memory", marks=pytest.mark.exhaustive)]
)
@pytest.mark.parametrize("second", [0, 9.5, SECONDS - 0.5])
def test_ffmpeg_seeks_the_content_url_and_sees_the_same_pictures(
    url: str, film: Path, provider: str, second: float
) -> None:
    streamed = frames_from(f"{url}/content/{provider}/film.mp4", second)
    assert streamed == frames_from(str(film), second)
    assert streamed.count("\n0,") == 3


def test_ffmpeg_seeks_an_asset_of_the_real_api(shared_stack: Stack, film: Path) -> None:
    asset = shared_stack.client.upload(film, kind=AssetKind.SOURCE_VIDEO).id
    streamed = frames_from(f"{shared_stack.base_url}/assets/{asset}/content", 9.5)
    assert streamed == frames_from(str(film), 9.5)


def chromium() -> str:
    """The path of the browser; the test is skipped without one."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
    if found is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    return found


@pytest.mark.parametrize("provider", ["localfs", "memory"])
def test_a_video_element_plays_and_seeks_the_content_url(
    url: str, provider: str, tmp_path: Path
) -> None:
    browser = chromium()
    source, seek = f"/content/{provider}/film.mp4", SECONDS - 3
    http.put(f"{url}/pages/{provider}", content=PAGE.format(source=source, seek=seek))
    command = [
        browser,
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"),
        *("--remote-debugging-port=0", f"--user-data-dir={tmp_path}"),
        f"{url}/pages/{provider}",
    ]

    def reports() -> list[dict[str, Any]]:
        reports: list[dict[str, Any]] = http.get(f"{url}/reports").json()
        return [report for report in reports if report["source"] == source]

    with running(command):
        eventually(lambda: bool(reports()), seconds=40)
    (report,) = reports()
    assert report["outcome"] == "played", report
    assert report["duration"] == pytest.approx(SECONDS, abs=0.2)
    assert report["seeked"] == pytest.approx(seek, abs=0.2)
    assert seek < report["at"] < SECONDS
