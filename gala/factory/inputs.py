"""Files that a task is given: of this machine, of another task, or assets of a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from gala.factory.models import MediaResult, MediaTask
from gala.ids import Prefix, is_id


def _source(given: Any) -> Path | str:
    if isinstance(given, MediaTask):
        given = given.result
    if isinstance(given, MediaResult):
        given = given.path or given.asset_id
    if isinstance(given, str) and is_id(Prefix.ASSET, given):
        return given
    if not isinstance(given, str | Path) or not str(given):
        raise ValueError("must be a file's path, the result of a task or an asset's id")
    path = Path(given)
    if not path.is_file():
        raise ValueError(f"there is no file {given}")
    return path.absolute()


Source: TypeAlias = Annotated[Path | str, BeforeValidator(_source)]
"""A path, or an asset's id as text."""
