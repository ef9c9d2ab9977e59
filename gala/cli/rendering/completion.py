"""What the shell offers for values that are many."""

from __future__ import annotations


def voices(incomplete: str) -> list[str]:
    """Kokoro's voices; those of other engines are known to the engines alone."""
    from gala.render_types.params.kokoro_voices import VOICES  # noqa: PLC0415 - only when somebody presses Tab

    return [voice for voice in VOICES if voice.startswith(incomplete)]


def render_types(incomplete: str) -> list[tuple[str, str]]:
    """Every render type, and what it is."""
    from gala.render_types import all_types  # noqa: PLC0415 - as above

    found = sorted(all_types().items())
    return [(name, one.summary) for name, one in found if name.startswith(incomplete)]
