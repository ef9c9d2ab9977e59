"""Ids in paths. A malformed id is reported as not found, not as invalid."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from gala.ids import Prefix, pattern


def _id(name: str, prefix: Prefix) -> Any:
    # The pattern is documented, not enforced.
    form = {"pattern": pattern(prefix)}
    return Path(
        alias=name, json_schema_extra=form, examples=[f"{prefix}_01JD3Z4V8QJ6X2M0T5B7C9D1EF"]
    )


AssetId = Annotated[str, _id("assetId", Prefix.ASSET)]
JobId = Annotated[str, _id("jobId", Prefix.JOB)]
KeyId = Annotated[str, _id("keyId", Prefix.API_KEY)]
ModelId = Annotated[str, _id("modelId", Prefix.MODEL)]
TemplateId = Annotated[str, _id("templateId", Prefix.TEMPLATE)]
