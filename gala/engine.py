"""The engine protocol: what makes media from an order, on this machine or on a server.

:func:`local_engine` returns the engine of this process; the renderer provides it through the entry
point group ``gala.engines``. Nothing of the renderer is imported, and no model is loaded, before
that call. :class:`gala.client.remote_engine.RemoteEngine` makes the same orders as jobs of a
server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from gala.entry_points import entry_points
from gala.errors import EngineMissing, InvalidRequest
from gala.frame_protocol import FrameFormat
from gala.installation import install_hint
from gala.media import Format, SpokenBy
from gala.render_protocol import Progress
from gala.renderer_features import RendererFeatures

ENTRY_POINT_GROUP: Final = "gala.engines"
LOCAL: Final = "local"
USUAL_DEADLINE_SECONDS: Final = 4 * 60 * 60.0

OnProgress: TypeAlias = Callable[[Progress], None]
Source: TypeAlias = Path | str
"""A file of this machine, or, as text, the id of an asset on the engine's server."""
Files: TypeAlias = Source | Sequence[Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaOrder:
    """One piece of work: a render type with its params, input files, and paths for the outputs."""

    type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Files] = field(default_factory=dict)
    """Keyed by the render type's input names (``videos``), without ``_asset_id``."""
    outputs: Mapping[str, Path] = field(default_factory=dict)
    """Target path by role; an existing file is replaced once the new one is complete."""
    read: Collection[str] = ()
    """Roles whose content is returned as text instead of a file."""
    format: Format | None = None
    duration_ms: int | None = None
    deadline_seconds: float = USUAL_DEADLINE_SECONDS
    field_names: Mapping[str, str] = field(default_factory=dict)
    """What the caller calls fields that warnings name, by the field or the beginning of it."""

    def in_own_names(self, warning: str) -> str:
        """Return a warning with the caller's names of its fields."""
        for name, own in self.field_names.items():
            warning = warning.replace(name, own)
        return warning


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A finished output at its target path; ``size`` in bytes."""

    path: Path
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The result of an order: outputs by role, and the engine's warnings."""

    files: Mapping[str, MadeFile]
    texts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    speech: tuple[SpokenBy, ...] = ()
    """The engines and voices that speak in the outputs, each once."""
    job_id: str | None = None
    """The job that did the work, if a server did it."""
    assets: Mapping[str, str] = field(default_factory=dict)
    """Asset ids of all outputs by role, if a server did the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechVoice:
    """A voice of a speech engine; ``language`` is a BCP 47 tag."""

    name: str
    engine: str
    language: str
    gender: str | None = None
    title: str = ""
    """A name for people."""
    description: str = ""
    licence: str | None = None
    """The SPDX identifier of the licence of the voice, if known; not that of the speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameQuery:
    """One frame of a composition; ``at`` is in seconds of the film."""

    params: Mapping[str, Any]
    """The composition."""
    frame: Format
    """Size and frame rate of the film."""
    at: float
    format: FrameFormat = FrameFormat.PNG
    width: int | None = None
    """Width of the picture in pixels; that of the film if unset."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """The files of the composition, by the names that it has for them."""


@runtime_checkable
class DrawsFrames(Protocol):
    """An engine that draws single frames of compositions."""

    def timeline_frame(self, query: FrameQuery) -> bytes:
        """Return the picture. Raise InvalidRequest naming the field, or what ends a render."""


@runtime_checkable
class KnowsFeatures(Protocol):
    """An engine that knows what it has for compositions."""

    def features(self) -> RendererFeatures:
        """Return its fonts, and whether it draws pages in HTML."""


class Engine(Protocol):
    """Makes media from orders; any number at once, from any thread or event loop."""

    def make(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Make the order and block until it is finished; an exception in the caller cancels it.

        That includes ``KeyboardInterrupt`` and ``SystemExit``. ``on_progress`` is called in the
        caller's thread; its fraction never decreases. Raises ``InvalidRequest`` naming the field,
        ``EngineMissing`` naming what to install, and any other error that ends a render.
        """

    async def make_async(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Like :meth:`make`, without blocking the event loop; cancelling the task cancels it."""

    def lacks(self, what: str) -> str | None:
        """Return what to install, in one sentence, if a speech engine or ``whisper`` is missing.

        Return ``None`` if it is available, or if only making an order can tell.
        """

    def voices(self) -> Sequence[SpeechVoice]:
        """Return the voices of all speech engines that are available."""

    def voice_sample(self, voice: SpeechVoice) -> bytes:
        """Return an MP3 file in which the voice speaks a sentence; it is made once and kept."""


def local_engine() -> Engine:
    """Return the engine of this process, created at the first call and kept until exit.

    Raises ``EngineMissing`` if it is not installed.
    """
    for point in entry_points(group=ENTRY_POINT_GROUP, name=LOCAL):
        try:
            create = point.load()
        except ModuleNotFoundError as error:
            # The client can be installed without the renderer's package.
            raise EngineMissing(_missing()) from error
        engine: Engine = create()
        return engine
    raise EngineMissing(_missing())


def _missing() -> str:
    return f"The media engine is not installed here: {install_hint('renderer')}."


def sources_of(files: Files) -> tuple[Source, ...]:
    """Return the files of one input as a tuple."""
    return (files,) if isinstance(files, Path | str) else tuple(files)


def local_files(name: str, files: Files) -> tuple[Path, ...]:
    """Return the files of the input ``name``; raise ``InvalidRequest`` if one is an asset id."""
    found: list[Path] = []
    for source in sources_of(files):
        if not isinstance(source, Path):
            raise InvalidRequest(
                f"{name}: {source} is an asset of a server; here, a file is needed.", field=name
            )
        found.append(source)
    return tuple(found)
