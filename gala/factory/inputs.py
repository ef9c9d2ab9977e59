"""Input files of a task: local files, results of other tasks, or assets of a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from gala.factory.models import MediaResult, MediaTask
from gala.ids import Prefix, is_id


def _source(value: Any) -> Path | str:
    if isinstance(value, MediaTask):
        value = value.result
    if isinstance(value, MediaResult):
        value = value.path or value.asset_id
    if isinstance(value, str) and is_id(Prefix.ASSET, value):
        return value
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError("must be the path of a file, the result of a task, or an asset id")
    path = Path(value)
    if not path.is_file():
        raise ValueError(f"there is no file {value}")
    return path.absolute()


Source: TypeAlias = Annotated[Path | str, BeforeValidator(_source)]
"""A path, or the id of an asset as text."""
