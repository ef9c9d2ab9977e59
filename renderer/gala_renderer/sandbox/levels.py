"""How far programs can be confined, by names that operators see."""

from __future__ import annotations

from enum import StrEnum


class SandboxLevel(StrEnum):
    """How far the programs are confined; ``docs/security.md`` says what each stops."""

    LIMITS = "limits"
    LANDLOCK = "landlock"
    NAMESPACES = "namespaces"


class SandboxMode(StrEnum):
    """What an operator asks for."""

    STRICT = "strict"
    """Namespaces, or the renderer does not start."""
    AUTO = "auto"
    """The most that this host allows."""
    OFF = "off"
    """Limits only."""
