"""The videos that a caller names: URLs, GALA's own links among them, or assets' ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gala.ids import Prefix, is_id
from gala_api import links
from gala_api.processing.operations import Operation
from gala_api.services import Services


def inputs_of(services: Services, operation: Operation, sources: Sequence[str]) -> dict[str, Any]:
    """The job's inputs: assets where all are GALA's own, else URLs, which a worker fetches."""
    assets = [_asset_id(services, source) for source in sources]
    if None not in assets:
        return _input(operation, "asset_id", assets)
    urls = [_url(services, source) for source in sources]
    return _input(operation, "url", urls)


def _input(operation: Operation, form: str, values: Sequence[Any]) -> dict[str, Any]:
    if operation.many:
        return {f"{operation.source}_{form}s": list(values)}
    return {f"{operation.source}_{form}": values[0]}


def _asset_id(services: Services, source: str) -> str | None:
    return source if is_id(Prefix.ASSET, source) else links.own_asset_id(services, source)


def _url(services: Services, source: str) -> str:
    if is_id(Prefix.ASSET, source):
        return f"{services.settings.base_url}/assets/{source}/content"
    return source
