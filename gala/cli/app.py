"""The Typer application with all commands."""

from __future__ import annotations

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
from gala.installation import version

app = typer.Typer(
    help="GALA makes audiovisual content, on this machine or on a server.",
    epilog="Exit status: 0 done, 1 the work failed, 2 wrong usage, 130 stopped by Ctrl-C."
    " `gala --install-completion` installs shell completion.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
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


MAKE, RUN = "Make media", "Run"
SERVER, ADMIN = "Use a running GALA", "Administration"

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
app.command(rich_help_panel=SERVER)(submit.submit)
app.add_typer(jobs.app, name="jobs", rich_help_panel=SERVER)
app.add_typer(assets.app, name="assets", rich_help_panel=SERVER)
app.command(rich_help_panel=SERVER)(mcp.mcp)
app.command(rich_help_panel=ADMIN)(doctor.doctor)
app.add_typer(weights.app, name="weights", rich_help_panel=ADMIN)
app.add_typer(keys.app, name="keys", rich_help_panel=ADMIN)
app.add_typer(quotas.app, name="quotas", rich_help_panel=ADMIN)
app.command(rich_help_panel=ADMIN)(admin.migrate)
app.command(rich_help_panel=ADMIN)(openapi.openapi)
app.command(rich_help_panel=ADMIN)(render_types.types)
app.command(rich_help_panel=ADMIN)(licenses.licenses)
app.command("gdrive-auth", rich_help_panel=ADMIN)(admin.gdrive_auth)
