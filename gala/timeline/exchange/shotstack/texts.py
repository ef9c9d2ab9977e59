"""Texts of Shotstack: ``text``, ``rich-text``, ``title`` and simple ``html``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final

from gala.timeline.exchange.imported import MAX_TEXT
from gala.timeline.exchange.shotstack.values import (
    Json,
    Losses,
    Path,
    Size,
    color,
    font,
    number,
    obj,
    percent,
)

_FONT_SIZE: Final = 32.0
_TITLE_SIZES: Final = {
    "xx-small": 0.03,
    "x-small": 0.045,
    "small": 0.06,
    "medium": 0.08,
    "large": 0.11,
    "x-large": 0.14,
    "xx-large": 0.18,
}
_CASES: Final = {"uppercase": str.upper, "lowercase": str.lower, "capitalize": str.title}


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text with its look, and the box that it is in."""

    text: str
    look: dict[str, Any]
    size: Size | None
    """Of the box in pixels, if it is given."""
    vertical: str = "center"
    """``top``, ``center`` or ``bottom``: where in its box."""
    background: tuple[str, float] | None = None
    """Colour and opacity of the box."""
    radius: float = 0.0
    """Of the box, in pixels."""
    padding: float | None = None
    """Pixels between the text and the edges of its box; None if it is not given."""


def read_text(asset: Json, clip: Json, frame: Size, path: Path, losses: Losses) -> ReadText:
    """Return the text of an asset of type ``text``, ``rich-text``, ``title`` or ``html``."""
    if asset.get("type") == "html":
        return _html(asset, frame, path, losses)
    if asset.get("type") == "title":
        return _title(asset, path, losses)
    style, align = obj(asset.get("style")), _align(asset)
    background = obj(asset.get("background"))
    found = color(background.get("color"))
    opacity = number(background.get("opacity"), 0, 1)
    for name in ("animation", "ellipsis", "shadow"):
        if asset.get(name):
            losses.add((*path, name), f"The {name} of the text was left out.")
    look = _look(asset, style, frame, path, losses)
    if align[0] != "center":
        look["align"] = align[0]
    return ReadText(
        _cased(_plain(asset.get("text")), style),
        look,
        _size(asset, clip),
        align[1],
        found if found is None or opacity is None else (found[0], opacity),
        number(background.get("borderRadius"), 0) or 0.0,
        # A rich text has it itself.
        number(background.get("padding", asset.get("padding")), 0),
    )


def _look(asset: Json, style: Json, frame: Size, path: Path, losses: Losses) -> dict[str, Any]:
    """Return the fields of GALA's text element."""
    about = obj(asset.get("font"))
    look, is_known = font(about.get("family"), about.get("weight"))
    if not is_known:
        message = f"GALA does not have the font {str(about.get('family'))[:60]!r}."
        losses.add((*path, "font", "family"), message)
    size = number(about.get("size"), 1) or _FONT_SIZE
    look["font_size"] = percent(size / frame.short_side, 0.001, 1)
    found = color(about.get("color"))
    if found is not None:
        look["color"] = found[0]
    opacity = number(about.get("opacity"), 0, 1)
    if opacity is not None and opacity < 1:
        look["opacity"] = opacity
    height = number(style.get("lineHeight", about.get("lineHeight")), 0.5, 4)
    if height is not None:
        look["line_height"] = height
    stroke = obj(asset.get("stroke"))
    width = number(stroke.get("width"), 0)
    outline = color(stroke.get("color"))
    if width and outline is not None:
        look["stroke_width"] = percent(width / frame.short_side, 0, 0.05)
        look["stroke_color"] = outline[0]
    return look


def _align(asset: Json) -> tuple[str, str]:
    """Return how a text is aligned, across and down."""
    align = obj(asset.get("align") or asset.get("alignment"))
    across = str(align.get("horizontal") or "center")
    down = str(align.get("vertical") or "center").replace("middle", "center")
    return (
        across if across in {"left", "right"} else "center",
        down if down in {"top", "bottom"} else "center",
    )


def _size(asset: Json, clip: Json) -> Size | None:
    width = number(asset.get("width") or clip.get("width"), 1)
    height = number(asset.get("height") or clip.get("height"), 1)
    return None if width is None or height is None else Size(width, height)


def _cased(text: str, style: Json) -> str:
    return _CASES.get(str(style.get("textTransform")), str)(text)


def _plain(value: Any) -> str:
    """Return a text without control characters, of the greatest length that GALA takes."""
    text = "" if value is None or isinstance(value, dict | list) else str(value)
    kept = "".join(one if one.isprintable() or one == "\n" else " " for one in text)
    return kept.strip()[:MAX_TEXT]


def _title(asset: Json, path: Path, losses: Losses) -> ReadText:
    losses.add((*path, "style"), "The style of the title became GALA's usual look.")
    size = _TITLE_SIZES.get(str(asset.get("size")), _TITLE_SIZES["medium"])
    look: dict[str, Any] = {"font_size": percent(size)}
    found = color(asset.get("color"))
    if found is not None:
        look["color"] = found[0]
    return ReadText(_plain(asset.get("text")), look, None, "center", color(asset.get("background")))


class _Words(HTMLParser):
    """The words of HTML, with its line breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(re.sub(r"\s+", " ", data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "br":
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "div", "h1", "h2", "h3", "li"}:
            self.words.append("\n")


def _html(asset: Json, frame: Size, path: Path, losses: Losses) -> ReadText:
    """Return the words of HTML; of its CSS, font, size, colour and alignment are used."""
    parser = _Words()
    parser.feed(str(asset.get("html") or ""))
    words = _plain("".join(parser.words))
    css = str(asset.get("css") or "")
    if words:
        losses.add((*path, "html"), "HTML became a text with one look.")
    about = {
        "family": _property(css, "font-family").strip("'\" "),
        "size": _property(css, "font-size").removesuffix("px"),
        "color": _property(css, "color"),
        "weight": _property(css, "font-weight"),
    }
    look = _look({"font": about}, {}, frame, path, losses)
    align = _property(css, "text-align")
    if align in {"left", "right"}:
        look["align"] = align
    return ReadText(words, look, _size(asset, {}), "center", color(asset.get("background")))


def _property(css: str, name: str) -> str:
    """Return the value of the first property of that name, empty if there is none."""
    found = re.search(rf"(?:^|[;{{\s]){name}\s*:\s*([^;}}]{{1,200}})", css[:20_000])
    return found[1].strip() if found else ""
