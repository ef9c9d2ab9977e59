"""The part of a frame that a player covers with its own controls, and captions outside it."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from gala.render_types.base import TypeParams
from gala.render_types.params.captions import PLACES, CaptionParams, CaptionPlace

HALF_HEIGHT: Final = 0.06
"""Half the height of two lines of captions in an upright frame, and some room."""
_USUAL_WIDTH: Final = 0.9


class SafeMargins(TypeParams):
    """Margins of the frame, as fractions of its height and width."""

    top: float = Field(default=0.0, ge=0, le=0.45, description="Of the height.")
    right: float = Field(default=0.0, ge=0, le=0.45, description="Of the width.")
    bottom: float = Field(default=0.0, ge=0, le=0.45, description="Of the height.")
    left: float = Field(default=0.0, ge=0, le=0.45, description="Of the width.")

    def free_position(self, usual: float) -> float:
        """Return the center of captions, that is usually at ``usual``, where it is free."""
        return max(min(usual, 1 - self.bottom - HALF_HEIGHT), min(usual, self.top + HALF_HEIGHT))

    def placed(self, look: CaptionParams) -> CaptionParams:
        """Return the look with the place that is free, as far as it sets none itself.

        ``bottom`` is where captions are without a place.
        """
        free = self.free_place()
        own = look.model_fields_set
        own = own - {"position"} if look.position is CaptionPlace.BOTTOM else own | {"position"}
        return look.model_copy(update={name: free[name] for name in free.keys() - own})

    def free_place(self) -> dict[str, float]:
        """Return position, x and width of captions, as far as the usual ones are not free."""
        found: dict[str, float] = {}
        usual = PLACES[CaptionPlace.BOTTOM]
        position = self.free_position(usual)
        if position != usual:
            found["position"] = position
        if self.left != self.right:
            found["x"] = (1 + self.left - self.right) / 2
        width = round(1 - self.left - self.right, 6)
        if width < _USUAL_WIDTH:
            found["width"] = width
        return found


class SafeMarginsParams(TypeParams):
    """Base of the params of types that keep margins of the frame free."""

    safe_margins: SafeMargins = Field(
        default=SafeMargins(),
        description=(
            "Margins that captions without a place of their own keep free, and with them logo and"
            " inset. By default those of `output.target`, else none."
        ),
    )
