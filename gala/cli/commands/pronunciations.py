"""``gala pronunciations``: how names and words are spoken in all jobs of the caller."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from gala.cli.api_connection import connect
from gala.cli.console import AsJson, Server, print_json, print_table
from gala.client import Pronunciation
from gala.errors import InvalidRequest, NotFound

app = typer.Typer(
    help="List, add and remove pronunciations, which apply to all of your jobs.",
    no_args_is_help=True,
)

_COLUMNS = ("text", "say", "ipa", "language")
_Language = Annotated[
    str | None, typer.Option(help="The only language it applies to. Default: all.")
]


@app.command("list")
def list_(server: Server = None, as_json: AsJson = False) -> None:
    """List your pronunciations."""
    with connect(server) as client:
        found = client.pronunciations()
    _print(found, as_json=as_json)


@app.command()
def add(
    text: Annotated[str, typer.Argument(help="The text as written.")],
    *,
    say: Annotated[str | None, typer.Option(help="What is spoken for it, as words.")] = None,
    ipa: Annotated[str | None, typer.Option(help="Its sounds in the IPA.")] = None,
    language: _Language = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Add a pronunciation, or change the one of the same text and language."""
    if say is None and ipa is None:
        raise InvalidRequest("nothing to say", hint="give --say or --ipa")
    added = Pronunciation(text=text, say=say, ipa=ipa, language=language)
    with connect(server) as client:
        found = client.change_pronunciations(lambda before: _with(before, [added]))
    _print(found, as_json=as_json)


@app.command()
def remove(
    text: Annotated[str, typer.Argument(help="The text as written.")],
    *,
    language: _Language = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Remove the pronunciations of a text, or only the one for a language."""
    with connect(server) as client:
        found = client.change_pronunciations(lambda before: _without(before, text, language))
    _print(found, as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="JSON (a list of objects), or CSV with a line of names: text,say,ipa,language.",
        ),
    ],
    *,
    replace: Annotated[bool, typer.Option(help="Remove all others.")] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Add the pronunciations of a file; those of the same text and language are changed."""
    listed = _read(file)
    with connect(server) as client:
        found = client.change_pronunciations(
            lambda before: _with([] if replace else before, listed)
        )
    _print(found, as_json=as_json)


def _with(before: list[Pronunciation], added: list[Pronunciation]) -> list[Pronunciation]:
    """Return the list with the added entries, each in the place of the one that it changes."""
    by_key = {(one.text, one.language): one for one in (*before, *added)}
    return list(by_key.values())


def _without(before: list[Pronunciation], text: str, language: str | None) -> list[Pronunciation]:
    kept = [
        one
        for one in before
        if one.text != text or (language is not None and one.language != language)
    ]
    if len(kept) == len(before):
        where = f" for {language}" if language else ""
        raise NotFound(
            f"There is no pronunciation of {text!r}{where}.",
            hint="`gala pronunciations list` shows all",
        )
    return kept


def _read(file: Path) -> list[Pronunciation]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        rows = json.loads(text) if file.suffix.lower() == ".json" else _csv_rows(text)
        if isinstance(rows, dict):
            rows = rows.get("pronunciations")
        return TypeAdapter(list[Pronunciation]).validate_python(rows)
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file} is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise InvalidRequest(f"{file} is not valid JSON: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InvalidRequest(f"{file}: {where}: {first['msg']}") from error


def _csv_rows(text: str) -> list[dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(text))
    unknown = set(rows.fieldnames or ()) - set(_COLUMNS)
    if unknown or "text" not in (rows.fieldnames or ()):
        raise InvalidRequest(
            "the first line of a CSV file must be names of columns",
            hint=f"such as {','.join(_COLUMNS)}",
        )
    return [{name: value for name, value in row.items() if value} for row in rows]


def _print(listed: list[Pronunciation], *, as_json: bool) -> None:
    if as_json:
        print_json(listed)
        return
    print_table(_COLUMNS, ([getattr(one, name) for name in _COLUMNS] for one in listed))
