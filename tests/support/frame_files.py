"""Files of this machine, as single frames of compositions read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gala.media import MediaFacts


@dataclass
class File:
    """A file of this machine; ``facts`` are those that the API would send."""

    path: Path
    facts: MediaFacts | None = None
    is_there: bool = True
    mime: str = "video/mp4"
    staged: list[Path] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.path)

    def stage(self, target: Path) -> bool:
        if self.is_there:
            target.hardlink_to(self.path)
            self.staged.append(target)
        return self.is_there
