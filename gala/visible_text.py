"""The pattern of texts that people are to see or hear."""

from __future__ import annotations

from typing import Final

_CONTROLS: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"

VISIBLE_TEXT: Final = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"
"""At least one visible character; no control characters but tabs and line breaks."""
