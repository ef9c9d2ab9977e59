"""Output of the command line: results, status lines, errors, tables and logs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final

import typer
from pydantic import BaseModel
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

from gala.errors import ErrorCode, GalaError

Server = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="The server. Default: GALA_URL, else the GALA that runs from GALA_HOME, else"
        " http://localhost:8080.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@cache
def out() -> Console:
    """Return the console for results: standard output."""
    return Console(highlight=False)


@cache
def err() -> Console:
    """Return the console for everything else: standard error."""
    return Console(stderr=True, highlight=False)


def print_status(message: str) -> None:
    """Print a line of status information to standard error."""
    err().print(_escaped(message), soft_wrap=True)


def visible(text: str) -> str:
    """Return the text with control characters escaped; names and servers may send any."""
    return _CONTROL_CHARACTERS.sub(lambda found: repr(found[0])[1:-1], text)


def _escaped(text: str) -> str:
    return escape(visible(text))


def print_error(error: GalaError, *, as_json: bool = False) -> None:
    """Print an error with its log lines and its hint."""
    if as_json:
        fields = {"code": str(error.code), "message": error.message, "hint": error.hint}
        _print_json_error(fields | {"details": dict(error.details)})
        return
    field = error.details.get("field")
    suffix = f" ({field})" if field and str(field) not in error.message else ""
    err().print(f"[bold red]error:[/] {_escaped(error.message + suffix)}", soft_wrap=True)
    for line in error.details.get("log", ()):
        err().print(f"  {_escaped(line)}", style="dim", soft_wrap=True)
    if error.hint:
        err().print(f"[bold]hint:[/]  {_escaped(error.hint)}", soft_wrap=True)


def print_file_error(error: OSError, *, as_json: bool = False) -> None:
    """Print an error of the operating system, with its file if that is known."""
    message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    if as_json:
        _print_json_error({"code": str(ErrorCode.INTERNAL_ERROR), "message": message})
        return
    err().print(f"[bold red]error:[/] {_escaped(message)}", soft_wrap=True)


def print_usage_error(error: Exception) -> None:
    """Print typer's message about an option as JSON."""
    format_message: Callable[[], str] = getattr(error, "format_message", error.__str__)
    _print_json_error({"code": str(ErrorCode.VALIDATION_ERROR), "message": format_message()})


def _print_json_error(fields: Mapping[str, Any]) -> None:
    print_json({"error": {name: value for name, value in fields.items() if value}})


def print_json(value: BaseModel | Sequence[BaseModel] | dict[str, Any]) -> None:
    """Print JSON; of models, only the fields that were set."""
    if isinstance(value, BaseModel):
        plain: Any = value.model_dump(mode="json", exclude_unset=True)
    elif isinstance(value, dict):
        plain = value
    else:
        plain = [item.model_dump(mode="json", exclude_unset=True) for item in value]
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")
    # Raises here, where it can be handled, if the reader has closed its end.
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table as wide as its content: no cell is cut or wrapped."""
    cells = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    if any(columns):
        out().print(_line(columns, widths), style="bold", markup=False, soft_wrap=True)
    for row in cells:
        out().print(_line(row, widths), markup=False, soft_wrap=True)


def _plain(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell.astimezone():%F %T}"
    return "" if cell is None else visible(str(cell))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()
