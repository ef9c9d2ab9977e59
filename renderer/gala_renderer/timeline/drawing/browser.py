"""A page of Chromium in virtual time, driven over pipes (Chrome DevTools Protocol).

The clock of the page is paused: it advances only by requested steps, and each frame is drawn on
request.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

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
_WARM_UP_FRAMES, _WARM_UP_SECONDS = 500, 0.01
_CRASHED: Final = "Inspector.targetCrashed"
_DIALOG: Final = "Page.javascriptDialogOpening"
_EXPIRED: Final = "Emulation.virtualTimeBudgetExpired"


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

    def open(self, html: str, width: int, height: int) -> float:
        """Open a page of some CSS pixels, with its clock at its start.

        Return the start in Chromium's ticks, in milliseconds.
        """
        size = {"width": width, "height": height}
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
        self.ask("Page.setDocumentContent", frameId=frame, html=html)
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
