"""The Chromium that draws pages in HTML: where it is, and whether it may be used."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import EngineMissing
from gala_renderer.sandbox.levels import SandboxLevel
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.settings import RendererSettings

_NAMES: Final = ("chromium-headless-shell", "chrome-headless-shell")
_PROGRAM: Final = "gala_renderer.timeline.drawing.html_program"


def find_chromium(settings: RendererSettings) -> Path | None:
    """Return the headless shell of Chromium: the one that is set, else one on the path."""
    if settings.renderer_chromium is not None:
        return settings.renderer_chromium if settings.renderer_chromium.is_file() else None
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return None if found is None else Path(found).absolute()


def chromium_folder(settings: RendererSettings) -> Path | None:
    """Return the folder that programs in the sandbox have to see; None if HTML is off."""
    found = find_chromium(settings) if settings.renderer_html else None
    return None if found is None else found.resolve().parent


def usable_chromium(settings: RendererSettings, sandbox: Sandbox, pointer: str) -> Path:
    """Return Chromium. Raise EngineMissing, saying what to do, if it may or can not be used."""
    found = _found(settings, sandbox)
    if isinstance(found, _Missing):
        raise EngineMissing(f"{pointer}: {found.problem}", hint=found.remedy)
    return found


def html_problem(settings: RendererSettings, sandbox: Sandbox) -> str | None:
    """Return why pages are not drawn, and what to do; None if they are."""
    found = _found(settings, sandbox)
    if not isinstance(found, _Missing):
        return None
    return f"{found.problem[:1].upper()}{found.problem[1:]} {found.remedy}"


@dataclass(frozen=True, slots=True)
class _Missing:
    """What is missing for pages."""

    problem: str
    remedy: str


def _found(settings: RendererSettings, sandbox: Sandbox) -> Path | _Missing:
    if not settings.renderer_html:
        return _Missing(
            "elements of type html are off.", "Its operator turns them on with RENDERER_HTML=1."
        )
    found = find_chromium(settings)
    if found is None:
        return _Missing(
            "elements of type html need Chromium's headless shell.",
            "Install it (apt-get install chromium-headless-shell), or set RENDERER_CHROMIUM"
            " to its path.",
        )
    if sandbox.confinement.level is not SandboxLevel.NAMESPACES:
        return _Missing(
            "elements of type html need the sandbox of the level namespaces, which this"
            " renderer does not have.",
            sandbox.confinement.why or "See GALA_SANDBOX.",
        )
    return found


def program_command(job: Path) -> list[str]:
    """Return the command that draws the page of a job file."""
    return [sys.executable, "-I", "-m", _PROGRAM, str(job)]
