"""The options that the commands which make media share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Self

import typer

from gala.cli.api_connection import server_address
from gala.errors import InvalidRequest
from gala.media import MAX_FPS, SIZES, USUAL_FPS, AspectRatio, Format

_SHOWN: Final = 60
OUTPUT: Final = "Output"
WHERE: Final = "Where it is made"

Out = Annotated[
    Path | None,
    typer.Option(
        "-o", "--out", metavar="FILE", help="Where it goes; - is standard output.",
        rich_help_panel=OUTPUT,
    ),
]  # fmt: skip
Force = Annotated[
    bool, typer.Option("--force", help="Replace what is there already.", rich_help_panel=OUTPUT)
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON, for programs; errors too.", rich_help_panel=OUTPUT),
]
Remote = Annotated[
    str | None,
    typer.Option(
        envvar="GALA_URL", metavar="URL", help="On the server there.", rich_help_panel=WHERE
    ),
]
Local = Annotated[
    bool,
    typer.Option("--local", help="Here, whatever GALA_URL says.", rich_help_panel=WHERE),
]
Param = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        "--param",
        metavar="KEY=TEXT",
        help="Any param of the type (`gala types`). KEY:=JSON for numbers and lists, A.B=… for"
        " params within params. May be repeated.",
    ),
]
Ratio = Annotated[AspectRatio | None, typer.Option("--aspect-ratio", help="Shape of the frame.")]
Size = Annotated[
    str | None, typer.Option("--size", metavar="WIDTHxHEIGHT", help="In pixels, even.")
]
Fps = Annotated[
    int | None,
    typer.Option(
        "--fps", min=1, max=MAX_FPS, help=f"Frames a second, with one of these; else {USUAL_FPS}."
    ),
]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a command works: where, whether it may replace files, and how it answers."""

    remote: str | None
    force: bool
    as_json: bool

    @classmethod
    def of(cls, remote: str | None, *, local: bool, force: bool = False, as_json: bool) -> Self:
        """As the options say. Raises ``InvalidRequest`` for an address that is none."""
        return cls(
            None if local or remote is None else server_address(remote, "--remote"), force, as_json
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Params that have options of their own, and what those are called."""

    params: Mapping[str, Any]
    called: Mapping[str, str]


def chosen(*, within: str = "params", **options: Any) -> Chosen:
    """Options by their params' names; ``None`` is one that was not used."""
    return Chosen(
        {name: value for name, value in options.items() if value is not None},
        {f"{within}.{name}": f"--{name.replace('_', '-')}" for name in options},
    )


def with_params(params: Mapping[str, Any], more: Iterable[str] | None) -> dict[str, Any]:
    """The params and those of ``-p``, which win."""
    merged = dict(params)
    for option in more or ():
        key, value = read_param(option)
        _put(merged, key.split("."), value, option)
    return merged


def read_param(option: str) -> tuple[str, Any]:
    """``KEY=TEXT`` or ``KEY:=JSON`` as key and value."""
    key, equals, value = option.partition("=")
    if not equals or not key.removesuffix(":"):
        raise InvalidRequest(
            f"--param {_cut(option)!r} is not KEY=TEXT or KEY:=JSON", field="--param"
        )
    if not key.endswith(":"):
        return key, value
    try:
        return key[:-1], json.loads(value)
    except (ValueError, RecursionError) as error:
        # Numbers of thousands of digits and lists in thousands of lists, too.
        raise InvalidRequest(
            f"--param {_cut(option)!r}: {_cut(value)!r} is not JSON ({error})", field="--param"
        ) from error


def frame(ratio: AspectRatio | None, size: str | None, fps: int | None) -> Format | None:
    """Size and frame rate, if they were chosen. Raises ``InvalidRequest`` naming the option."""
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
        raise _no_size(size) from error


def _sides(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        raise _no_size(size)
    if max(len(width), len(height)) > 5:
        raise _no_size(size)
    return int(width), int(height)


def _no_size(size: str | None) -> InvalidRequest:
    return InvalidRequest(
        f"--size: {size!r} is no size",
        field="--size",
        hint="WIDTHxHEIGHT in pixels, both even, 16 to 4096: 1280x720",
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _put(params: dict[str, Any], path: list[str], value: Any, option: str) -> None:
    *above, last = path
    for name in above:
        inner = params.get(name, {})
        if not isinstance(inner, Mapping):
            raise InvalidRequest(
                f"--param {_cut(option)!r}: {name} holds no params", field="--param"
            )
        params[name] = dict(inner)
        params = params[name]
    params[last] = value
