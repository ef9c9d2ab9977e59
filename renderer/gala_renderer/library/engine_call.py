"""What the doors have in common: files as callers name them, orders, and errors in their words."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from gala.engine import Made, MediaOrder, OnProgress
from gala.errors import InvalidRequest
from gala.render_types.params.captions import TimedWord
from gala_renderer import in_process

PathLike: TypeAlias = str | os.PathLike[str]

_PARAM: Final = re.compile(r"params\.([\w.]+): ")


def make(
    order: MediaOrder, on_progress: OnProgress | None = None, ffmpeg: Path | None = None
) -> Made:
    """Have the engine of this process make it.

    A field that is refused is named as the caller calls it, without ``params.``.
    """
    try:
        return in_process.engine(ffmpeg).make(order, on_progress)
    except InvalidRequest as error:
        named = _PARAM.match(error.message)
        if named is None:
            raise
        message = error.message.removeprefix("params.")
        raise InvalidRequest(message, field=named[1], hint=error.hint) from error


def captions_of(words: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Words with their times as ``[{"text", "start_ts", "end_ts"}]``."""
    wanted = tuple(TimedWord.model_fields)
    return [{name: word[name] for name in wanted} for word in words]
