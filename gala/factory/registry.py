"""Workflows by media type; plug-ins use the entry point group ``gala.workflows``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, overload

from gala.errors import EngineMissing
from gala.factory.base import MediaFactory
from gala.factory.models import MediaType

if TYPE_CHECKING:
    from gala.factory.image import ImageWorkflow
    from gala.factory.video import VideoWorkflow
    from gala.factory.voice import VoiceWorkflow

ENTRY_POINT_GROUP: Final = "gala.workflows"
WorkflowFactory = Callable[[Mapping[str, Any] | None], MediaFactory]


class MediaFactoryRegistry:
    """Looks up workflows; a registered one takes precedence over an entry point."""

    _registered: ClassVar[dict[str, WorkflowFactory]] = {}
    _defaults: ClassVar[dict[str, Mapping[str, Any]]] = {}
    _shared: ClassVar[dict[str, MediaFactory]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    @overload
    @classmethod
    def get_workflow(
        cls, media_type: Literal[MediaType.IMAGE], config: Mapping[str, Any] | None = None
    ) -> ImageWorkflow: ...
    @overload
    @classmethod
    def get_workflow(
        cls, media_type: Literal[MediaType.VIDEO], config: Mapping[str, Any] | None = None
    ) -> VideoWorkflow: ...
    @overload
    @classmethod
    def get_workflow(
        cls, media_type: Literal[MediaType.VOICE], config: Mapping[str, Any] | None = None
    ) -> VoiceWorkflow: ...
    @overload
    @classmethod
    def get_workflow(
        cls, media_type: MediaType | str, config: Mapping[str, Any] | None = None
    ) -> MediaFactory: ...
    @classmethod
    def get_workflow(
        cls, media_type: MediaType | str, config: Mapping[str, Any] | None = None
    ) -> MediaFactory:
        """Return the workflow of that name; without ``config``, one shared instance.

        A workflow that is registered as ``image``, ``video`` or ``voice`` must have the methods of
        the one that it replaces.

        Raise ``ValueError`` for an unknown name or an invalid ``config``.
        """
        name = str(media_type)
        if config is not None:
            return cls._factory(name)({**cls._defaults.get(name, {}), **config})
        with cls._lock:
            if name not in cls._shared:
                cls._shared[name] = cls._factory(name)(cls._defaults.get(name))
            return cls._shared[name]

    @classmethod
    def register(
        cls,
        media_type: MediaType | str,
        workflow: WorkflowFactory,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Register a workflow class under a name.

        ``config`` has its default settings, which the caller's settings override.
        """
        name = str(media_type)
        with cls._lock:
            cls._registered[name] = workflow
            cls._defaults[name] = dict(config or {})
            cls._shared.pop(name, None)

    @classmethod
    def list_available_workflows(cls) -> list[str]:
        """Return the names that :meth:`get_workflow` accepts."""
        installed = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}
        return sorted(installed | cls._registered.keys())

    @classmethod
    def _factory(cls, name: str) -> WorkflowFactory:
        if name in cls._registered:
            return cls._registered[name]
        for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
            try:
                found: WorkflowFactory = point.load()
            except ImportError as error:
                raise EngineMissing(f"The workflow {name!r} cannot be loaded: {error}.") from error
            return found
        raise ValueError(
            f"media_type: there is no workflow {name!r}; there are"
            f" {', '.join(cls.list_available_workflows())}"
        )
