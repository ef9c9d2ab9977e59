"""Render types: one module each in this package, discovered at first use.

Other distributions add render types through the entry point group ``gala.types``, whose value is a
module that defines ``TYPE``, as the modules here do.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from gala.entry_points import entry_points
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams

__all__ = ["InputSpec", "OutputSpec", "RenderType", "TypeParams", "all_types", "find_type"]

ENTRY_POINT_GROUP = "gala.types"


def _modules() -> Iterator[str]:
    yield from (
        f"{__name__}.{module.name}"
        for module in pkgutil.iter_modules(__path__)
        # The subpackage `params` holds fields that several types share.
        if module.name != "base" and not module.ispkg
    )
    yield from (point.value for point in entry_points(group=ENTRY_POINT_GROUP))


@cache
def all_types() -> Mapping[str, RenderType]:
    """Return all installed render types by name."""
    found: dict[str, RenderType] = {}
    for name in _modules():
        render_type: RenderType = importlib.import_module(name).TYPE
        if render_type.name in found:
            raise ValueError(f"two render types are named {render_type.name!r} (second: {name})")
        found[render_type.name] = render_type
    return MappingProxyType(found)


def find_type(name: str) -> RenderType | None:
    """Return the render type with this name, or None."""
    return all_types().get(name)
