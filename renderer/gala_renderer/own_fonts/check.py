"""The job of the program that checks a font file, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, kw_only=True)
class FontCheck:
    """A file to check; its faces are written to ``folder``, one file each."""

    source: Path
    folder: Path


class FontAnswer(BaseModel):
    """Why a file is refused, or the names of the files of its faces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refused: str | None = None
    faces: tuple[str, ...] = ()
