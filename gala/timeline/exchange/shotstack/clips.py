"""Clips of Shotstack: each becomes one element, or a text over the box behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gala.timeline.exchange.shotstack.looks import FILTERS, look_of
from gala.timeline.exchange.shotstack.placement import (
    Movement,
    appearance,
    box_of,
    first_value,
    motion,
    place_of,
    tweens,
)
from gala.timeline.exchange.shotstack.texts import ReadText, read_text
from gala.timeline.exchange.shotstack.values import (
    Json,
    Losses,
    Path,
    Size,
    color,
    number,
    obj,
    percent,
)

Element = dict[str, Any]

_FITS: Final = {"crop": "cover", "cover": "fill", "contain": "contain", "none": "none"}
"""By Shotstack's words: its ``cover`` stretches."""
_FILTERED: Final = frozenset({"image", "video"})
"""Types of assets whose filters are carried over, and whose effects of a camera."""
_FADES: Final = {"fadeIn": ("fade_in",), "fadeOut": ("fade_out",)}
_FADE_SECONDS: Final = 1.0
_ALIAS: Final = "alias://"


@dataclass(slots=True)
class ClipReader:
    """Reads clips of an edit with a frame of that size."""

    frame: Size
    losses: Losses

    def read(self, clip: Json, path: Path, length: float | None) -> list[Element]:
        """Return the elements of a clip without their times, the lowest first.

        ``length`` is its length in seconds, if it is known.
        """
        asset, where = obj(clip.get("asset")), (*path, "asset")
        kind = str(asset.get("type"))
        reader = _READERS.get(kind)
        if reader is None:
            self.losses.add(where, f"An asset of type {kind[:40]!r} was left out.")
            return []
        if kind in _VISIBLE:
            self._note_unknown(clip, path)
        return reader(self, clip, asset, path, length)

    def _note_unknown(self, clip: Json, path: Path) -> None:
        is_filtered = obj(clip.get("asset")).get("type") in _FILTERED and (
            clip.get("filter") in {*FILTERS, "none"}
        )
        for name in ("skew",) if is_filtered else ("filter", "skew"):
            if clip.get(name):
                self.losses.add((*path, name), f"The {name} was left out.")
        effect = clip.get("effect")
        has_camera = obj(clip.get("asset")).get("type") in _FILTERED
        if effect and effect != "none" and not has_camera:
            message = f"The effect {str(effect)[:40]!r} was left out; pictures and videos have it."
            self.losses.add((*path, "effect"), message)
        for name in ("skew", "flip"):
            if obj(clip.get("transform")).get(name):
                self.losses.add((*path, "transform", name), f"The {name} was left out.")

    # --- pictures ----------------------------------------------------------------------------

    def _picture(self, clip: Json, asset: Json, path: Path, length: float | None) -> list[Element]:
        source = asset.get("src")
        if not isinstance(source, str) or not source.strip():
            self.losses.add((*path, "asset"), "A clip without a file was left out.")
            return []
        element: Element = {"type": asset["type"], "src": source.strip()}
        fit = _FITS.get(str(clip.get("fit", "crop")), "cover")
        element |= {} if fit == "cover" else {"fit": fit}
        if asset["type"] == "video":
            element |= self._played(asset, (*path, "asset"), length)
        look = look_of(clip, asset)
        for name in ("crop", "chromaKey"):
            if asset.get(name) and not (name == "chromaKey" and "chroma_key" in look):
                self.losses.add((*path, "asset", name), f"The {name} was left out.")
        scale = first_value(clip.get("scale"), 1.0)
        if fit == "none" and not clip.get("width"):
            element |= {} if scale == 1 else {"scale": min(20.0, max(0.0, scale))}
        else:
            element |= box_of(clip, self.frame, scale)
        element |= motion(clip, path, self.losses)
        return [element | look | self._visible(clip, path, length)]

    def _visible(self, clip: Json, path: Path, length: float | None) -> Element:
        """Return place, movement, opacity and rotation."""
        movement = Movement(length)
        fades, moves = appearance(clip, path, length, self.losses)
        element = {**fades, **place_of(clip, moves, movement)}
        opacity = first_value(clip.get("opacity"), 1.0)
        if opacity < 1:
            element["opacity"] = max(0.0, opacity)
        movement.add("opacity", tweens(clip.get("opacity")), lambda part: min(1.0, max(0.0, part)))
        angle = obj(obj(clip.get("transform")).get("rotate")).get("angle")
        rotation = first_value(angle, 0.0)
        if rotation:
            element["rotation"] = min(3600.0, max(-3600.0, rotation))
        movement.add("rotation", tweens(angle), float)
        scales = tweens(clip.get("scale"))
        usual = scales[0].first if scales and scales[0].first else 1.0
        movement.add("scale", scales, lambda part: min(20.0, max(0.0, part / usual)))
        return element | movement.fields

    def _played(self, asset: Json, path: Path, length: float | None) -> Element:
        """Return which part of a file is played, how fast and how loud."""
        element: Element = {}
        trim = number(asset.get("trim"), 0)
        if trim:
            element["trim"] = {"start": trim}
        speed = number(asset.get("speed"), 0.1, 10)
        if speed is not None and speed != 1:
            element["speed"] = speed
        volume = asset.get("volume")
        level = first_value(volume, 1.0)
        if level != 1:
            element["volume"] = min(4.0, max(0.0, level))
        movement = Movement(length)
        movement.add("volume", tweens(volume), lambda part: min(4.0, max(0.0, part)))
        effect = str(asset.get("volumeEffect") or asset.get("effect") or "")
        if asset.get("type") == "video" and effect not in {"", "none"}:
            self.losses.add((*path, "volumeEffect"), f"The effect {effect[:40]!r} was left out.")
        elif effect.startswith("fade"):
            element |= fades_of(effect)
        return element | movement.fields

    # --- sound -------------------------------------------------------------------------------

    def _audio(self, clip: Json, asset: Json, path: Path, length: float | None) -> list[Element]:
        del clip
        source = asset.get("src")
        if asset.get("prompt") or not isinstance(source, str) or not source.strip():
            self.losses.add((*path, "asset"), "Sound without a file was left out.")
            return []
        played = self._played(asset, (*path, "asset"), length)
        return [{"type": "audio", "src": source.strip(), **played}]

    def _speech(self, clip: Json, asset: Json, path: Path, length: float | None) -> list[Element]:
        del clip, length
        text = str(asset.get("text") or "").strip()
        if not text:
            return []
        if asset.get("voice"):
            self.losses.add((*path, "asset", "voice"), "The voice is GALA's default.")
        return [{"type": "voice", "text": text}]

    def _caption(self, clip: Json, asset: Json, path: Path, length: float | None) -> list[Element]:
        del clip, length
        source = str(asset.get("src") or "")
        self.losses.add((*path, "asset"), "The captions have GALA's usual look.")
        if source.startswith(_ALIAS):
            return [{"type": "caption", "of": source.removeprefix(_ALIAS)}]
        return [{"type": "caption", "src": source}] if source else []

    # --- texts and shapes ----------------------------------------------------------------------

    def _text(self, clip: Json, asset: Json, path: Path, length: float | None) -> list[Element]:
        found = read_text(asset, clip, self.frame, (*path, "asset"), self.losses)
        common = self._visible(clip, path, length)
        scale = first_value(clip.get("scale"), 1.0)
        elements: list[Element] = []
        if found.background is not None and found.size is not None:
            elements.append(_box(found, found.size, self.frame, scale) | common)
        if found.text:
            elements.append(self._words(found, common, scale, path))
        return elements

    def _words(self, found: ReadText, common: Element, scale: float, path: Path) -> Element:
        """Return the text, over its box if that has a size; else with a box of its own."""
        look, size = dict(found.look), found.size
        if scale != 1:
            part = float(look["font_size"].rstrip("%")) / 100
            look["font_size"] = percent(part * scale, 0.001, 1)
        if "opacity" in look and "opacity" in common:
            look["opacity"] *= common["opacity"]
        element = {"type": "text", "text": found.text, **common, **look}
        if size is None:
            if found.background is not None:
                element |= {"box_color": found.background[0], "box_opacity": found.background[1]}
                element |= self._own_box(found, scale)
            return {**element, "margin": "0%"} if "position" in element else element
        padding = found.padding or 0.0
        if padding and "anchor" in element:
            message = "The padding of a text that is moved from its corner was left out."
            self.losses.add((*path, "asset", "background", "padding"), message)
            padding = 0.0
        inner = Size(max(1, size.width - 2 * padding), max(1, size.height - 2 * padding))
        element["width"] = percent(inner.width * scale / self.frame.width, 0.0001, 10)
        element["height"] = percent(inner.height * scale / self.frame.height, 0.0001, 10)
        if found.vertical != "center":
            element["vertical_align"] = found.vertical
        margin = percent(padding * scale / self.frame.short_side, 0, 0.5)
        return {**element, "margin": margin} if "position" in element else element

    def _own_box(self, found: ReadText, scale: float) -> Element:
        """Return padding and corners of the box of a text without a size, as far as given."""
        part = scale / self.frame.short_side
        box: Element = {}
        if found.padding is not None:
            box["box_padding"] = percent(found.padding * part, 0, 0.4)
        if found.radius:
            box["box_radius"] = percent(found.radius * part, 0, 0.4)
        return box

    def _shape(self, clip: Json, asset: Json, path: Path, length: float | None) -> list[Element]:
        name = str(asset.get("shape") or "rectangle")
        about = obj(asset.get(name))
        size = _shape_size(clip, asset, about)
        fill, stroke = obj(asset.get("fill")), obj(asset.get("stroke"))
        found = color(fill.get("color"))
        if name not in {"rectangle", "circle"} or size is None or found is None:
            self.losses.add((*path, "asset"), f"The shape {name[:40]!r} was left out.")
            return []
        element: Element = {
            "type": "shape",
            "shape": "ellipse" if name == "circle" else "rectangle",
            "color": found[0],
            "width": percent(size.width / self.frame.width, 0.0001, 10),
            "height": percent(size.height / self.frame.height, 0.0001, 10),
        }
        corner = number(about.get("cornerRadius"), 0)
        if corner:
            element["radius"] = percent(corner / size.short_side, 0, 0.5)
        border, width = color(stroke.get("color")), number(stroke.get("width"), 0)
        if border is not None and width:
            element |= {
                "border_color": border[0],
                "border_width": percent(width / self.frame.short_side, 0, 0.5),
            }
        opacity = number(fill.get("opacity"), 0, 1)
        if opacity is not None and opacity < 1:
            element["opacity"] = opacity
        return [self._visible(clip, path, length) | element]

    def _svg(self, clip: Json, asset: Json, path: Path, length: float | None) -> list[Element]:
        source = str(asset.get("src") or "").strip()
        if not source:
            self.losses.add((*path, "asset"), "A drawing without a file was left out.")
            return []
        drawing = {"svg": source} if "<svg" in source else {"src": source}
        scale = first_value(clip.get("scale"), 1.0)
        box = box_of(clip, self.frame, scale)
        return [{"type": "svg", **drawing, **box, **self._visible(clip, path, length)}]


def _box(found: ReadText, size: Size, frame: Size, scale: float) -> Element:
    """Return the box behind a text."""
    assert found.background is not None  # noqa: S101 - for the type checker
    element: Element = {
        "type": "shape",
        "color": found.background[0],
        "width": percent(size.width * scale / frame.width, 0.0001, 10),
        "height": percent(size.height * scale / frame.height, 0.0001, 10),
    }
    if found.radius:
        element["radius"] = percent(found.radius / size.short_side, 0, 0.5)
    if found.background[1] < 1:
        element["opacity"] = found.background[1]
    return element


def _shape_size(clip: Json, asset: Json, about: Json) -> Size | None:
    radius = number(about.get("radius"), 1)
    if radius is not None:
        return Size(2 * radius, 2 * radius)
    width = number(about.get("width") or asset.get("width") or clip.get("width"), 1)
    height = number(about.get("height") or asset.get("height") or clip.get("height"), 1)
    return None if width is None or height is None else Size(width, height)


def fades_of(effect: str) -> Element:
    """Return the fades of a sound's effect, such as ``fadeInFadeOut``."""
    names = [name for word, fields in _FADES.items() if word.lower() in effect.lower()
             for name in fields]  # fmt: skip
    return dict.fromkeys(names, _FADE_SECONDS)


_Reader = Callable[[ClipReader, Json, Json, Path, float | None], list[Element]]
_VISIBLE: Final = frozenset(
    {"video", "image", "text", "rich-text", "title", "html", "shape", "svg"}
)
_READERS: Final[dict[str, _Reader]] = {
    "video": ClipReader._picture,  # noqa: SLF001 - the class's own table
    "image": ClipReader._picture,  # noqa: SLF001
    "audio": ClipReader._audio,  # noqa: SLF001
    "text-to-speech": ClipReader._speech,  # noqa: SLF001
    "caption": ClipReader._caption,  # noqa: SLF001
    "rich-caption": ClipReader._caption,  # noqa: SLF001
    "text": ClipReader._text,  # noqa: SLF001
    "rich-text": ClipReader._text,  # noqa: SLF001
    "title": ClipReader._text,  # noqa: SLF001
    "html": ClipReader._text,  # noqa: SLF001
    "shape": ClipReader._shape,  # noqa: SLF001
    "svg": ClipReader._svg,  # noqa: SLF001
}
