"""Draws the frames of a page with Chromium, in the sandbox, in virtual time.

Run as a separate program, with a :class:`PageJob`:
``python -m gala_renderer.timeline.drawing.html_program <job.json>``.
It writes a PNG for each frame that differs from the one before it, and prints a
:class:`PageAnswer`. Chromium is driven over pipes (Chrome DevTools Protocol): the clock of the page
stands still but for the steps from frame to frame, and each frame is drawn when it is asked for.
"""

from __future__ import annotations

import base64
import io
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from PIL import Image
from pydantic import BaseModel, ConfigDict

from gala_renderer.program_jobs import read_job

_FLAGS: Final = (
    # GALA's sandbox confines all of Chromium, which cannot set up one of its own in it.
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--enable-begin-frame-control",
    "--run-all-compositor-stages-before-draw",
    "--disable-new-content-rendering-timeout",
    "--disable-threaded-animation",
    "--disable-threaded-scrolling",
    "--disable-checker-imaging",
    "--disable-image-animation-resync",
    "--js-flags=--random-seed=1,--max-old-space-size=512",
    "--remote-debugging-pipe",
)
# Chromium reads commands from file descriptor 3 and writes to 4.
_WIRING: Final = """
import os, sys
for number, wanted in zip(sys.argv[1:3], (3, 4)):
    os.dup2(int(number), wanted)
    os.set_inheritable(wanted, True)
os.execv(sys.argv[3], sys.argv[3:])
"""
_CHUNK: Final = 1 << 16
_DAY: Final = 1_767_225_600
"""Seconds of the page's clock at its start: 1 January 2026."""
_GRID: Final = 10
"""Steps of a millisecond to which Chromium rounds times; others it rounds by chance."""
_WARM_UP_FRAMES, _WARM_UP_SECONDS = 500, 0.01
_LEAST_SCALE: Final = 0.5
"""Pixels for each CSS pixel that Chromium draws at least."""
_SMALLER: Final = 1e-5
"""So that rounding does not add a pixel."""
_CRASHED: Final = "Inspector.targetCrashed"
_DIALOG: Final = "Page.javascriptDialogOpening"
_EXPIRED: Final = "Emulation.virtualTimeBudgetExpired"


@dataclass(frozen=True, kw_only=True)
class PageJob:
    """A page, and the frames of it that are wanted, counted from its start."""

    chromium: Path
    page: Path
    """A file with the HTML."""
    page_width: int
    """CSS pixels."""
    width: int
    height: int
    """Pixels of the frames."""
    rate: str
    """Frames per second, as a fraction."""
    first: int
    count: int
    folder: Path


class PageAnswer(BaseModel):
    """What was drawn: names of PNGs, each with the frames that it is shown; or what is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pictures: tuple[tuple[str, int], ...] = ()
    wrong: str | None = None


class PageError(Exception):
    """The page cannot be drawn; the message says why."""


class Browser:
    """A page of Chromium."""

    def __init__(self, chromium: Path, profile: Path, scale: float):
        its_end, self._commands = os.pipe()
        self._answers, its_answers = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-c", _WIRING, str(its_end), str(its_answers)),
                *(str(chromium), *_FLAGS, f"--user-data-dir={profile}"),
                f"--force-device-scale-factor={scale:.7f}",
            ],
            pass_fds=(its_end, its_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_end)
        os.close(its_answers)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self._events: list[str] = []

    def open(self, job: PageJob) -> float:
        """Open the page with its clock at its start. Return that in ticks, in milliseconds."""
        _, height = layout(job.page_width, job.width, job.height)
        size = {"width": job.page_width, "height": height}
        created = self.ask(
            "Target.createTarget", url="about:blank", enableBeginFrameControl=True, **size
        )
        attached = self.ask("Target.attachToTarget", targetId=created["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.ask("Page.enable")
        clear = {"r": 0, "g": 0, "b": 0, "a": 0}
        self.ask("Emulation.setDefaultBackgroundColorOverride", color=clear)
        paused = self.ask("Emulation.setVirtualTimePolicy", policy="pause", initialVirtualTime=_DAY)
        ticks = float(paused["virtualTimeTicksBase"])
        start = float(int(ticks) + 1)
        self.advance(start - ticks)
        frame = self.ask("Page.navigate", url="data:text/html,")["frameId"]
        self.wait("Page.frameNavigated")
        self._warm_up(frame, start)
        self.ask("Page.setDocumentContent", frameId=frame, html=job.page.read_text("utf-8"))
        return start

    def _warm_up(self, frame: str, start: float) -> None:
        """Draw frames of another page until Chromium does: it skips some at first."""
        for number in range(_WARM_UP_FRAMES):
            page = f"<body style='background: #{number % 2 * 255:06x}'>"
            self.ask("Page.setDocumentContent", frameId=frame, html=page)
            if self.frame(start - _WARM_UP_FRAMES + number) is not None:
                return
            time.sleep(_WARM_UP_SECONDS)
        raise PageError("Chromium draws no frame of it")

    def advance(self, milliseconds: float) -> None:
        """Let the time of the page go on."""
        self.ask("Emulation.setVirtualTimePolicy", policy="advance", budget=milliseconds)
        self.wait(_EXPIRED)

    def frame(self, ticks: float) -> bytes | None:
        """Draw a frame; return it as PNG if it differs from the one before."""
        shot = {"format": "png", "optimizeForSpeed": True}
        drawn = self.ask("HeadlessExperimental.beginFrame", frameTimeTicks=ticks, screenshot=shot)
        data = drawn.get("screenshotData")
        return base64.b64decode(data) if data else None

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command; return its result."""
        number = self._send(method, params)
        while True:
            message = self._read()
            if message.get("id") == number:
                if "error" in message:
                    reason = message["error"].get("message")
                    raise PageError(f"Chromium refuses {method}: {reason}")
                result: dict[str, Any] = message["result"]
                return result

    def wait(self, event: str) -> None:
        """Wait for an event that has not been waited for."""
        while event not in self._events:
            self._read()
        self._events.remove(event)

    def close(self) -> None:
        """End Chromium."""
        self._process.kill()
        self._process.wait()

    def _send(self, method: str, params: dict[str, Any]) -> int:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        data = memoryview(json.dumps(message).encode() + b"\0")
        while data:
            data = data[os.write(self._commands, data) :]
        return self._number

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._answers, _CHUNK)
            if not chunk:
                raise PageError("Chromium ended")
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._note(message.get("method"))
        return message

    def _note(self, event: str | None) -> None:
        if event == _CRASHED:
            raise PageError("it crashes, or needs too much memory")
        if event == _DIALOG:
            # It would wait for an answer.
            self._send("Page.handleJavaScriptDialog", {"accept": False})
        elif event in {_EXPIRED, "Page.frameNavigated"}:
            self._events.append(event)


def times(rate: Fraction, first: int, count: int) -> Iterator[tuple[int, float]]:
    """Yield the number and the time in milliseconds of each frame up to the last one wanted."""
    for number in range(first + count):
        yield number, round(number * 1000 / rate * _GRID) / _GRID


def draw(job: PageJob) -> PageAnswer:
    """Draw the frames of a job."""
    scale, _ = layout(job.page_width, job.width, job.height)
    browser = Browser(job.chromium, job.folder / "profile", scale)
    pictures: list[tuple[str, int]] = []
    last: bytes | None = None
    try:
        start, before = browser.open(job), 0.0
        for number, at in times(Fraction(job.rate), job.first, job.count):
            if number:
                browser.advance(at - before)
            before = at
            png = browser.frame(start + at)
            last = png or last
            if number < job.first:
                continue
            if last is None:
                raise PageError("Chromium draws no frame of it")
            if png is None and pictures:
                pictures[-1] = (pictures[-1][0], pictures[-1][1] + 1)
                continue
            name = f"frame-{number}.png"
            _save(last, (job.width, job.height), job.folder / name)
            pictures.append((name, 1))
    finally:
        browser.close()
    return PageAnswer(pictures=tuple(pictures))


def _save(png: bytes, size: tuple[int, int], path: Path) -> None:
    with Image.open(io.BytesIO(png)) as shown:
        if shown.size == size:
            path.write_bytes(png)
            return
        whole = shown.convert("RGBA")
    if abs(whole.width - size[0]) > 1:
        whole = whole.convert("RGBa").resize(size, Image.Resampling.BOX).convert("RGBA")
    whole.crop((0, 0, *size)).save(path, compress_level=1)


def layout(page_width: int, width: int, height: int) -> tuple[float, int]:
    """Return the pixels for each CSS pixel, and the height of the page in CSS pixels.

    Chromium draws the next whole number of pixels; if possible, that is the size of the frames.
    """
    page_height = max(1, math.ceil(height * page_width / width))
    scale = min(width / page_width, height / page_height) - _SMALLER
    if scale * page_width <= width - 1:
        scale = width / page_width - _SMALLER
    return max(_LEAST_SCALE, scale), page_height


def main(arguments: Sequence[str]) -> None:
    """Draw the page of a job file."""
    job = read_job(PageJob, Path(arguments[0]).read_bytes())
    try:
        answer = draw(job)
    except PageError as error:
        answer = PageAnswer(wrong=str(error))
    sys.stdout.write(answer.model_dump_json() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
