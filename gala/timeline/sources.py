"""The files that a composition names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from gala.media import MediaClass, media_class
from gala.render_types.params.voice import VoiceParams
from gala.timeline.document.charts import ChartElement
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.elements import (
    AnyElement,
    GroupElement,
    NarrationParams,
    TextElement,
)
from gala.timeline.document.font_files import files_of
from gala.timeline.document.htmls import HtmlElement
from gala.timeline.document.lotties import LottieElement, animation_key
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import Problem, parts, pointer

Path = tuple[str | int, ...]

MASK: Final = "mask"
"""The type of pictures that are masks."""
LUT: Final = "lut"
"""The type of files with tables of colors."""
FONT: Final = "font"
"""The type of font files."""
_MEDIA: Final[dict[str, frozenset[MediaClass]]] = {
    "video": frozenset({MediaClass.VIDEO}),
    "image": frozenset({MediaClass.IMAGE}),
    # Uploads of SVG are text, so that no browser runs what is in them.
    "svg": frozenset({MediaClass.TEXT}),
    "audio": frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
    "voice": frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
    "lottie": frozenset({MediaClass.TEXT, MediaClass.OTHER}),
    "waveform": frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
    "caption": frozenset({MediaClass.TEXT}),
    MASK: frozenset({MediaClass.IMAGE}),
    LUT: frozenset({MediaClass.TEXT, MediaClass.OTHER}),
    FONT: frozenset({MediaClass.FONT}),
    "presenter": frozenset({MediaClass.IMAGE}),
}
"""What the file of an element may be, by its type."""

_SVG: Final = "image/svg+xml"
_OTHERS: Final = {LUT: "a look", MASK: "a mask", FONT: "a font"}
_TYPE_FOR: Final = {
    MediaClass.VIDEO: "video",
    MediaClass.IMAGE: "image",
    MediaClass.AUDIO: "audio",
    MediaClass.TEXT: "caption",
}


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that an element names."""

    source: str
    pointer: str
    """JSON pointer of the element's ``src``, or of the file that it names elsewhere."""
    type: str
    """The element's type, :data:`LUT`, :data:`MASK` or :data:`FONT`."""
    animation: str | None = None
    """Id of the animation that an element shows of its file."""

    @property
    def key(self) -> str:
        """Identifies what is shown: a file, or one of its animations."""
        return animation_key(self.source, self.animation)

    def check(self, mime: str) -> Problem | None:
        """Return what is wrong with a file of this MIME type for the element, None if nothing.

        A file of no known type, ``""``, may be right.
        """
        wanted = _MEDIA[self.type]
        found = media_class(mime)
        if found in wanted or not mime or (self.type == "svg" and mime == _SVG):
            return None
        words = "a drawing in SVG" if self.type == "svg" else " or ".join(sorted(wanted))
        what = _OTHERS.get(self.type, f"an element of type {self.type}")
        other = None if self.type in _OTHERS else _TYPE_FOR.get(found)
        instead = f' or write "type": "{other}"' if other else ""
        return Problem(
            self.pointer,
            f"The file is {mime}; {what} needs {words}.",
            f"Name another file{instead}.",
        )


def named_files(timeline: TimelineParams) -> Iterator[NamedFile]:
    """Yield the files in the order of the document; a file that is named twice comes twice."""
    for element, path in elements_of(timeline):
        source = getattr(element, "src", None)
        if source is not None:
            shown = element.animation if isinstance(element, LottieElement) else None
            kind = getattr(element, "type", "voice")
            yield NamedFile(source, pointer((*path, "src")), kind, shown)
        if isinstance(element, PresenterElement):
            for place, sprite in element.sprite_files():
                yield NamedFile(sprite, pointer((*path, *place)), element.type)
        mask = getattr(element, "mask", None)
        if mask is not None and mask.src is not None:
            yield NamedFile(mask.src, pointer((*path, "mask", "src")), MASK)
        lut = getattr(element, "lut", None)
        if lut is not None:
            yield NamedFile(lut, pointer((*path, "lut")), LUT)
    for face_path, face in files_of(timeline.fonts):
        yield NamedFile(face, pointer(("fonts", *face_path)), FONT)


def sources_of(timeline: TimelineParams) -> tuple[str, ...]:
    """Return the files of a composition, each once, in the order of the document."""
    return tuple(dict.fromkeys(file.source for file in named_files(timeline)))


def renamed(
    composition: Mapping[str, Any], files: Iterable[NamedFile], names: Mapping[str, str]
) -> dict[str, Any]:
    """Return a composition, as JSON, whose files have other names."""
    found: dict[str, Any] = deepcopy(dict(composition))
    for file in files:
        if file.source in names:
            _rename(found, parts(file.pointer), file.source, names[file.source])
    return found


def _rename(value: Any, path: Sequence[str], source: str, name: str) -> None:
    """Replace a source where its path leads, or where it stands for the object with its path."""
    for part in path:
        key = int(part) if isinstance(value, list) else part
        inner = value[key]
        if inner == source:
            value[key] = name
            return
        value = inner


def named_models(timeline: TimelineParams) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer and the id of each model that presents."""
    for element, path in elements_of(timeline):
        if isinstance(element, PresenterElement) and element.model is not None:
            yield pointer((*path, "model")), element.model


def named_fonts(timeline: TimelineParams) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer and the name of each font of a text, chart, caption or mask."""
    for element, path in elements_of(timeline):
        yield from _font_in(element, path)
        yield from _font_in(getattr(element, "mask", None), (*path, "mask"))
        runs = element.text if isinstance(element, TextElement) else ()
        for number, run in enumerate(() if isinstance(runs, str) else runs):
            yield from _font_in(run, (*path, "text", number))
    yield from _font_in(timeline.captions, ("captions",))
    for number, scene in enumerate(timeline.scenes):
        yield from _font_in(scene.captions, ("scenes", number, "captions"))


def drawn_texts(timeline: TimelineParams) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer of each element with texts that are drawn, and these as one."""
    for element, path in elements_of(timeline):
        texts: list[str | None] = []
        match element:
            case TextElement():
                runs = element.text
                texts = [runs] if isinstance(runs, str) else [run.text for run in runs]
            case ChartElement():
                texts = [element.label, element.prefix, element.suffix]
                texts += [text for one in element.values for text in (one.label, one.shown)]
            case CountdownElement():
                texts = [element.end_text]
        mask = getattr(element, "mask", None)
        texts.append(None if mask is None else mask.text)
        found = "".join(text for text in texts if text)
        if found:
            yield pointer(path), found


def _font_in(look: object, path: Path) -> Iterator[tuple[str, str]]:
    name = getattr(look, "font", None)
    if name is not None:
        yield pointer((*path, "font")), name


def pages(timeline: TimelineParams) -> Iterator[str]:
    """Yield the JSON pointers of elements of type ``html``."""
    for element, path in elements_of(timeline):
        if isinstance(element, HtmlElement):
            yield pointer(path)


def spoken_elements(timeline: TimelineParams) -> Iterator[tuple[VoiceParams, Path]]:
    """Yield all that speaks with a voice, and the path of each."""
    for element, path in elements_of(timeline):
        if isinstance(element, VoiceParams):
            yield element, path


def elements_of(timeline: TimelineParams) -> Iterator[tuple[AnyElement | NarrationParams, Path]]:
    """Yield all elements, those of groups too, and the voices of scenes, and the path of each."""
    for number, scene in enumerate(timeline.scenes):
        path = ("scenes", number)
        yield from _within(scene.elements, (*path, "elements"))
        if scene.voice is not None:
            yield scene.voice, (*path, "voice")
    for number, track in enumerate(timeline.tracks):
        yield from _within(track.clips, ("tracks", number, "clips"))


def _within(elements: Sequence[AnyElement], path: Path) -> Iterator[tuple[AnyElement, Path]]:
    for number, element in enumerate(elements):
        at = (*path, number)
        yield element, at
        if isinstance(element, GroupElement):
            yield from _within(element.elements, (*at, "elements"))
