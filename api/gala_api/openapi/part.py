"""What an adapter of a foreign contract adds to the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

Examples = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApiPart:
    """The tag of an adapter's routes, and examples for them."""

    tag: str
    description: str
    for_other_clients: bool = False
    """The routes serve clients of another server; the document lists them last."""
    models: Sequence[type[BaseModel]] = ()
    """Models of responses that its descriptions refer to, and no route declares."""
    request_examples: Examples = field(default_factory=dict)
    """Request bodies, by operation and title."""
    response_examples: Examples = field(default_factory=dict)
    """Response bodies, by operation and status."""
