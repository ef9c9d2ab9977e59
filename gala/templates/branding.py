"""What a brand kit adds to films that are made without a template: where they have a place for it.

Only what the kit sets applies, and only where the film itself sets nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from gala.brand_kits import BrandKit
from gala.font_names import font_key
from gala.render_types.base import RenderType
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.own_fonts import OwnFonts
from gala.render_types.params.voice import VoiceParams
from gala.templates.filling import Composition, InvalidComposition, Setting, fill
from gala.timeline.document.subtitles import CaptionLook
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import InvalidTimeline

_COLORS: Final[Mapping[str, Mapping[str, str]]] = {
    "hello_render": {"background_color": "background", "text_color": "text"},
    "captioned_video": {"background_color": "background"},
    "presenter": {"background_color": "background"},
    "slideshow": {"color": "background"},
    "add_text": {"color": "text"},
}
"""By render type: the colors of a kit that its params take."""
_FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "hello_render": ("music",),
    "captioned_video": ("music",),
    "presenter": ("music", "logo"),
    "slideshow": ("music",),
}
"""By render type: the files of a kit that are inputs of the same name."""


def branded(params: Mapping[str, Any], setting: Setting, render_type: RenderType) -> dict[str, Any]:
    """Return the params of a film without a template, with what the brand kit adds.

    Raise InvalidTimeline if variables of a composition do not exist.
    """
    if issubclass(render_type.params, TimelineParams):
        try:
            return fill(Composition(document=dict(params)), {}, setting).document
        except InvalidComposition as error:
            raise InvalidTimeline(error.problems) from error
    fields, kit = render_type.params.model_fields, setting.brand
    found = dict(_colors(kit, render_type.name)) | dict(params)
    if issubclass(render_type.params, VoiceParams):
        found = kit.with_voice(found)
    if "captions" in fields and _takes_captions(fields["captions"].annotation):
        look = _captions(kit, min(setting.format.width, setting.format.height))
        own = found.get("captions", True)
        if look and (own is True or isinstance(own, Mapping)):
            if "captions" not in params and "captions_optional" in fields:
                # The kit says how captions look, not that a film must have them.
                found.setdefault("captions_optional", True)
            found["captions"] = look if own is True else {**look, **own}
    if render_type.name == "add_text" and kit.fonts.heading is not None:
        found.setdefault("font", kit.fonts.heading)
    if issubclass(render_type.params, OwnFonts):
        found |= _with_fonts(kit, found)
    return found


def _with_fonts(kit: BrandKit, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params' fonts with those files of the kit whose names they use."""
    captions = params.get("captions")
    looks = (params, captions if isinstance(captions, Mapping) else {})
    used = {font_key(look["font"]) for look in looks if isinstance(look.get("font"), str)}
    files = {
        family: list(faces) for family, faces in kit.fonts.files.items() if font_key(family) in used
    }
    own = params.get("fonts", {})
    return {"fonts": {**files, **own}} if files and isinstance(own, Mapping) else {}


def branded_files(
    kit: BrandKit, render_type: RenderType, given: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the inputs that a kit adds, with their files; ``given`` are inputs that are set."""
    for name in _FILES.get(render_type.name, ()):
        source = getattr(kit, name)
        if source is not None and name not in given:
            yield name, source


def _colors(kit: BrandKit, type_name: str) -> Iterator[tuple[str, str]]:
    for param, color in _COLORS.get(type_name, {}).items():
        if color in kit.colors.model_fields_set:
            yield param, getattr(kit.colors, color)


def _captions(kit: BrandKit, short_side: int) -> dict[str, Any]:
    """Return the look of captions: that of the kit, with its font and its accent."""
    if kit.captions is None:
        return kit.caption_look
    look = CaptionLook.parse(kit.caption_look)
    found = look.params(short_side).model_dump(mode="json", exclude_unset=True)
    # Where it sets no place, the film decides.
    return found if "position" in look.model_fields_set else _without(found, "position")


def _without(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {one: value for one, value in values.items() if one != name}


def _takes_captions(annotation: Any) -> bool:
    return CaptionParams in (annotation, *getattr(annotation, "__args__", ()))
