"""Pages in HTML as elements."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from gala.timeline.document.placement import VisibleParams

MAX_HTML: Final = 200_000
MAX_SECONDS: Final = 60


class HtmlElement(VisibleParams):
    """A page in HTML, with CSS and JavaScript, drawn by Chromium where the operator allows it.

    It is transparent where it has no background, and has no network: pictures and fonts are `data:`
    URLs. Its time is that of the film.
    """

    type: Literal["html"]
    html: Annotated[str, StringConstraints(min_length=1, max_length=MAX_HTML)] = Field(
        description="The page, with all that it needs.",
        examples=["<h1 style='color: gold'>Tonight</h1>"],
    )
    page_width: int = Field(
        default=1000,
        ge=16,
        le=4096,
        description="Width of the page in CSS pixels; its height follows from the box, and its"
        " pixels are as small as the film's.",
    )
