"""The media engine in this very process, as far as it may be known without it.

Whoever wants it asks :func:`local_engine`; the renderer answers through the entry point group
``gala.engines``. Nothing of it is imported, nor any model loaded, before that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from gala.errors import EngineMissing
from gala.media import Format
from gala.render_protocol import Progress

ENTRY_POINT_GROUP: Final = "gala.engines"
LOCAL: Final = "local"
INSTALL: Final = 'pip install "gala[renderer]"'
_MISSING: Final = f"The media engine is not installed here: {INSTALL}."
USUAL_DEADLINE_SECONDS: Final = 4 * 60 * 60.0

OnProgress: TypeAlias = Callable[[Progress], None]
Files: TypeAlias = Path | Sequence[Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaOrder:
    """What is to be made: a render type's name and params, files in, and where files go."""

    type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Files] = field(default_factory=dict)
    """By the type's names of its inputs (``videos``), without ``_asset_id``."""
    outputs: Mapping[str, Path] = field(default_factory=dict)
    """Where the outputs of these roles go; what lies there is replaced when they are whole."""
    read: Collection[str] = ()
    """Roles whose content is wanted as text, without a file."""
    format: Format | None = None
    duration_ms: int | None = None
    deadline_seconds: float = USUAL_DEADLINE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A finished output where it was wanted; ``size`` in bytes."""

    path: Path
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What an order made, by role, and what the engine warned of."""

    files: Mapping[str, MadeFile]
    texts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class LocalEngine(Protocol):
    """Makes orders in this process; any number at once, from any thread or event loop."""

    def make(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Make it and wait; whatever ends the waiting (Ctrl-C, too) ends the work.

        ``on_progress`` is called in the caller's thread. Raises ``InvalidRequest`` naming the
        field, ``EngineMissing`` naming what to install, and whatever ends a render.
        """

    async def make_async(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """The same without blocking the event loop; cancelling the task ends the work."""

    def lacks(self, what: str) -> str | None:
        """``None`` if that speech engine, or ``whisper``, can work here, or one sentence that
        says what to install."""


def local_engine() -> LocalEngine:
    """The engine of this process, made at the first call and kept until the process ends.

    Raises ``EngineMissing`` if it is not installed.
    """
    for point in entry_points(group=ENTRY_POINT_GROUP, name=LOCAL):
        try:
            make = point.load()
        except ModuleNotFoundError as error:
            # Somebody may have installed the client without the renderer's package.
            raise EngineMissing(_MISSING) from error
        engine: LocalEngine = make()
        return engine
    raise EngineMissing(_MISSING)
