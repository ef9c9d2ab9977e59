"""Levels of confinement, by the names that operators see."""

from __future__ import annotations

from enum import StrEnum


class SandboxLevel(StrEnum):
    """How programs are confined; ``docs/security.md`` says what each level prevents."""

    LIMITS = "limits"
    LANDLOCK = "landlock"
    NAMESPACES = "namespaces"


class SandboxMode(StrEnum):
    """The operator's setting ``GALA_SANDBOX``."""

    STRICT = "strict"
    """Namespaces, or the renderer does not start."""
    AUTO = "auto"
    """The strongest level that this host allows."""
    OFF = "off"
    """Resource limits only."""
