"""What other distributions add to GALA, by entry points of their metadata.

Reading the metadata of all installed packages takes tens of milliseconds, so a process reads them
once for a ``sys.path``: a package that is installed later is found after a restart.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import EntryPoint


def entry_points(group: str, name: str | None = None) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group, or only those of that name."""
    found = _select(tuple(sys.path))(group=group)
    return tuple(one for one in found if name in {None, one.name})


@cache
def _select(path: tuple[str, ...]) -> Callable[..., Iterable[EntryPoint]]:  # noqa: ARG001 - the key
    return importlib.metadata.entry_points().select
