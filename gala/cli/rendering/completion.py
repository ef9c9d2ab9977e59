"""Shell completion of option values."""

from __future__ import annotations


def voices(incomplete: str) -> list[str]:
    """Return the voices of Kokoro and espeak-ng; others are known only at run time."""
    from gala.render_types.params import (  # noqa: PLC0415 - only for completion
        espeak_voices,
        kokoro_voices,
    )

    known = (*kokoro_voices.VOICES, *espeak_voices.VOICES)
    return [voice for voice in known if voice.startswith(incomplete)]


def render_types(incomplete: str) -> list[tuple[str, str]]:
    """Return every render type with its summary."""
    from gala.render_types import all_types  # noqa: PLC0415 - as above

    found = sorted(all_types().items())
    return [(name, one.summary) for name, one in found if name.startswith(incomplete)]
