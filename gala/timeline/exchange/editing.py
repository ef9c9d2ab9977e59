"""Turn a compiled composition into the cuts of an editing program.

Videos and pictures that fill the frame, and sound that is not changed, are cut from the files
themselves, so that an editor has all of them at hand. All else is a rendered medium.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any, Final

from gala.render_types.params.transitions import TransitionName
from gala.timeline.compilation.layers import (
    WHOLE_PICTURE,
    CompiledTimeline,
    Layer,
    Part,
    SourceSpan,
)
from gala.timeline.document.looks import BlendMode
from gala.timeline.document.placement import VisibleParams
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.exchange.edit import (
    Cut,
    Edit,
    EditTrack,
    Medium,
    MediumKind,
    TrackKind,
)
from gala.timeline.exchange.imported import Loss
from gala.timeline.exchange.rates import EditRate

_DISSOLVES: Final = frozenset(
    {TransitionName.FADE, TransitionName.DISSOLVE, TransitionName.CROSSFADE}
)
_PLACED: Final = frozenset(
    {"type", "src", "name", "start", "duration", "position", "margin", "x", "y", "anchor", "width"}
    | {"height", "fit"}
)
"""Fields that say what is shown, when and where."""
_PLAYED: Final = frozenset({"trim", "speed", "loop", "volume", "duck_db", "transition"})
"""Fields of videos that cuts have, or that are about their sound."""
_STILL: Final = frozenset({"image", "text", "shape", "svg"})
"""Types of elements that stand, unless something moves them."""
_MOVING_FIELDS: Final = frozenset({"keyframes", "motion", "fade_in", "fade_out", "transition"})
_MAX_REPEATS: Final = 500


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file of the composition."""

    suffix: str
    """With its dot."""
    length: Fraction | None
    """Seconds; None for a still picture."""
    has_picture: bool = True
    has_sound: bool = False


def edit_of(
    compiled: CompiledTimeline,
    timeline: TimelineParams,
    files: Mapping[str, FileFacts],
    rate: EditRate,
    *,
    name: str,
    keeps_speed: bool = True,
) -> Edit:
    """Return the cuts of a film. ``keeps_speed`` is False for formats without a speed of clips."""
    return _Editing(compiled, timeline, files, rate, keeps_speed).edit(name)


@dataclass(slots=True)
class _Editing:
    compiled: CompiledTimeline
    timeline: TimelineParams
    files: Mapping[str, FileFacts]
    rate: EditRate
    keeps_speed: bool
    losses: list[Loss] = field(default_factory=list)
    media: dict[tuple[object, ...], Medium] = field(default_factory=dict)
    dissolving: set[int] = field(default_factory=set)
    """Numbers of layers that take the place of the one before with a dissolve of the editor's."""

    def edit(self, name: str) -> Edit:
        self._find_dissolves()
        pictures = list(self._pictures())
        pictures = [*self._backgrounds(pictures), *pictures]
        sounds = list(self._sounds())
        self._note_sound()
        return Edit(
            name=name,
            frame=self.compiled.frame,
            rate=self.rate,
            frames=self.rate.frame_of(self.compiled.length),
            tracks=(
                *_stacked(pictures),
                *_packed(sounds),
            ),
            composition=self.timeline.model_dump(
                mode="json",
                exclude_unset=True,
                by_alias=True,
                include=set(TimelineParams.model_fields),
            ),
            losses=tuple(dict.fromkeys(self.losses)),
        )

    # --- pictures ----------------------------------------------------------------------------

    def _backgrounds(self, pictures: Sequence[Cut]) -> Iterator[Cut]:
        """Yield what is seen where no picture is, but for black, which editors have anyway."""
        compiled, rate = self.compiled, self.rate
        spans = [("/background", compiled.background, Fraction(0), compiled.length)]
        for scene in compiled.scenes:
            if scene.background != compiled.background:
                where = f"/scenes/{scene.number}/background"
                spans.append((where, scene.background, scene.start, scene.end))
        for where, color, start, end in spans:
            first, last = rate.frame_of(start), rate.frame_of(end)
            if color != "#000000" and not _is_covered(first, last, pictures):
                medium = self._medium(MediumKind.COLOR, f"background-{color[1:]}", color=color)
                yield Cut("background", where, medium, first, last)

    def _pictures(self) -> Iterator[Cut]:
        groups: set[str] = set()
        for layer in self.compiled.layers:
            if not layer.is_visible or self._frames(layer) <= 0:
                continue
            part = _outermost(layer)
            if part.pointer in groups:
                continue
            groups.add(part.pointer)
            if layer.element.type == "caption":
                self._note(layer.pointer, "Captions go out as captions.srt beside the document.")
                continue
            self._note_picture(layer, part)
            if self._is_plain(layer):
                yield from self._cuts(layer, self._file(layer))
                continue
            kind = MediumKind.STILL if _stands(layer) else MediumKind.MOVING
            medium = self._medium(kind, _label(part), part=part)
            yield self._cut(part, medium)

    def _is_plain(self, layer: Layer) -> bool:
        """Return True if the picture of a layer is that of its file, over the whole frame."""
        cut_in = layer.transition is None or layer.number in self.dissolving
        return cut_in and self._is_plain_inside(layer)

    def _is_plain_inside(self, layer: Layer) -> bool:
        """Return what :meth:`_is_plain` does, whatever the transition."""
        element, placement = layer.element, layer.placement
        if element.type not in {"video", "image"} or placement is None or layer.group is not None:
            return False
        source, frame = layer.source, self.compiled.frame
        if source is not None and (source.freeze or source.reverse or source.holds_from):
            return False
        if source is not None and source.speed != 1 and not self.keeps_speed:
            return False
        if source is not None and source.loop and self._repeats(layer) > _MAX_REPEATS:
            return False
        if _changed(layer) - _PLACED - (_PLAYED if element.type == "video" else {"transition"}):
            return False
        box = placement.backdrop or placement.box
        covers = box.width >= frame.width - 1 and box.height >= frame.height - 1
        contained = box.width >= frame.width - 1 or box.height >= frame.height - 1
        return placement.backdrop is None and (
            covers or (contained and getattr(element, "fit", "") == "contain")
        )

    def _find_dissolves(self) -> None:
        """Find the layers that an editor can dissolve into: from a plain one to a plain one."""
        by_number = {layer.number: layer for layer in self.compiled.layers}
        for layer in self.compiled.layers:
            span = layer.transition
            if span is None or span.transition.type not in _DISSOLVES or layer.scene is not None:
                continue
            both = (by_number[span.before], layer)
            plain = self._is_plain(both[0]) and self._is_plain_inside(layer)
            if plain and not _loops(*both):
                self.dissolving.add(layer.number)

    # --- sound -------------------------------------------------------------------------------

    def _sounds(self) -> Iterator[Cut]:
        for layer in self.compiled.layers:
            if not layer.is_audible or self._frames(layer) <= 0:
                continue
            source = self._source_name(layer)
            if source is not None and not self.files[source].has_sound:
                continue
            if source is not None and self._is_plain_sound(layer):
                yield from self._cuts(layer, self._file(layer))
                continue
            label = f"{_label(layer)}-sound"
            medium = self._medium(MediumKind.SOUND, label, part=layer)
            yield self._cut(layer, medium)

    def _is_plain_sound(self, layer: Layer) -> bool:
        element, source = layer.element, layer.source
        frames = getattr(element, "keyframes", ())
        if source is not None and (source.reverse or source.holds):
            return False
        if source is not None and source.speed != 1 and not self.keeps_speed:
            return False
        if source is not None and source.loop and self._repeats(layer) > _MAX_REPEATS:
            return False
        return (
            getattr(element, "volume", 1.0) == 1
            and not getattr(element, "fade_in", 0)
            and not getattr(element, "fade_out", 0)
            and (layer.transition is None or layer.number in self.dissolving)
            and not any("volume" in frame.values for frame in frames)
        )

    # --- cuts --------------------------------------------------------------------------------

    def _cuts(self, layer: Layer, medium: Medium) -> Iterator[Cut]:
        """Yield the cuts of a file: one, or one for each time that it is repeated."""
        whole = self._cut(layer, medium)
        source = layer.source
        if source is None:
            yield self._dissolved(layer, whole)
            return
        start = self.rate.frame_of(source.start)
        speed = Fraction(source.speed).limit_denominator(1000)
        whole = replace(whole, source_start=start, speed=speed)
        once = self._once(layer, source) if source.loop else None
        if not once:
            yield self._dissolved(layer, whole)
            return
        for first in range(whole.start, whole.end, once):
            yield replace(whole, start=first, end=min(first + once, whole.end))

    def _dissolved(self, layer: Layer, cut: Cut) -> Cut:
        if layer.transition is None or layer.number not in self.dissolving:
            return cut
        length = Fraction(layer.transition.transition.duration).limit_denominator(10**6)
        frames = min(self.rate.frame_of(layer.start + length) - cut.start, cut.frames - 1)
        ahead = round(frames * cut.speed)
        return replace(
            cut, start=cut.start + frames, source_start=cut.source_start + ahead, dissolve=frames
        )

    def _cut(self, layer: Part, medium: Medium) -> Cut:
        element = layer.element.model_dump(mode="json", exclude_unset=True, by_alias=True)
        first, end = self.rate.frame_of(layer.start), self.rate.frame_of(layer.end)
        return Cut(
            layer.element.name or _words(layer), layer.pointer, medium, first, end, element=element
        )

    def _frames(self, layer: Part) -> int:
        return self.rate.frame_of(layer.end) - self.rate.frame_of(layer.start)

    def _once(self, layer: Layer, source: SourceSpan) -> int:
        """Return the frames of one repetition."""
        end = source.end
        if end is None:
            end = self.files[self._source_name(layer) or ""].length
        if end is None:
            return 0
        return max(1, self.rate.frame_of((end - source.start) / Fraction(source.speed)))

    def _repeats(self, layer: Layer) -> int:
        once = 0 if layer.source is None else self._once(layer, layer.source)
        return self._frames(layer) // once if once else 1

    # --- media -------------------------------------------------------------------------------

    def _source_name(self, layer: Layer) -> str | None:
        if layer.speech is not None:
            return layer.speech.source
        found: str | None = getattr(layer.element, "src", None)
        return found if layer.element.type in {"video", "image", "audio"} else None

    def _file(self, layer: Layer) -> Medium:
        source = self._source_name(layer) or ""
        facts = self.files[source]
        frames = None if facts.length is None else self.rate.frame_of(facts.length)
        return self._medium(
            MediumKind.FILE,
            PurePosixPath(source.rpartition("://")[2].replace("\\", "/").partition("?")[0]).stem,
            suffix=facts.suffix,
            source=source,
            length=frames,
            sound=facts.has_sound,
            picture=facts.has_picture,
        )

    def _medium(
        self,
        kind: MediumKind,
        label: str,
        *,
        suffix: str = "",
        source: str | None = None,
        part: Part | None = None,
        length: int | None = None,
        color: str | None = None,
        sound: bool = False,
        picture: bool = True,
    ) -> Medium:
        pointer = None if part is None else part.pointer
        key = (kind, source, pointer, color)
        if key not in self.media:
            number = len(self.media) + 1
            end = suffix or _SUFFIXES[kind]
            is_still = kind in {MediumKind.STILL, MediumKind.COLOR}
            self.media[key] = Medium(
                path=f"media/{number:03d}-{_file_name(label)}{end}",
                kind=kind,
                frames=None if is_still else length if part is None else self._frames(part),
                source=source,
                pointer=pointer,
                color=color,
                has_picture=picture and kind is not MediumKind.SOUND,
                has_sound=sound or kind is MediumKind.SOUND,
            )
        return self.media[key]

    # --- what is not carried over --------------------------------------------------------------

    def _note_picture(self, layer: Layer, part: Part) -> None:
        placement = layer.placement
        if not self._is_plain(layer):
            what = "picture" if _stands(layer) else "video"
            self._note(
                part.pointer,
                f"The {part.element.type} goes out as a rendered {what}; its own values are in the"
                " metadata of OTIO only.",
            )
        elif placement is not None and placement.crop != WHOLE_PICTURE:
            self._note(
                layer.pointer,
                "The file has another shape than the frame: have the editor scale it to fill.",
            )
        blend = getattr(part.element, "blend", BlendMode.NORMAL)
        if blend is not BlendMode.NORMAL:
            self._note(part.pointer, f"The blend mode {blend} is not carried over.")
        span = layer.transition
        if span is not None and span.transition.type not in _DISSOLVES:
            self._note(layer.pointer, f"The transition {span.transition.type} is not carried over.")

    def _note_sound(self) -> None:
        voices = [layer for layer in self.compiled.layers if layer.element.type == "voice"]
        for layer in self.compiled.layers:
            duck_db = getattr(layer.element, "duck_db", 0)
            if voices and duck_db and layer.is_audible:
                self._note(
                    layer.pointer,
                    f"Its sound is not lowered by {duck_db:g} dB while a voice speaks.",
                )
        if self.timeline.loudness_lufs is not None:
            self._note(
                "/loudness_lufs",
                f"The whole is not brought to {self.timeline.loudness_lufs:g} LUFS.",
            )

    def _note(self, pointer: str, message: str) -> None:
        self.losses.append(Loss(pointer=pointer, message=message))


_SUFFIXES: Final = {
    MediumKind.STILL: ".png",
    MediumKind.COLOR: ".png",
    MediumKind.MOVING: ".mov",
    MediumKind.SOUND: ".wav",
}


def _changed(layer: Layer) -> set[str]:
    """Return the fields of an element that differ from their defaults."""
    element = layer.element
    fields = type(element).model_fields
    return {
        name
        for name in element.model_fields_set
        if getattr(element, name) != fields[name].get_default(call_default_factory=True)
    }


def _stands(layer: Layer) -> bool:
    """Return True for a layer that looks the same as long as it is seen."""
    source = layer.source
    still = layer.element.type in _STILL or (source is not None and source.freeze)
    moves = _changed(layer) & _MOVING_FIELDS or any("animat" in name for name in _changed(layer))
    mask = layer.element.mask if isinstance(layer.element, VisibleParams) else None
    moves = moves or (mask is not None and bool(mask.keyframes))
    return still and not moves and layer.group is None and layer.transition is None


def _loops(*layers: Layer) -> bool:
    return any(layer.source is not None and layer.source.loop for layer in layers)


def _outermost(layer: Layer) -> Part:
    """Return the group that a layer is in and that is in no other one; else the layer."""
    part: Part = layer
    while part.group is not None:
        part = part.group
    return part


def _label(part: Part) -> str:
    return part.element.name or part.element.type


def _words(layer: Part) -> str:
    """Return what a layer is called in an editor: the start of its text, its file, its type."""
    element: Any = layer.element
    text = getattr(element, "plain_text", None) or getattr(element, "text", None)
    if isinstance(text, str) and text.strip():
        return " ".join(text.split())[:40]
    source = getattr(element, "src", None)
    return PurePosixPath(source).name if source else str(element.type)


def _file_name(label: str) -> str:
    """Return a label as a part of a file name that every system takes."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", label).strip("-")
    return plain[:40] or "clip"


def _stacked(cuts: Sequence[Cut]) -> Iterator[EditTrack]:
    """Yield tracks of pictures; a cut lies on a higher track than those that it covers."""
    tracks: list[list[Cut]] = []
    for cut in cuts:
        height = 1 + max(
            (at for at, track in enumerate(tracks) if any(_overlap(cut, other) for other in track)),
            default=-1,
        )
        if height == len(tracks):
            tracks.append([])
        tracks[height].append(cut)
    yield from _sorted(TrackKind.VIDEO, tracks)


def _packed(cuts: Sequence[Cut]) -> Iterator[EditTrack]:
    """Yield as few tracks of sound as possible."""
    tracks: list[list[Cut]] = []
    for cut in cuts:
        free = (track for track in tracks if not any(_overlap(cut, other) for other in track))
        track = next(free, None)
        if track is None:
            tracks.append([cut])
        else:
            track.append(cut)
    yield from _sorted(TrackKind.AUDIO, tracks)


def _sorted(kind: TrackKind, tracks: Sequence[Sequence[Cut]]) -> Iterator[EditTrack]:
    for track in tracks:
        cuts = sorted(track, key=lambda cut: cut.start)
        before = [None, *cuts]
        yield EditTrack(kind, tuple(map(_joined, cuts, before)))


def _joined(cut: Cut, before: Cut | None) -> Cut:
    """Return the cut without its dissolve, if what it comes out of is not on its track."""
    if not cut.dissolve or (before is not None and before.end == cut.start):
        return cut
    ahead = round(cut.dissolve * cut.speed)
    return replace(
        cut, start=cut.start - cut.dissolve, source_start=cut.source_start - ahead, dissolve=0
    )


def _is_covered(first: int, end: int, cuts: Sequence[Cut]) -> bool:
    """Return True if opaque files cover the frame all the time."""
    at = first
    for cut in sorted(cuts, key=lambda cut: cut.start):
        opaque = cut.medium.kind is MediumKind.FILE and cut.element.get("fit") != "contain"
        opaque = opaque and cut.element.get("type") == "video"
        if opaque and cut.start - cut.dissolve <= at:
            at = max(at, cut.end)
    return at >= end


def _overlap(one: Cut, other: Cut) -> bool:
    return one.start < other.end and other.start < one.end
