"""The Typer application with all commands, each of which is imported when it is used."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from gala.garbage_collection import paused
from gala.installation import version
from gala.name_suggestions import nearest

MAKE, RUN = "Make media", "Run"
SERVER, ADMIN = "Use a running GALA", "Administration"

_OTHER_NAMES: Final[Mapping[str, str]] = {"base-url": "url", "remote": "url"}
"""Options under the names that they had before."""

_NO_CHOICE: Final = re.compile(r"'(?P<word>[^']*)' is not one of (?P<choices>'.*')")
_QUOTED: Final = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A command, or a group of commands if ``function`` is ``app``, in ``gala.cli.commands``."""

    panel: str
    module: str
    function: str
    command_class: str = ""
    """The name of the class of the command in the module, if it is not the usual one."""

    def command(self, name: str) -> Any:
        """Import the module and return its click command."""
        with paused():
            module = importlib.import_module(f"gala.cli.commands.{self.module}")
        found = getattr(module, self.function)
        parent = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
        if isinstance(found, typer.Typer):
            parent.add_typer(found, name=name, rich_help_panel=self.panel)
        else:
            own = getattr(module, self.command_class) if self.command_class else None
            parent.command(name, cls=own, rich_help_panel=self.panel)(found)
        return typer.main.get_group(parent).commands[name]


COMMANDS: Final[Mapping[str, _Entry]] = {
    "say": _Entry(MAKE, "say", "say"),
    "present": _Entry(MAKE, "present", "present", "PresentCommand"),
    "caption": _Entry(MAKE, "caption", "caption"),
    "transcribe": _Entry(MAKE, "transcribe", "transcribe"),
    "trim": _Entry(MAKE, "edit", "trim"),
    "concat": _Entry(MAKE, "edit", "concat"),
    "merge": _Entry(MAKE, "edit", "merge"),
    "slideshow": _Entry(MAKE, "slideshow", "slideshow"),
    "timeline": _Entry(MAKE, "timeline", "app"),
    "templates": _Entry(MAKE, "templates", "app"),
    "info": _Entry(MAKE, "info", "info"),
    "run": _Entry(MAKE, "run", "run"),
    "voices": _Entry(MAKE, "voices", "voices"),
    "up": _Entry(RUN, "up", "up"),
    "demo": _Entry(RUN, "demo", "demo"),
    "smoke": _Entry(RUN, "smoke", "smoke"),
    "submit": _Entry(SERVER, "submit", "submit"),
    "jobs": _Entry(SERVER, "jobs", "app"),
    "assets": _Entry(SERVER, "assets", "app"),
    "models": _Entry(SERVER, "models", "app"),
    "pronunciations": _Entry(SERVER, "pronunciations", "app"),
    "brands": _Entry(SERVER, "brands", "app"),
    "mcp": _Entry(SERVER, "mcp", "mcp"),
    "doctor": _Entry(ADMIN, "doctor", "doctor"),
    "weights": _Entry(ADMIN, "weights", "app"),
    "keys": _Entry(ADMIN, "keys", "app"),
    "quotas": _Entry(ADMIN, "quotas", "app"),
    "migrate": _Entry(ADMIN, "admin", "migrate"),
    "openapi": _Entry(ADMIN, "openapi", "openapi"),
    "types": _Entry(ADMIN, "render_types", "types"),
    "licenses": _Entry(ADMIN, "licenses", "licenses"),
    "gdrive-auth": _Entry(ADMIN, "admin", "gdrive_auth"),
}


def _with_suggestion(message: str) -> str:
    """Add the nearest choice to typer's message about a value that is no choice."""
    found = _NO_CHOICE.search(message)
    meant = nearest(found["word"], _QUOTED.findall(found["choices"])) if found else None
    message = message.replace("Value error, ", "")
    return f"{message} Did you mean {meant!r}?" if meant else message


class _LazyGroup(TyperGroup):
    """Imports a command when it is used: importing all takes most of the time of a short one."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            self.commands[cmd_name] = COMMANDS[cmd_name].command(cmd_name)
        return self.commands.get(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = _with_suggestion(error.message)
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            # The names that are suggested are those of imported commands.
            for name in COMMANDS:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_LazyGroup,
    help="GALA makes audiovisual content, on this machine or on a server.",
    epilog="Exit status: 0 done, 1 the work failed, 2 wrong usage, 130 stopped by Ctrl-C."
    " `gala --install-completion` installs shell completion.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"token_normalize_func": lambda name: _OTHER_NAMES.get(name, name)},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gala {version()}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass
