"""Plans ``timeline_export``: the cuts of a composition, and a file for each rendered element."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

from gala.mime import SUFFIXES, suffix_of
from gala.render_types.params.characters import CharacterParams
from gala.render_types.timeline import MEDIA, TimelineJobParams
from gala.render_types.timeline import TYPE as TIMELINE
from gala.render_types.timeline_export import ExchangeFormat, TimelineExportParams
from gala.sniff import sniff
from gala.timeline.compilation.layers import CompiledTimeline, Layer, Part
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.exchange.edit import Edit, Medium, MediumKind
from gala.timeline.exchange.editing import FileFacts, edit_of
from gala.timeline.exchange.edl import edl_files, edl_losses
from gala.timeline.exchange.fcp7 import fcp7_xml
from gala.timeline.exchange.otio_writer import otio_json
from gala.timeline.sources import sources_of
from gala_renderer.engine.archive import write_tree
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.engine.steps import run_step
from gala_renderer.timeline.conversation import number_in_scene
from gala_renderer.timeline.drawn import paint_color
from gala_renderer.timeline.film_passes import words_by_pointer
from gala_renderer.timeline.writing import write_subtitles
from gala_renderer.types import timeline
from gala_renderer.types.timeline import Film

NAME: Final = "timeline_export"

_FILM: Final = "film"
_OUTPUT: Final = "project.zip"
_FORMATS: Final[Mapping[MediumKind, dict[str, Any]]] = {
    MediumKind.STILL: {"file_format": "png", "transparent": True, "poster": 0},
    MediumKind.MOVING: {"file_format": "mov", "transparent": True},
    MediumKind.SOUND: {"file_format": "wav", "loudness_lufs": None},
}
_LIMIT_SECONDS: Final = 4 * 60 * 60.0


def depends_on(order: RenderOrder, services: EngineResources) -> str | None:
    """Return what a film of the composition depends on."""
    return timeline.depends_on(order, services)


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect all files; plan to speak, and to render what editing programs cannot do."""
    params = cast(TimelineExportParams, order.params)
    params.edit_rate(order.canvas_format)
    film = await Film.of(order, context, params)
    export = _Export(film, order, context, params)
    return Plan(
        (
            PythonStep("speaking", film.speak),
            *((PythonStep("listening", film.listen),) if film.wanted else ()),
            PythonStep("rendering media", export.render, 8.0),
        ),
        {"project": _OUTPUT},
        then=export.finish,
        then_weight=0.1,
    )


@dataclass(slots=True)
class _Export:
    film: Film
    order: RenderOrder
    context: RenderContext
    params: TimelineExportParams
    warnings: list[str] = field(default_factory=list)

    @property
    def _folder(self) -> Path:
        return self.context.scratch / "export"

    async def finish(self) -> Plan:
        """Return the plan that says what is not carried over."""
        return Plan((), {}, warnings=tuple(dict.fromkeys(self.warnings)))

    async def render(self, report: Report) -> None:
        """Render or copy all media, and write the document beside them."""
        compiled = await self.film.compile()
        edit = self._edit(compiled)
        (self._folder / "media").mkdir(parents=True)
        for number, medium in enumerate(edit.media):
            await self._make(medium, compiled, number)
            report((number + 1) / (len(edit.media) + 1))
        await asyncio.to_thread(self._write, edit, compiled)
        report(1.0)

    def _edit(self, compiled: CompiledTimeline) -> Edit:
        facts = {
            source: FileFacts(
                suffix=_suffix(self.film.files.given[source]),
                length=_length(media.length) if not _is_still(media) else None,
                has_picture=media.picture is not None,
                has_sound=media.sound is not None,
            )
            for source, media in self.film.files.media.items()
        }
        return edit_of(
            compiled,
            self.params,
            facts,
            self.params.edit_rate(compiled.frame),
            name=_FILM,
            keeps_speed=self.params.to is ExchangeFormat.OTIO,
        )

    async def _make(self, medium: Medium, compiled: CompiledTimeline, number: int) -> None:
        target = self._folder / medium.path
        if medium.kind is MediumKind.FILE:
            source = self.film.files.given[medium.source or ""].path
            await asyncio.to_thread(shutil.copyfile, source, target)
        elif medium.kind is MediumKind.COLOR:
            size = (compiled.frame.width, compiled.frame.height)
            await asyncio.to_thread(paint_color, target, medium.color or "#000000", size)
        else:
            await self._render(medium, compiled, number, target)

    async def _render(
        self, medium: Medium, compiled: CompiledTimeline, number: int, target: Path
    ) -> None:
        """Render one element as a film of its own."""
        part = _part_of(compiled, medium.pointer or "")
        length = Fraction(1, 2) if medium.kind is MediumKind.STILL else part.end - part.start
        composition = self._alone(part, compiled, length) | _FORMATS[medium.kind]
        params = TimelineJobParams.parse(composition)
        scratch = self.context.scratch / f"medium-{number}"
        scratch.mkdir()
        files = tuple(self.film.files.given[source] for source in sources_of(params))
        order = RenderOrder(
            type=TIMELINE,
            params=params,
            format=compiled.frame,
            duration_ms=None,
            inputs={MEDIA: files},
        )
        context = RenderContext(
            ffmpeg=self.context.ffmpeg,
            services=self.context.services,
            scratch=scratch,
            part=lambda name: scratch / f"made-{name}",
            threads=self.context.threads,
            files=files,
        )
        made = await _run(await timeline.plan(order, context), context)
        await asyncio.to_thread(shutil.move, scratch / f"made-{made['video']}", target)
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)

    def _alone(self, part: Part, compiled: CompiledTimeline, length: Fraction) -> dict[str, Any]:
        """Return the composition of one element, from its start to its end."""
        element = part.element.model_dump(mode="json", exclude_unset=True, by_alias=True)
        entry = part.transition if isinstance(part, Layer) else None
        for name in ("transition", "of", "start"):
            element.pop(name, None)
        element |= {"start": 0, "duration": float(length)}
        if entry is not None:
            element["fade_in"] = max(entry.transition.duration, element.get("fade_in", 0.0))
        if isinstance(part, Layer):
            element |= self._chosen(part, compiled)
        clips = [element]
        if isinstance(part, Layer) and part.words_of is not None:
            clips.append(self._sound_beside(part, compiled))
            element |= {"of": clips[1]["name"]}
        voice = self.params.voice.model_dump(mode="json", exclude_unset=True, by_alias=True)
        return {
            "duration": float(length),
            "quality": self.params.quality.value,
            "voice": voice,
            "tracks": [{"clips": [clip]} for clip in clips],
        }

    def _sound_beside(self, layer: Layer, compiled: CompiledTimeline) -> dict[str, Any]:
        """Return the sound that a waveform shows or a presenter speaks, at its time and silent."""
        other = next(one for one in compiled.layers if one.pointer == layer.words_of)
        sound = other.element.model_dump(mode="json", exclude_unset=True, by_alias=True)
        for name in ("transition", "of", "keyframes"):
            sound.pop(name, None)
        start = max(Fraction(0), other.start - layer.start)
        hidden = {"opacity": 0.0} if other.is_visible else {}
        chosen = self._chosen(other, compiled)
        return {
            **sound, **chosen, **hidden, "name": "its sound", "start": float(start), "volume": 0.0,
        }  # fmt: skip

    def _chosen(self, layer: Layer, compiled: CompiledTimeline) -> dict[str, Any]:
        """Return what is chosen for a presenter because of those beside it: voice and character."""
        chosen: dict[str, Any] = {}
        line = None if layer.speech is None else layer.speech.line
        if line is not None and self.film.turns[line].voice.voice is not None:
            chosen["voice"] = self.film.turns[line].voice.voice
        element = layer.element
        if isinstance(element, PresenterElement) and element.is_character:
            character = element.character or CharacterParams()
            name = character.name_of(number_in_scene(layer, compiled))
            chosen["character"] = character.model_copy(update={"name": name}).model_dump(
                mode="json", exclude_none=True
            )
        return chosen

    def _write(self, edit: Edit, compiled: CompiledTimeline) -> None:
        losses = list(edit.losses)
        match self.params.to:
            case ExchangeFormat.OTIO:
                documents = {f"{_FILM}.otio": otio_json(edit)}
            case ExchangeFormat.FCP7:
                documents = {f"{_FILM}.xml": fcp7_xml(edit)}
            case ExchangeFormat.EDL:
                documents = edl_files(edit)
                losses += edl_losses(edit)
        for name, text in documents.items():
            (self._folder / name).write_text(text, encoding="utf-8")
        lines = [f"{loss}\n" for loss in losses]
        if lines:
            notes = self._folder / "not-carried-over.txt"
            notes.write_text("".join(lines), encoding="utf-8")
        self.warnings += [str(loss) for loss in losses]
        words = words_by_pointer(compiled, self.film.voices, self.film.recorded)
        if any(words.values()):
            names = write_subtitles(compiled, words, self.context)
            subtitles = self.context.part(names["subtitles"])
            subtitles.replace(self._folder / "captions.srt")
            self.context.part(names["captions"]).unlink()
        write_tree(self._folder, self.context.part(_OUTPUT))


async def _run(plan: Plan, context: RenderContext) -> dict[str, str]:
    """Run a plan within a step; return its files by role."""
    files: dict[str, str] = {}
    following: Plan | None = plan
    while following is not None:
        current = following
        for step in current.steps:
            await run_step(
                step,
                context.ffmpeg,
                cwd=context.scratch,
                limit_seconds=_LIMIT_SECONDS,
                report=_unreported,
            )
        files.update(current.outputs)
        following = await current.then() if current.then else None
    return files


def _unreported(_: float) -> None:
    """Report no progress: the export reports each medium."""


def _part_of(compiled: CompiledTimeline, pointer: str) -> Part:
    """Return the layer or the group at a JSON pointer."""
    for layer in compiled.layers:
        part: Part | None = layer
        while part is not None:
            if part.pointer == pointer:
                return part
            part = part.group
    raise KeyError(pointer)


def _suffix(file: InputFile) -> str:
    """Return the ending for a copy of a file: of its type, else of its content."""
    # Files of this machine come without a type, under a name without an ending.
    return SUFFIXES.get(file.mime) or suffix_of(sniff(file.path))


def _length(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1_000_000), 1_000_000)


def _is_still(media: Any) -> bool:
    return media.picture is not None and media.picture.still
