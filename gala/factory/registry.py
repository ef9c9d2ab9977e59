"""Workflows by what they make; new ones come through the entry point group ``gala.workflows``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, ClassVar, Final

from gala.errors import EngineMissing
from gala.factory.base import MediaFactory
from gala.factory.models import MediaType

ENTRY_POINT_GROUP: Final = "gala.workflows"
Make = Callable[[Mapping[str, Any] | None], MediaFactory]


class MediaFactoryRegistry:
    """Gives workflows. A registered one goes before an entry point's of the same name."""

    _registered: ClassVar[dict[str, Make]] = {}
    _defaults: ClassVar[dict[str, Mapping[str, Any]]] = {}
    _usual: ClassVar[dict[str, MediaFactory]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def get_workflow(
        cls, media_type: MediaType | str, config: Mapping[str, Any] | None = None
    ) -> MediaFactory:
        """The workflow of that name; without ``config``, everybody's one.

        Raises ``ValueError`` for a name that there is not, and for a ``config`` that is wrong.
        """
        name = str(media_type)
        if config is not None:
            return cls._make(name)({**cls._defaults.get(name, {}), **config})
        with cls._lock:
            if name not in cls._usual:
                cls._usual[name] = cls._make(name)(cls._defaults.get(name))
            return cls._usual[name]

    @classmethod
    def register(
        cls,
        media_type: MediaType | str,
        workflow: Make,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Have ``workflow`` (its class) make what is asked for under that name.

        ``config`` is what it is told where the caller does not say otherwise.
        """
        name = str(media_type)
        with cls._lock:
            cls._registered[name] = workflow
            cls._defaults[name] = dict(config or {})
            cls._usual.pop(name, None)

    @classmethod
    def list_available_workflows(cls) -> list[str]:
        """The names that :meth:`get_workflow` knows."""
        installed = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}
        return sorted(installed | cls._registered.keys())

    @classmethod
    def _make(cls, name: str) -> Make:
        if name in cls._registered:
            return cls._registered[name]
        for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
            try:
                found: Make = point.load()
            except ImportError as error:
                raise EngineMissing(f"The workflow {name!r} does not load: {error}.") from error
            return found
        raise ValueError(
            f"media_type: there is no workflow {name!r}; there are"
            f" {', '.join(cls.list_available_workflows())}"
        )
