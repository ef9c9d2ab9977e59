"""Finds how each render type is made, as :mod:`gala.render_types` finds their words.

A making is a module with a ``NAME`` and a ``plan``: one file in ``gala_renderer/types``, or in any
distribution that names it in the entry point group ``gala_renderer.types``. It may have a ``frame``
for a single picture of what it would make.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType
from typing import Protocol, runtime_checkable

from gala.errors import InvalidRequest
from gala_renderer import types
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Composition, Plan
from gala_renderer.engine.resources import EngineResources

ENTRY_POINT_GROUP = "gala_renderer.types"


class Renderer(Protocol):
    """How a render type is made."""

    NAME: str

    async def plan(self, order: RenderOrder, context: RenderContext) -> Plan:
        """Look at the inputs and decide everything; nothing is rendered yet."""


@runtime_checkable
class FrameRenderer(Protocol):
    """A making that can show one frame without inputs and without a job."""

    async def frame(
        self, order: RenderOrder, context: RenderContext, at_ms: int | None
    ) -> tuple[Composition, int]:
        """The composition and the number of its frame at ``at_ms``, or of a telling one."""


@runtime_checkable
class CacheKeyProvider(Protocol):
    """A making whose result depends on more than the order, the inputs and this code."""

    def depends_on(self, order: RenderOrder, services: EngineResources) -> str | None:
        """What else decides the result, an engine's version say; ``None``: never answer from
        the cache."""


def _modules() -> Iterator[str]:
    yield from (
        f"{types.__name__}.{module.name}" for module in pkgutil.iter_modules(types.__path__)
    )
    yield from (point.value for point in entry_points(group=ENTRY_POINT_GROUP))


@cache
def all_renderers() -> Mapping[str, Renderer]:
    """Every making that is installed, by the name of its type."""
    found: dict[str, Renderer] = {}
    for name in _modules():
        making: Renderer = importlib.import_module(name)
        if making.NAME in found:
            raise ValueError(f"two makings are named {making.NAME!r} (second: {name})")
        found[making.NAME] = making
    return MappingProxyType(found)


def is_own(making: Renderer) -> bool:
    """Whether it is one of this package's, and not another distribution's."""
    return isinstance(making, ModuleType) and making.__name__.startswith(f"{types.__name__}.")


def renderer_for(name: str) -> Renderer:
    """The making of that type; raises ``InvalidRequest`` if this renderer has none."""
    making = all_renderers().get(name)
    if making is None:
        raise InvalidRequest(f"This renderer cannot make {name!r}.", field="type")
    return making
