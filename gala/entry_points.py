"""What other distributions add to GALA, by entry points of their metadata.

Reading the metadata of all installed packages takes tens of milliseconds, so a process reads them
once: a package that is installed later is found after a restart.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import EntryPoint


def entry_points(group: str, name: str | None = None) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group, or only those of that name."""
    return tuple(one for one in _all_of(group) if name in {None, one.name})


@cache
def _select() -> Callable[..., Iterable[EntryPoint]]:
    return importlib.metadata.entry_points().select


@cache
def _all_of(group: str) -> tuple[EntryPoint, ...]:
    return tuple(_select()(group=group))
