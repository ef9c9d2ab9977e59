"""Calls to the engine with the argument names of the Python library."""

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
    """Execute an order in this process.

    The name of an invalid field is reported without ``params.``, as the argument is called.
    """
    try:
        return in_process.engine(ffmpeg).make(order, on_progress)
    except InvalidRequest as error:
        match = _PARAM.match(error.message)
        if match is None:
            raise
        message = error.message.removeprefix("params.")
        raise InvalidRequest(message, field=match[1], hint=error.hint) from error


def captions_of(words: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return words with their times as ``[{"text", "start_ts", "end_ts"}]``."""
    names = tuple(TimedWord.model_fields)
    return [{name: word[name] for name in names} for word in words]
