"""Frames of files that were decoded and fitted for one picture, kept for the next ones.

While somebody edits a film, the same moment is drawn again and again with other texts over it. A
frame of a video is decoded from its last key frame on, which may be hundreds of frames before it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import ffmpeg

from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.engine.result_cache import code_digest
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.timeline.graph import raw_frames

_FILE: Final = "frame"


@dataclass(frozen=True, slots=True)
class FrameShape:
    """How a frame is stored: 4:2:0 in BT.709, with transparency if ``alpha``; sides are even."""

    width: int
    height: int
    alpha: bool

    @property
    def pixels(self) -> str:
        """FFmpeg's name of the format."""
        return "yuva420p" if self.alpha else "yuv420p"

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.width * self.height * (5 if self.alpha else 3) // 2

    def frames_in(self, path: Path) -> int:
        """Return the number of frames in a file; 0 for a part, and for anything but a file.

        A program may have left a link.
        """
        try:
            found = os.lstat(path)
        except OSError:
            return 0
        whole, rest = divmod(found.st_size, self.size)
        return whole if stat.S_ISREG(found.st_mode) and not rest else 0


@dataclass(frozen=True, slots=True)
class FrameStore:
    """Where frames of one picture are written and kept, and what identifies them."""

    cache: FolderCache
    contents: dict[Path, str]
    """What identifies the contents of files, by path."""
    decoder: str
    """Identifies the program that decodes."""
    folder: Path
    """Where frames are written."""

    def key(self, file: Path, *what: str) -> str | None:
        """Return the key of what is made of a file; None if that is not kept.

        ``what`` says all that decides how it is made.
        """
        content = self.contents.get(file)
        if content is None:
            return None
        text = json.dumps([code_digest(), self.decoder, content, *what])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class KeptFrames:
    """The frames of one picture."""

    store: FrameStore
    beside: list[Stream] = field(default_factory=list)
    """Outputs that the run which draws the picture has to write as well."""
    _new: dict[str, tuple[Path, FrameShape]] = field(default_factory=dict)

    def frame(
        self,
        decoded: Stream,
        file: Path,
        what: str,
        shape: FrameShape,
        rate: Fraction,
        *,
        number: int,
    ) -> Stream:
        """Return a frame as it was kept, else ``decoded``, which is then written to be kept.

        ``what`` says all that decides how it is made of the file; ``number`` differs for each use.
        """
        key = self.store.key(file, what)
        if key is None:
            return decoded
        path = self.store.folder / f"{_FILE}-{key[:16]}.yuv"
        if path.exists() or self._fetch(key, path):
            size = shape.width, shape.height
            return raw_frames(path, size, rate, alpha=shape.alpha, number=number)
        if key in self._new:
            return decoded
        self._new[key] = path, shape
        copies = decoded.split()
        output = {"f": "rawvideo", "pix_fmt": shape.pixels, "frames:v": 1, **REPRODUCIBLE}
        self.beside.append(ffmpeg.output(copies[1], str(path), **output))
        return copies[0]

    def keep(self) -> None:
        """Keep what was written; without space on the disk, it is decoded again."""
        for key, (path, shape) in self._new.items():
            if shape.frames_in(path) == 1:
                with contextlib.suppress(OSError), self.store.cache.adding(key) as folder:
                    shutil.copyfile(path, folder / _FILE)

    def _fetch(self, key: str, path: Path) -> bool:
        try:
            # A copy: programs may write to the files of an attempt.
            shutil.copyfile(self.store.cache.folder(key) / _FILE, path)
        except OSError:
            return False
        self.store.cache.touch(key)
        return True
