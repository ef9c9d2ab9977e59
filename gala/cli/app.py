"""All commands, put together."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from gala.cli.commands import (
    admin,
    assets,
    caption,
    demo,
    doctor,
    edit,
    info,
    jobs,
    keys,
    licenses,
    mcp,
    openapi,
    quotas,
    render_types,
    run,
    say,
    slideshow,
    smoke,
    submit,
    transcribe,
    up,
    weights,
)

app = typer.Typer(
    help="GALA makes audiovisual content, on your own machine or on a server.",
    epilog="Ends with 0 when it is done, 1 when the work failed, 2 when it was asked wrongly, 130"
    " when it was stopped by Ctrl-C. The shell completes all of this after"
    " `gala --install-completion`.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gala {version('gala')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


MAKE, RUN = "Make media", "Run"
WORK, CARE = "Work with a running GALA", "Look after it"

app.command(rich_help_panel=MAKE)(say.say)
app.command(rich_help_panel=MAKE)(caption.caption)
app.command(rich_help_panel=MAKE)(transcribe.transcribe)
app.command(rich_help_panel=MAKE)(edit.trim)
app.command(rich_help_panel=MAKE)(edit.concat)
app.command(rich_help_panel=MAKE)(edit.merge)
app.command(rich_help_panel=MAKE)(slideshow.slideshow)
app.command(rich_help_panel=MAKE)(info.info)
app.command(rich_help_panel=MAKE)(run.run)
app.command(rich_help_panel=RUN)(up.up)
app.command(rich_help_panel=RUN)(demo.demo)
app.command(rich_help_panel=RUN)(smoke.smoke)
app.command(rich_help_panel=WORK)(submit.submit)
app.add_typer(jobs.app, name="jobs", rich_help_panel=WORK)
app.add_typer(assets.app, name="assets", rich_help_panel=WORK)
app.command(rich_help_panel=WORK)(mcp.mcp)
app.command(rich_help_panel=CARE)(doctor.doctor)
app.add_typer(weights.app, name="weights", rich_help_panel=CARE)
app.add_typer(keys.app, name="keys", rich_help_panel=CARE)
app.add_typer(quotas.app, name="quotas", rich_help_panel=CARE)
app.command(rich_help_panel=CARE)(admin.migrate)
app.command(rich_help_panel=CARE)(openapi.openapi)
app.command(rich_help_panel=CARE)(render_types.types)
app.command(rich_help_panel=CARE)(licenses.licenses)
app.command("gdrive-auth", rich_help_panel=CARE)(admin.gdrive_auth)
