"""The version of GALA, what its extras need, and the command that installs an extra.

The distribution is not named ``gala``: on package indexes that name belongs to a package for
galactic dynamics.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from types import ModuleType
from typing import Final, cast

from gala.garbage_collection import paused

DISTRIBUTION: Final = "gala-platform"
_OURS: Final = frozenset({"gala", "gala_api", "gala_renderer", "gala_storage", "gala_worker"})
_PACKAGE_OF: Final[Mapping[str, str]] = {
    "PIL": "pillow",
    "bidi": "python-bidi",
    "cv2": "opencv-python-headless",
    "cyclonedx": "cyclonedx-python-lib",
    "ffmpeg": "ffmpeg-python",
    "google": "google-auth",
    "googleapiclient": "google-api-python-client",
    "jwt": "pyjwt",
    "multipart": "python-multipart",
    "phonemizer": "phonemizer-fork",
    "pyopenjtalk": "pyopenjtalk-plus",
    "yaml": "pyyaml",
}
"""Packages by the name of their module, where that differs."""
_EXTRA: Final = re.compile(r'extra == "([^"]+)"')


def version() -> str:
    """Return the version of GALA, or ``0+unknown`` if it runs without having been installed."""
    try:
        return distribution(DISTRIBUTION).version
    except PackageNotFoundError:
        return "0+unknown"


def install_hint(*extras: str) -> str:
    """Return the pip command that adds ``extras`` to this installation.

    A clone is installed again from its folder. Otherwise the name of the distribution is enough,
    whatever it was installed from: pip finds it installed and adds what the extras require. The
    hint contains no path, because errors with it are sent to clients of the API.
    """
    wanted = ",".join(extras)
    if _is_clone():
        return f'pip install --constraint constraints.txt --editable ".[{wanted}]"'
    return f'pip install "{DISTRIBUTION}[{wanted}]"'


def missing_requirements(extra: str) -> list[str]:
    """Return the packages of an extra that are not installed, sorted by name."""
    return sorted(name for name in _requirements().get(extra, ()) if not _is_installed(name))


def extra_of(module: str, preferred: str | None = None) -> str | None:
    """Return the smallest extra that requires the module's package; ``None`` if none does.

    ``preferred`` is chosen if it requires the module, too.
    """
    top = module.partition(".")[0]
    package = _normalized(_PACKAGE_OF.get(top, top))
    found = {extra: names for extra, names in _requirements().items() if package in names}
    if preferred in found:
        return preferred
    return min(found, key=lambda extra: len(found[extra]), default=None)


def explained(error: ModuleNotFoundError, extra: str | None = None) -> tuple[str, str] | None:
    """Return which package is missing, and how to install it with the extra it belongs to.

    ``extra`` is the one that the program needs, if that is known. ``None`` means that a module of
    GALA itself is missing, which is a defect.
    """
    module = (error.name or "").partition(".")[0]
    if not module or module in _OURS:
        return None
    extra = extra or extra_of(module) or "standalone"
    return f"{module} is not installed; it belongs to the extra {extra}", install_hint(extra)


def leave_out_httpx_program() -> None:
    """Let ``import httpx`` skip its command line, for processes of GALA itself.

    With click and rich installed, httpx imports them for a program ``httpx`` that GALA never runs:
    a tenth of the start of a worker. Without the module, httpx behaves as if they were missing.
    """
    sys.modules.setdefault("httpx._main", cast(ModuleType, None))


@contextmanager
def importing(extra: str) -> Iterator[None]:
    """Import what a process consists of, at the top of its composition root.

    A missing package ends the process with one line that names the extra.
    """
    leave_out_httpx_program()
    try:
        with paused():
            yield
    except ModuleNotFoundError as error:
        found = explained(error, extra)
        if found is None:
            raise
        sys.exit(": ".join(found))


def _requirements() -> dict[str, set[str]]:
    """Return the packages that each extra requires on this machine.

    The metadata list the requirements of an extra that includes others, as ``standalone`` does, in
    full.
    """
    from packaging.requirements import Requirement  # noqa: PLC0415 - only for missing packages

    try:
        listed = distribution(DISTRIBUTION).requires or ()
    except PackageNotFoundError:
        return {}
    found: dict[str, set[str]] = {}
    for requirement in map(Requirement, listed):
        extra = _EXTRA.search(str(requirement.marker or ""))
        if extra and requirement.marker and requirement.marker.evaluate({"extra": extra[1]}):
            found.setdefault(extra[1], set()).add(_normalized(requirement.name))
    return found


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


def _normalized(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def _is_clone() -> bool:
    """Return True if this is an editable installation (PEP 610)."""
    try:
        text = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        return False
    source = json.loads(text) if text else {}
    return bool(source.get("dir_info", {}).get("editable"))
