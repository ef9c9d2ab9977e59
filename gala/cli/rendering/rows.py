"""``--rows``: a table whose rows are the params of one film each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.rendering.request import did_you_mean
from gala.errors import InvalidRequest

ROWS: Final = "--rows"
_OUT: Final = "-o"
_ROW: Final = "row"
_DELIMITERS: Final = ",;\t"
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_LONGEST_NAME: Final = 80

RowsOption = Annotated[
    Path | None,
    typer.Option(
        ROWS,
        metavar="FILE",
        help="A CSV file: a film for each row, whose columns are named as for --set. Empty cells"
        " are left out. -o names columns in braces: films/{title}.mp4; {row} counts from 1.",
    ),
]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; ``number`` counts from 1, without the header."""

    table: Path
    number: int
    cells: Mapping[str, str]

    @property
    def assignments(self) -> list[str]:
        """Its cells as ``--set`` takes them."""
        return [f"{name}={cell}" for name, cell in self.cells.items() if cell.strip()]

    @contextmanager
    def named_in_errors(self) -> Iterator[None]:
        """Within the context, errors about a request name the row."""
        try:
            yield
        except InvalidRequest as error:
            raise InvalidRequest(
                f"{self.table.name}, row {self.number}: {error.message}",
                hint=error.hint,
                **error.details,
            ) from error


def read_rows(file: Path) -> list[Row]:
    """Return the rows of a CSV file, separated by commas, semicolons or tabs.

    Raise InvalidRequest if it cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise _wrong(f"{file}: {problem}") from error
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    lines = [one for one in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if one]
    if len(lines) < 2:
        raise _wrong(f"{file} has no rows below its header")
    names = [one.strip() for one in lines[0]]
    if "" in names or len(set(names)) < len(names):
        raise _wrong(f"{file}: each column needs a name of its own in the first line")
    return [_row(file, number, names, cells) for number, cells in enumerate(lines[1:], start=1)]


def _row(file: Path, number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) > len(names):
        raise _wrong(
            f"{file.name}, row {number} has {len(cells)} cells, and there are {len(names)} columns;"
            " write a cell with a separator in quotes"
        )
    return Row(file, number, dict(zip(names, cells, strict=False)))


def targets(rows: Sequence[Row], out: Path | None, stem: str) -> list[Path]:
    """Return the file of each row: ``out``, with what it has in braces replaced.

    Raise InvalidRequest if two rows have the same.
    """
    pattern = f"{stem}-{{{_ROW}}}.mp4" if out is None else str(out)
    found: dict[Path, Row] = {}
    for row in rows:
        with row.named_in_errors():
            path = Path(_named(pattern, row))
        if path in found:
            raise InvalidRequest(
                f"{_OUT}: rows {found[path].number} and {row.number} would both be {path}",
                field=_OUT,
                hint=f"name what differs in braces: {{{_ROW}}}, or a column",
            )
        found[path] = row
    return list(found)


def _named(pattern: str, row: Row) -> str:
    return _PLACE.sub(lambda place: _filled(place[1], row), pattern)


def _filled(name: str, row: Row) -> str:
    if name == _ROW:
        return str(row.number)
    if name not in row.cells:
        raise InvalidRequest(
            f"{_OUT}: there is no column {name!r}",
            field=_OUT,
            hint=did_you_mean(name, [*row.cells, _ROW]),
        )
    written = _NOT_IN_NAMES.sub("-", row.cells[name]).strip(" .-")[:_LONGEST_NAME].rstrip()
    if not written:
        raise InvalidRequest(f"{_OUT}: the column {name!r} is empty", field=_OUT)
    return written


def _wrong(problem: str) -> InvalidRequest:
    return InvalidRequest(f"{ROWS}: {problem}", field=ROWS)
