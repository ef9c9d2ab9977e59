"""The encoded sound of films whose parts are kept: mixed and measured again only if it changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.engine.result_cache import code_digest
from gala_renderer.ffmpeg.encoder_options import AAC, MP4, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, seconds_text

_SOUND, _WARNINGS = "sound.m4a", "warnings.json"
_FOLDER: Final = "kept-sound"


@dataclass(frozen=True, slots=True)
class KeptSound:
    """The sound of a film as AAC in a folder of the attempt, and the warnings about it.

    ``key`` is the digest of everything that decides it.
    """

    key: str
    folder: Path
    cache: FolderCache

    @classmethod
    def of(
        cls,
        mixing: tuple[str, ...],
        lufs: float | None,
        context: RenderContext,
        digests: Mapping[Path, str],
    ) -> KeptSound:
        """Return the sound that a run with the arguments ``mixing`` writes, at a loudness.

        ``digests`` are those of the job's files.
        """
        known = {str(path): digest for path, digest in digests.items()}
        parts = [*_identified(mixing[:-1], known, context.scratch)]
        made = [code_digest(), str(context.ffmpeg.executable), lufs]
        key = hashlib.sha256(json.dumps(["sound", *made, *parts]).encode()).hexdigest()
        return cls(key, context.scratch / _FOLDER, context.services.film_parts)

    @property
    def path(self) -> Path:
        """The file in AAC."""
        return self.folder / _SOUND

    @property
    def stream(self) -> Stream:
        """The sound, to be copied."""
        return ffmpeg.input(str(self.path), f="mp4").audio

    def fetch(self) -> bool:
        """Take it from the cache; return False if it is not there."""
        return self.cache.fetch(self.key, self.folder)

    @property
    def warnings(self) -> list[str]:
        """What was noted when it was made."""
        found: list[str] = json.loads((self.folder / _WARNINGS).read_text(encoding="utf-8"))
        return found

    def encoded(self, sound: Stream, *, seconds: float) -> tuple[str, ...]:
        """Return arguments that encode it to the folder, which is created."""
        self.folder.mkdir()
        options: dict[str, Any] = {**MP4, **AAC, **REPRODUCIBLE, "t": seconds_text(seconds)}
        return tuple(ffmpeg.output(sound, str(self.path), **options).get_args())

    def store(self, warnings: list[str]) -> None:
        """Keep it with the warnings."""
        (self.folder / _WARNINGS).write_text(json.dumps(warnings), encoding="utf-8")
        self.cache.store(self.key, self.folder)


def _identified(
    arguments: tuple[str, ...], known: Mapping[str, str], scratch: Path
) -> Iterator[str]:
    """Yield arguments with what files contain instead of where they are."""
    for one in arguments:
        if one in known:
            yield known[one]
        elif Path(one).is_relative_to(scratch):
            with Path(one).open("rb") as file:
                yield hashlib.file_digest(file, "sha256").hexdigest()
        else:
            yield one
