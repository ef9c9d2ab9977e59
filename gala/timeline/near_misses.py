"""Words that people and language models write first, and the ones that are meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

from gala.name_suggestions import nearest

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "duration": ("length", "len", "dur", "seconds"),
    "start": ("time", "begin", "from", "at", "delay", "offset", "start_time", "starttime", "in"),
    "src": ("source", "url", "file", "path", "href", "asset", "asset_id", "uri", "filename"),
    "text": ("content", "value", "caption", "title", "html", "runs", "label", "script", "say"),
    "elements": ("visual", "visuals", "layers", "children", "items", "clips", "media", "objects"),
    "clips": ("elements", "items", "layers", "children", "segments"),
    "tracks": ("layers", "timeline", "elements", "clips"),
    "scenes": ("slides", "pages", "shots", "sections"),
    "captions": ("subtitles", "subtitle", "caption"),
    "voice": ("narration", "voiceover", "voice_over", "speech", "tts", "speaker", "text"),
    "of": ("source", "target", "for", "element", "voice", "follows", "from", "transcript_source"),
    # Before "color": what is behind a text.
    "box_color": ("background", "background_color", "bg"),
    "text_color": ("font_color", "fontcolor", "label_color", "number_color"),
    "color": (
        "fill",
        "colour",
        "font_color",
        "fontcolor",
        "fill_color",
        "text_color",
        "background",
        "background_color",
    ),
    "background": ("background_color", "bg", "bgcolor", "color"),
    "font": ("font_family", "fontfamily", "font_name", "family"),
    "font_size": ("fontsize", "size", "text_size"),
    "weight": ("font_weight", "fontweight"),
    "bold": ("font_weight", "fontweight", "weight"),
    "italic": ("font_style", "fontstyle"),
    "strikethrough": ("strike", "strike_through", "line_through", "linethrough", "crossed_out"),
    "underline": ("underlined", "text_decoration", "decoration"),
    "align": ("alignment", "text_align", "textalign", "justify", "x_alignment"),
    "vertical_align": (
        "valign",
        "v_align",
        "align_vertical",
        "vertical_alignment",
        "align_items",
        "y_alignment",
        "text_anchor",
    ),
    "line_height": ("line_spacing", "lineheight", "leading"),
    "stroke_color": ("outline_color", "outline"),
    "stroke_width": ("outline_width", "stroke"),
    "shadow_opacity": ("shadow", "text_shadow"),
    "position": ("gravity", "place", "location", "align", "y", "vertical_position"),
    "anchor": ("origin", "transform_origin", "pivot"),
    "x": ("left", "pos_x", "horizontal_position"),
    "y": ("top", "pos_y"),
    "width": ("w", "size", "max_width"),
    "height": ("h",),
    "rotation": ("rotate", "angle"),
    "scale": ("zoom", "size"),
    "opacity": ("alpha", "transparency"),
    "radius": ("border_radius", "corner_radius", "rounded"),
    "fit": ("object_fit", "resize", "resize_mode", "mode"),
    "animation_in": ("animation", "animate", "animate_in", "enter", "entrance", "appear", "effect"),
    "animation_out": ("animate_out", "exit", "leave", "disappear"),
    "keyframes": (
        "animations",
        "animation",
        "animate",
        "keyframe",
        "animation_in",
        "animation_out",
        "enter",
        "exit",
        "entrance",
    ),
    "motion": ("effect", "ken_burns", "kenburns", "camera", "zoom", "pan", "animation"),
    "transition": ("transition_in", "transitions"),
    "easing": ("ease", "timing_function", "interpolation"),
    "time": ("start", "at", "t", "offset", "at_time"),
    "volume": ("gain", "level", "gain_db", "volume_db"),
    "duck_db": ("duck", "ducking", "ducking_db"),
    "fade_in": ("fadein", "fade"),
    "fade_out": ("fadeout",),
    "trim": ("trim_start", "source_range", "clip", "range", "in_point", "cut"),
    "speed": ("rate", "playback_rate", "tempo"),
    "loop": ("repeat",),
    "reverse": ("reversed", "backwards"),
    "shape": ("kind", "form"),
    "label": ("name", "title", "category", "key"),
    "show_values": ("legend", "show_legend", "show_labels", "data_labels", "show_numbers"),
    "numbers": ("show_percent", "show_percentages", "percentages", "as_percent"),
    "values": ("data", "items", "series", "bars", "points", "slices", "segments", "value"),
    "value": ("number", "percent", "progress", "to", "amount", "values"),
    "chart": ("kind", "style", "chart_type", "variant"),
    "bars": ("bar_count", "count", "bands"),
    "gap": ("bar_gap", "spacing"),
    "rest_color": ("background_color", "unplayed_color", "inactive_color"),
    "end_color": ("color2", "gradient", "second_color"),
    "style": ("kind", "variant", "mode", "look"),
    "mask": ("clip_path", "clip", "masked_by", "mask_image", "crop", "cutout"),
    "blend": ("blend_mode", "mix_blend_mode", "blending", "composite"),
    "filters": ("filter", "effects", "color_filters", "adjustments", "color_correction"),
    "lut": ("look", "cube", "color_lut", "lut_file", "grade", "color_grade"),
    "chroma_key": ("chromakey", "green_screen", "greenscreen", "key", "chroma", "keying"),
    "saturation": ("saturate",),
    "hue": ("hue_rotate",),
    "grayscale": ("greyscale", "grey", "gray", "black_and_white"),
    "similarity": ("threshold", "tolerance"),
    "spill": ("despill", "spill_suppression"),
    "suffix": ("unit", "units"),
    "start_value": ("from", "start_number"),
    "grow": ("animation", "animate", "grow_in", "animation_duration"),
    "track_color": ("background", "background_color"),
    "from": ("count_from", "first", "start_value", "seconds", "value", "begin"),
    "to": ("count_to", "last", "until", "end_value"),
    "end_text": ("text", "end", "final_text", "finish_text"),
    "loudness_lufs": ("loudness", "lufs", "loudness_target"),
    "after": ("follow", "follows", "target"),
    "with": ("along", "same_as", "at", "sync"),
    "until": ("end", "to", "follow"),
    "type": ("kind", "element", "name"),
    "safe_area": ("margin", "padding", "safe"),
    "model": ("avatar", "persona", "model_id"),
}
"""By field: the words that mean it, where the object has that field; the first field counts."""

_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("img", "picture", "photo", "pic", "gif"),
    "video": ("clip", "movie", "film", "footage", "mp4"),
    "text": ("title", "richtext", "rich-text", "rich_text", "label", "heading", "textbox"),
    "chart": (
        "graph",
        "diagram",
        "plot",
        "bars",
        "bar-chart",
        "bar_chart",
        "progress",
        "counter",
        "pie",
        "pie-chart",
        "donut",
        "doughnut",
    ),
    "lottie": ("animation", "bodymovin", "json", "rive"),
    "waveform": ("audiogram", "visualizer", "visualiser", "spectrum", "equalizer", "soundwave"),
    "countdown": ("timer", "clock", "counter", "count-down", "count_down"),
    "shape": ("rect", "rectangle", "box", "ellipse", "circle", "color", "solid", "background"),
    "svg": ("vector", "icon"),
    "html": ("webpage", "web", "page", "iframe", "browser"),
    "audio": ("music", "sound", "song", "soundtrack", "mp3"),
    "voice": ("speech", "tts", "narration", "voiceover", "text-to-speech", "text_to_speech"),
    "caption": ("captions", "subtitle", "subtitles", "srt"),
    "presenter": ("avatar", "character", "person", "talking-head"),
    "group": ("composition", "container", "layer", "stack"),
}
FIELDS: Final[Mapping[str, str]] = {
    "mask": '{"mask": {"src": "mask.png"}} in the element or group that it masks',
    "transition": '"transition" in the clip or scene that takes the place of the one before it',
    "filter": '"filters" in the picture, video or group that it changes',
    "effect": '"filters" or "motion" in the picture or video that it changes',
    "lut": '"lut" in the picture, video or group that it changes',
}
"""Where to write what is no type of element, but a field of others."""
_CHOICES: Final[Mapping[str, str]] = {
    "middle": "center",
    "centre": "center",
    "crop": "cover",
    "stretch": "fill",
    "pad": "contain",
    "letterbox": "contain",
    "scale-down": "contain",
    "kenburns": "ken-burns",
    "zoom": "zoom-in",
    "cross-fade": "dissolve",
    "crossdissolve": "dissolve",
    "fadeblack": "fade-black",
    "iris": "circle",
    "iris-out": "circle-close",
    "clock-wipe": "clock",
    "radial": "clock",
    "ease-in-quad": "ease-in",
    "easein": "ease-in",
    "easeout": "ease-out",
    "easeinout": "ease-in-out",
    "ease_in": "ease-in",
    "ease_out": "ease-out",
    "ease_in_out": "ease-in-out",
    "easeoutback": "ease-out-back",
    "back": "ease-out-back",
    "overshoot": "ease-out-back",
    "spring": "ease-out-elastic",
    "elastic": "ease-out-elastic",
    "hold": "step-end",
    "step": "step-end",
    "bars": "bar",
    "horizontal-bar": "bar",
    "columns": "column",
    "vertical-bar": "column",
    "area": "line",
    "number": "counter",
    "circle-chart": "pie",
    "percent": "shares",
    "percentage": "shares",
    "percentages": "shares",
    "gauge": "ring",
    "plus-lighter": "add",
    "addition": "add",
    "lighter": "add",
    "dodge": "color-dodge",
    "burn": "color-burn",
    "wave": "line",
    "spectrum": "bars",
    "rect": "rectangle",
    "circle": "ellipse",
    "lower": "bottom",
    "upper": "top",
    "slide-up": "rise",
    "slide-down": "drop",
    "fly-in": "rise",
    "fade-in": "fade",
    "fade-out": "fade",
    "bounce": "pop",
    "grow": "pop",
    "type": "typewriter",
    "typing": "typewriter",
    "character": "letter",
    "char": "letter",
    "words": "word",
    "lines": "line",
}
_MIDDLES: Final = ("center", "centre", "middle")
_NOT_YET: Final = frozenset(("html", "map", "table"))


def synonym(word: str, known: Iterable[str]) -> str | None:
    """Return the field of ``known`` that the word is another name of, or None."""
    plain, names = _plain(word), list(known)
    # In the order of the table: what is more special comes first there.
    others = (name for name, words in _FIELDS.items() if plain in words and name in names)
    same = (name for name in names if plain.replace("_", "") == name.replace("_", ""))
    return next(chain(same, others), None)


def meant_field(word: str, known: Iterable[str]) -> str | None:
    """Return the field of ``known`` that the word means, or None."""
    names = list(known)
    return synonym(word, names) or nearest(word, names)


def meant_type(word: str, known: Iterable[str]) -> str | None:
    """Return the type of element that the word means, or None."""
    if word.lower() in _NOT_YET:
        return None
    for name in known:
        if word.lower() in _TYPES.get(name, ()):
            return name
    return nearest(word, known)


def meant_choice(word: str, known: Iterable[str]) -> str | None:
    """Return the choice that the word means, or None."""
    names = list(known)
    found = _CHOICES.get(word.strip().lower())
    if found is not None and found in names:
        return found
    plain = _letters(word)
    for name in names:
        if _letters(name) == plain:
            return name
    beside = plain
    for middle in _MIDDLES:
        beside = beside.replace(middle, "")
    for name in names:
        # "top center" means "top" where there is one, and "center left" means "left".
        if beside and beside != plain and _letters(name) == beside:
            return name
    swapped = "-".join(reversed(word.lower().replace("_", "-").split("-")))
    return swapped if swapped in names else nearest(word, names)


def _plain(word: str) -> str:
    """Return a word with underscores, as ``font-size`` and ``fontSize`` mean ``font_size``."""
    parted = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in word)
    return parted.replace("-", "_").strip("_")


def _letters(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())
