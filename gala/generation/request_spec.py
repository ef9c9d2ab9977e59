"""How a service is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """One way to ask for it: a path below the endpoint, and a JSON body."""

    path: str
    body: Mapping[str, Any]
    ignored: tuple[str, ...] = ()
    """What was wanted and cannot be said this way."""
