"""Documentation pages that are generated from the program and kept in the repository."""

from __future__ import annotations

import difflib
from itertools import islice
from pathlib import Path
from typing import Final

import typer

from gala.errors import Conflict

DOCS: Final = Path(__file__).parents[2] / "docs"
_LINES_SHOWN: Final = 40


def output_page(name: str, text: str, *, write: bool, check: bool, refresh: str) -> None:
    """Print the page, write it to ``docs/<name>``, or compare it with that file.

    Raise ``Conflict`` if the comparison differs; its hint is the command ``refresh``.
    """
    file = DOCS / name
    if write:
        file.write_text(text, encoding="utf-8")
    elif not check:
        typer.echo(text, nl=False)
    elif (old := file.read_text(encoding="utf-8") if file.exists() else "") != text:
        difference = difflib.unified_diff(
            old.splitlines(), text.splitlines(), f"docs/{name}", "the program", lineterm="", n=1
        )
        raise Conflict(
            f"docs/{name} is out of date",
            hint=refresh,
            log=list(islice(difference, _LINES_SHOWN)),
        )
