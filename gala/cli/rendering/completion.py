"""Shell completion of option values."""

from __future__ import annotations


def voices(incomplete: str) -> list[str]:
    """Return Kokoro's voices; the voices of other engines are known only at run time."""
    from gala.render_types.params.kokoro_voices import VOICES  # noqa: PLC0415 - only for completion

    return [voice for voice in VOICES if voice.startswith(incomplete)]


def render_types(incomplete: str) -> list[tuple[str, str]]:
    """Return every render type with its summary."""
    from gala.render_types import all_types  # noqa: PLC0415 - as above

    found = sorted(all_types().items())
    return [(name, one.summary) for name, one in found if name.startswith(incomplete)]
