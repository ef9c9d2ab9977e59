"""Requests for single frames of compositions, with the files that the API has sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gala.frame_protocol import FrameFile, TimelineFrameRequest
from gala.media import MediaFacts
from gala_renderer.engine.received_files import ReceivedFiles
from gala_renderer.timeline.frame import FrameOrder, checked_composition


@dataclass(frozen=True, slots=True)
class _SentFile:
    """A file that the API sends when it is needed."""

    file: FrameFile
    received: ReceivedFiles

    @property
    def key(self) -> str:
        """Its digest."""
        return self.file.sha256

    @property
    def mime(self) -> str:
        """Its MIME type."""
        return self.file.mime

    @property
    def facts(self) -> MediaFacts | None:
        """What is known of it."""
        return self.file.facts

    def stage(self, target: Path) -> bool:
        """Link the file to a path; return False if it has to be sent first."""
        return self.received.stage(self.file.sha256, target)


def frame_order(request: TimelineFrameRequest, received: ReceivedFiles) -> FrameOrder:
    """Return what a request wants. Raise InvalidRequest for a composition that is not valid."""
    return FrameOrder(
        params=checked_composition(request.params, request.frame),
        frame=request.frame,
        at=request.at,
        format=request.format,
        width=request.width,
        files={file.source: _SentFile(file, received) for file in request.files},
    )
