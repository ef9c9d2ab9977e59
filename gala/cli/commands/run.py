"""``gala run``: runs any render type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gala.cli.rendering import completion
from gala.cli.rendering.options import (
    OUTPUT,
    AsJson,
    CommonOptions,
    Force,
    Fps,
    Local,
    Param,
    Ratio,
    Remote,
    Size,
    frame,
    with_params,
)
from gala.cli.rendering.output_paths import fill_format, targets
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import make_files
from gala.errors import InvalidRequest
from gala.render_types import RenderType


def run(
    type: Annotated[  # noqa: A002 - the contract's word
        str,
        typer.Argument(
            metavar="TYPE",
            help="A render type; see `gala types`.",
            autocompletion=completion.render_types,
        ),
    ],
    *,
    param: Param = None,
    input: Annotated[  # noqa: A002 - the contract's word
        list[str] | None,
        typer.Option(
            "-i",
            "--input",
            metavar="NAME=FILE",
            help="An input file; may be repeated, also for lists.",
        ),
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            help="An output file, assigned by its ending; may be repeated. Or a folder for all.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Run a render type with its own params and input files.

    Without -o, writes every output to TYPE-OUTPUT.… in the current folder.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    command = RenderCommand(
        type=type, params=with_params({}, param), format=frame(ratio, size, fps)
    )
    spec = command.render_type
    output_targets = targets(spec, command.params, out or (), type)
    params = fill_format(spec, command.params, output_targets.values())
    make_files(
        replace(command, params=params, inputs=_inputs(spec, input or ())), output_targets, common
    )


def _inputs(spec: RenderType, options: Iterable[str]) -> dict[str, list[Path]]:
    known = {spec.input_field(name): name for name in spec.inputs}
    inputs: dict[str, list[Path]] = {}
    for option in options:
        name, equals, file = option.partition("=")
        if not name or not equals or not file:
            raise InvalidRequest(f"--input {option!r} is not NAME=FILE", field="--input")
        inputs.setdefault(known.get(name, name), []).append(Path(file))
    return inputs
