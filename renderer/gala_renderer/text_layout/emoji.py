"""Which characters are shown as pictures, in colours of their own (Unicode TS #51)."""

from __future__ import annotations

from typing import Final

_AS_PICTURE: Final = "\ufe0f"
_AS_TEXT: Final = "\ufe0e"
_KEY: Final = "\u20e3"
_PICTURES: Final = range(0x1F000, 0x20000)
# The older ones that are pictures unless a selector says otherwise.
_OLDER: Final = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"  # noqa: RUF001
)


def is_emoji(text: str, at: int) -> bool:
    """Whether the character there begins a picture."""
    after = text[at + 1 : at + 3]
    if after.startswith(_AS_TEXT):
        return False
    if after.startswith((_AS_PICTURE, _KEY)):
        return True
    return text[at] in _OLDER or ord(text[at]) in _PICTURES
