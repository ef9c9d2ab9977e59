"""Options shared by the commands that make media."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Self

import typer

from gala.cli.api_connection import checked
from gala.errors import InvalidRequest
from gala.media import MAX_FPS, SIZES, USUAL_FPS, AspectRatio, Format
from gala.server_address import ServerAddress, named_server

_SHOWN_CHARACTERS: Final = 60
_MAX_DIGITS: Final = 9
OUTPUT: Final = "Output"
WHERE: Final = "Where it runs"
USUAL_FRAME: Final = Format(width=1080, height=1920, fps=30)
"""The frame of a composition for which none is chosen."""

Out = Annotated[
    Path | None,
    typer.Option(
        "-o", "--out", metavar="FILE", help="The output file; - is standard output.",
        rich_help_panel=OUTPUT,
    ),
]  # fmt: skip
Force = Annotated[
    bool, typer.Option("--force", help="Replace an existing file.", rich_help_panel=OUTPUT)
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON, also for errors.", rich_help_panel=OUTPUT),
]
Remote = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="Run on the server at this URL. Default: GALA_URL, if that is set.",
        rich_help_panel=WHERE,
    ),
]
Local = Annotated[
    bool,
    typer.Option(
        "--local", help="Run on this machine, even if GALA_URL is set.", rich_help_panel=WHERE
    ),
]
Param = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        "--param",
        metavar="KEY=TEXT",
        help="Any param of the render type (see `gala types TYPE`). KEY:=JSON for numbers and"
        " lists, A.B=… for nested params. May be repeated.",
    ),
]
Ratio = Annotated[
    AspectRatio | None, typer.Option("--aspect-ratio", help="Aspect ratio of the frame.")
]
Size = Annotated[
    str | None,
    typer.Option("--size", metavar="WIDTHxHEIGHT", help="Frame size in pixels; even numbers."),
]
Fps = Annotated[
    int | None,
    typer.Option(
        "--fps",
        min=1,
        max=MAX_FPS,
        help=f"Frames per second; needs --size or --aspect-ratio. Default: {USUAL_FPS}.",
    ),
]


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """Where a command runs, whether it replaces files, and whether it prints JSON."""

    server: ServerAddress | None
    """``None`` is this machine."""
    force: bool
    as_json: bool

    @classmethod
    def of(cls, remote: str | None, *, local: bool, force: bool = False, as_json: bool) -> Self:
        """Build it from the options; raise ``InvalidRequest`` if the server's URL is invalid."""
        server = None if local else named_server(remote)
        return cls(None if server is None else checked(server), force, as_json)


@dataclass(frozen=True, slots=True)
class ParamOptions:
    """Params set by options of their own, and the option names by field."""

    params: Mapping[str, Any]
    labels: Mapping[str, str]


def param_options(*, within: str = "params", **options: Any) -> ParamOptions:
    """Return the options that were used (not ``None``), keyed by the names of their params."""
    return ParamOptions(
        {name: value for name, value in options.items() if value is not None},
        {f"{within}.{name}": f"--{name.replace('_', '-')}" for name in options},
    )


def with_params(
    params: Mapping[str, Any], assignments: Iterable[str] | None, *, option: str = "--param"
) -> dict[str, Any]:
    """Return the params merged with those of ``option``, which take precedence."""
    merged = dict(params)
    for assignment in assignments or ():
        key, value = read_param(assignment, option)
        _set(merged, key.split("."), value, assignment)
    return merged


def read_param(assignment: str, option: str = "--param") -> tuple[str, Any]:
    """Split ``KEY=TEXT`` or ``KEY:=JSON`` into key and value; errors name the option."""
    key, equals, value = assignment.partition("=")
    if not equals or not key.removesuffix(":"):
        raise InvalidRequest(
            f"{option} {_shortened(assignment)!r} is not KEY=TEXT or KEY:=JSON", field=option
        )
    if not key.endswith(":"):
        return key, value
    try:
        return key[:-1], json.loads(value)
    except (ValueError, RecursionError) as error:
        # Also for numbers of thousands of digits and lists nested thousands deep.
        raise InvalidRequest(
            f"{option} {_shortened(assignment)!r}: {_shortened(value)!r} is not JSON ({error})",
            field=option,
        ) from error


def frame(ratio: AspectRatio | None, size: str | None, fps: int | None) -> Format | None:
    """Return size and frame rate, if given; raise ``InvalidRequest`` naming the option."""
    if ratio is not None and size is not None:
        raise InvalidRequest("--size: give it, or --aspect-ratio, not both", field="--size")
    if size is not None:
        width, height = _sides(size)
    elif ratio is not None:
        width, height = SIZES[ratio]
    elif fps is not None:
        raise InvalidRequest("--fps: give a --size or an --aspect-ratio with it", field="--fps")
    else:
        return None
    try:
        return Format(width=width, height=height, fps=fps or USUAL_FPS)
    except ValueError as error:
        raise _invalid_size(size) from error


def _sides(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        raise _invalid_size(size)
    if max(len(width), len(height)) > 5:
        raise _invalid_size(size)
    return int(width), int(height)


def _invalid_size(size: str | None) -> InvalidRequest:
    return InvalidRequest(
        f"--size: {size!r} is not a size",
        field="--size",
        hint="WIDTHxHEIGHT in pixels, both even, 16 to 4096: 1280x720",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _set(params: dict[str, Any], path: list[str], value: Any, option: str) -> None:
    name, *rest = path
    if not rest:
        params[name] = value
        return
    inner = params.get(name, {})
    if isinstance(inner, list) and rest[0].isascii() and rest[0].isdigit():
        params[name] = _with_item(inner, name, rest, value, option)
        return
    if not isinstance(inner, Mapping):
        raise InvalidRequest(
            f"--param {_shortened(option)!r}: {name} is not an object", field="--param"
        )
    params[name] = dict(inner)
    _set(params[name], rest, value, option)


def _with_item(items: list[Any], name: str, path: list[str], value: Any, option: str) -> list[Any]:
    """Return a list with another item: ``presenters.0.face:=2`` sets a param of the first one."""
    number = int(path[0][:_MAX_DIGITS])
    if number >= len(items):
        raise InvalidRequest(
            f"--param {_shortened(option)!r}: {name} has {len(items)} items, counted from 0",
            field="--param",
        )
    found = {"": items[number]}
    _set(found, ["", *path[1:]], value, option)
    return [*items[:number], found[""], *items[number + 1 :]]
