"""The log of all processes of a GALA on this machine: lines for people, or JSON."""

from __future__ import annotations

import json
import re
import sys
import threading
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from rich.text import Text

from gala.cli.console import out, print_status
from gala.errors import GalaError
from gala.log import LogFormat

_OWN_NAME: Final = "gala"
_COLOURS: Final = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green")
_NAME_WIDTH: Final = 20
_LEVELS: Final = {
    **dict.fromkeys(("PANIC", "FATAL", "CRITICAL"), "critical"),
    "ERROR": "error",
    **dict.fromkeys(("WARNING", "#"), "warning"),
}
_LEVEL: Final = re.compile(
    r"(?:\[?(?P<word>PANIC|FATAL|CRITICAL|ERROR|WARNING)\b|\d+:\w \d.*?\d (?P<valkey>#) )"
)
"""The level of a line of Postgres or of Python, and Valkey's mark of a warning."""


class StackLog(Protocol):
    """Prints the lines of all processes."""

    def __call__(self, process: str, line: str) -> None:
        """Print one line of a process."""

    def event(self, message: str, **fields: str) -> None:
        """Print a message of `gala up` itself."""

    def failure(self, error: GalaError) -> bool:
        """Print the error that ends `gala up`; return False if that is left to the caller."""


def stack_log(log_format: LogFormat) -> StackLog:
    """Return the log in this format."""
    return JsonStackLog() if log_format is LogFormat.JSON else ConsoleStackLog()


class ConsoleStackLog:
    """Prints lines for people, each prefixed with the process's name in its own color."""

    def __init__(self) -> None:
        self._colours: dict[str, str] = {}

    def __call__(self, process: str, line: str) -> None:
        colour = self._colours.setdefault(process, _COLOURS[len(self._colours) % len(_COLOURS)])
        prefix = Text(f"{process:<{_NAME_WIDTH}} │ ", style=colour)
        out().print(prefix + Text.from_ansi(line), soft_wrap=True)

    def event(self, message: str, **fields: str) -> None:
        if not fields:
            print_status(message)
            return
        first, *others = fields.items()
        out().print(f"[bold green]{message}[/]  {first[0]} {first[1]}", soft_wrap=True)
        line = "   ".join(f"{name} {value}" for name, value in others)
        out().print(f"{' ' * len(message)}  {line}", soft_wrap=True, markup=False)

    def failure(self, error: GalaError) -> bool:  # noqa: ARG002
        return False


class JsonStackLog:
    """Prints one JSON object for each line.

    Lines that are JSON objects already only get the name of their process: a service may have
    several.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, process: str, line: str) -> None:
        fields = _parsed(line)
        if fields is None:
            fields = _record(process, _level(line), line)
        self._write({**fields, "process": process})

    def event(self, message: str, **fields: str) -> None:
        self._write({**_record(_OWN_NAME, "info", message), **fields})

    def failure(self, error: GalaError) -> bool:
        more = {"code": str(error.code), **({"hint": error.hint} if error.hint else {})}
        self._write({**_record(_OWN_NAME, "critical", error.message), **more})
        return True

    def _write(self, fields: dict[str, Any]) -> None:
        line = json.dumps(fields, ensure_ascii=False) + "\n"
        # Each process has a thread that reads its output.
        with self._lock:
            sys.stdout.write(line)
            sys.stdout.flush()


def _record(service: str, level: str, message: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {"ts": now, "level": level, "service": service, "logger": service, "msg": message}


def _parsed(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _level(line: str) -> str:
    found = _LEVEL.match(line)
    return _LEVELS[found["word"] or found["valkey"]] if found else "info"
