"""The version of GALA, and the command that adds an extra to how it was installed.

The distribution is not named ``gala``: on package indexes that name belongs to a package for
galactic dynamics.
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

DISTRIBUTION: Final = "gala-platform"


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


def _is_clone() -> bool:
    """Return True if this is an editable installation (PEP 610)."""
    try:
        text = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        return False
    source = json.loads(text) if text else {}
    return bool(source.get("dir_info", {}).get("editable"))
