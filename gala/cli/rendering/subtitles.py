"""Captions in the formats that players read: WebVTT, SubRip and ASS."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gala.cli.rendering.output_paths import ending
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import RenderSession
from gala.errors import InvalidRequest

ROLES: Final[Mapping[str, str]] = {".vtt": "captions", ".srt": "srt", ".ass": "ass"}
"""Outputs of the render type ``captions`` by file ending."""
_CUE: Final = "-->"
_WORD: Final = ("text", "start_ts", "end_ts")


def check_ending(target: Path, label: str, more: Sequence[str] = (".json",)) -> None:
    """Raise ``InvalidRequest`` unless the file's ending is one of captions or of ``more``."""
    known = (*ROLES, *more)
    if ending(target) not in known:
        raise InvalidRequest(
            f"{label}: {target} has none of the endings {', '.join(known)}", field=label
        )


def write_captions(
    session: RenderSession, words: Sequence[Mapping[str, Any]], target: Path
) -> None:
    """Group timed words into captions, in the format of the target's ending."""
    plain = [{name: word[name] for name in _WORD} for word in words]
    session.make(
        RenderCommand(type="captions", params={"words": plain}), {ROLES[ending(target)]: target}
    )


def convert_captions(session: RenderSession, vtt: str, suffix: str) -> str:
    """Return WebVTT in another format; an empty text, with a warning, if it has no captions."""
    if _CUE not in vtt:
        session.warnings.append("no speech was detected, so there are no captions")
        return ""
    role = ROLES[suffix]
    with tempfile.TemporaryDirectory(prefix="gala-") as folder:
        file = Path(folder) / "captions.vtt"
        file.write_text(vtt, encoding="utf-8")
        command = RenderCommand(type="captions", inputs={"subtitles": [file]})
        return session.make(command, read=(role,)).texts[role]
