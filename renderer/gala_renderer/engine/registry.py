"""Finds the planner of each render type, as :mod:`gala.render_types` finds its params.

A planner is a module with a ``NAME`` and a function ``plan``: one file in ``gala_renderer/types``,
or a module of any distribution that names it in the entry point group ``gala_renderer.types``. It
may also have a function ``frame`` for a preview of one frame.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Protocol, runtime_checkable

from gala.entry_points import entry_points
from gala.errors import InvalidRequest
from gala_renderer import types
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan
from gala_renderer.engine.resources import EngineResources

ENTRY_POINT_GROUP = "gala_renderer.types"


class Planner(Protocol):
    """The planner of one render type."""

    NAME: str

    async def plan(self, order: RenderOrder, context: RenderContext) -> Plan:
        """Inspect the inputs and decide everything; nothing is rendered yet."""


@runtime_checkable
class FrameRenderer(Protocol):
    """A planner that can show one frame without inputs and without a job."""

    async def frame(
        self, order: RenderOrder, context: RenderContext, *, at_ms: int | None, mime: str
    ) -> tuple[str, ...]:
        """Return FFmpeg's arguments that write one frame to stdout as ``mime``.

        The frame shown at ``at_ms``, or a representative one if ``None``.
        """


@runtime_checkable
class CacheKeyProvider(Protocol):
    """A planner whose result depends on more than the order, the inputs and this code."""

    def depends_on(self, order: RenderOrder, services: EngineResources) -> str | None:
        """Return what else decides the result, such as an engine's version.

        ``None`` means that the result must never come from the cache.
        """


def _modules() -> Iterator[str]:
    yield from (
        f"{types.__name__}.{module.name}" for module in pkgutil.iter_modules(types.__path__)
    )
    yield from (point.value for point in entry_points(group=ENTRY_POINT_GROUP))


@cache
def all_planners() -> Mapping[str, Planner]:
    """Return every installed planner by the name of its render type."""
    found: dict[str, Planner] = {}
    for name in _modules():
        planner: Planner = importlib.import_module(name)
        if planner.NAME in found:
            raise ValueError(f"two planners are named {planner.NAME!r} (second: {name})")
        found[planner.NAME] = planner
    return MappingProxyType(found)


def is_own(planner: Planner) -> bool:
    """Return True if it belongs to this package, and not to another distribution."""
    return isinstance(planner, ModuleType) and planner.__name__.startswith(f"{types.__name__}.")


def planner_for(name: str) -> Planner:
    """Return the planner of that render type; raise ``InvalidRequest`` if there is none."""
    planner = all_planners().get(name)
    if planner is None:
        raise InvalidRequest(f"This renderer cannot make {name!r}.", field="type")
    return planner
