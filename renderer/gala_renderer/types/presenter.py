"""Plans ``presenter``: bodies and voices first, then their motion, then one pass for the video."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.presenters import Driver, TransparentFormat
from gala.render_types.presenter import PresenterParams
from gala_renderer.avatars import voicing
from gala_renderer.avatars.bodies import BodySpec, is_drawn
from gala_renderer.avatars.layout import captions_height
from gala_renderer.avatars.length_limit import check_recording, check_speech
from gala_renderer.avatars.marking import mark_for, marking_step, marking_version
from gala_renderer.avatars.performance import perform
from gala_renderer.avatars.preparation import NO_PICTURES, Pictures, prepare_bodies, voice_genders
from gala_renderer.avatars.sprite_preparation import inspect_sprites
from gala_renderer.avatars.stage import Stage, beside_inset, inset_box, placed_within
from gala_renderer.avatars.voicing import PresenterVoices
from gala_renderer.captions import pipeline as captioning
from gala_renderer.captions.overlay_track import CaptionTrack
from gala_renderer.captions.rasterizer import Frame
from gala_renderer.engine.archive import write_archive
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Canvas, Feeder, FFmpegStep, Plan, PythonStep, Report, Step
from gala_renderer.engine.resources import EngineResources
from gala_renderer.engine.together import together
from gala_renderer.ffmpeg import narration_graph
from gala_renderer.ffmpeg.drawn_layer import LogoLayer
from gala_renderer.ffmpeg.encoder_options import (
    VideoEncoding,
    for_drawings,
    for_presenters,
    for_presenters_over_video,
)
from gala_renderer.ffmpeg.narration_graph import Narration
from gala_renderer.ffmpeg.video_source import even, even_size
from gala_renderer.narration.sound import music_track
from gala_renderer.narration.sparse_encoding import can_be_sparse, sparse_steps
from gala_renderer.probe.media import Media
from gala_renderer.provenance.synthetic_mark import SyntheticMark
from gala_renderer.provenance.xmp_embedding import png_chunk
from gala_renderer.speech import outputs

NAME: Final = "presenter"

_SPEAKING: Final = 2.5
_DRAWING: Final = 0.5
_ENCODING: Final = 8.0
"""Weights of the steps."""
_ANIMATING: Final = 20.0
_ARCHIVING: Final = 0.5
_PNG_PATTERN: Final = "presenter-%06d.png"


def depends_on(order: RenderOrder, services: EngineResources) -> str | None:
    """Return the speech engines or Whisper that are used, with their versions, and the mark.

    ``None`` if a service animates: it may fail once, and answer otherwise the next time.
    """
    if _driven(cast(PresenterParams, order.params)):
        return None
    return f"{_voice_version(order, services)} {marking_version(services)}"


def _driven(params: PresenterParams) -> bool:
    """Return True if a service is to animate a presenter."""
    return any(one.driver is Driver.SERVICE for one in params.presenters)


def _voice_version(order: RenderOrder, services: EngineResources) -> str:
    params = cast(PresenterParams, order.params)
    if order.input("voice") is not None:
        return services.whisper.version() if _transcribes(order, services) else ""
    turns, _ = voicing.turns_of(params)
    engines = {turn.choose(services.speech).engine for turn in turns}
    return " ".join(sorted(f"{engine.name} {engine.version}" for engine in engines))


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect every input; plan to prepare the bodies, to speak or listen, and to draw."""
    production = _Production(order, context, cast(PresenterParams, order.params))
    await production.inspect()
    heard = production.recorded is not None
    driven = _driven(production.params)
    return Plan(
        (
            PythonStep("listening" if heard else "speaking", production.begin, _SPEAKING),
            *((PythonStep("animating", production.drive, _ANIMATING),) if driven else ()),
            PythonStep("drawing captions", production.draw, _DRAWING),
        ),
        {"captions": "captions.vtt", "words": "words.json"},
        then=production.encode,
        then_weight=_ENCODING,
    )


def _transcribes(order: RenderOrder, services: EngineResources) -> bool:
    """Return True if Whisper finds out what is said: for captions, or for the lips if it can."""
    params = cast(PresenterParams, order.params)
    if order.input("voice") is None or params.text is not None:
        return False
    return _asks_for_captions(params) or services.whisper.available() is None


def _asks_for_captions(params: PresenterParams) -> bool:
    """Return True if captions are wanted, and not only because they are usual."""
    sent = params.captions is not None and "captions" in params.model_fields_set
    return sent and not params.captions_optional


@dataclass(slots=True)
class _Production:
    """One video of presenters, with what was found out so far."""

    order: RenderOrder
    context: RenderContext
    params: PresenterParams
    portraits: Pictures = NO_PICTURES
    sprites: Sequence[Media] = ()
    background: Media | None = None
    recorded: Media | None = None
    music: Media | None = None
    logo: Media | None = None
    samples: dict[int, Path] = field(default_factory=dict)
    bodies: tuple[BodySpec, ...] = ()
    voices: PresenterVoices | None = None
    track: CaptionTrack | None = None
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def said(self) -> PresenterVoices:
        """The voices, once they are known."""
        if self.voices is None:
            raise RuntimeError("the voices are known only after the step that speaks")
        return self.voices

    @property
    def canvas(self) -> Canvas:
        """The canvas, as long as the voice."""
        form = self.order.canvas_format
        frames = max(1, math.ceil(round(self.said.voice.seconds * form.fps, 3)))
        return Canvas(form.width, form.height, form.fps, frames)

    @property
    def stage(self) -> Stage:
        """What is drawn where."""
        return Stage(self.params, self.canvas, self.background, self.context.scratch)

    async def inspect(self) -> None:
        """Inspect the inputs."""
        order, context = self.order, self.context
        self.portraits = await self._portraits()
        sprites = {
            f"params.presenters.{number}": one.sprites
            for number, one in enumerate(self.params.presenters)
        }
        self.sprites = await inspect_sprites(context, order.files("sprite"), sprites)
        self.background = await self._inspected("background", sound=False)
        self.logo = await self._inspected("logo", sound=False)
        self.recorded = await self._inspected("voice", sound=True)
        if self.recorded is not None:
            check_recording(self.recorded)
        self.music = await self._inspected("music", sound=True)
        if _transcribes(order, context.services):
            context.services.whisper.require()
        elif self._lacks_captions:
            reason = context.services.whisper.available()
            self.warnings.append(f"no captions: params.text does not say what is said. {reason}")
        used = {voice.sample for voice in self.params.voices()}
        self.samples = await outputs.voice_samples(context, order.files("sample"), used)

    @property
    def _lacks_captions(self) -> bool:
        """Return True if there would be captions, if the words of the recording were known."""
        is_known = self.recorded is None or self.params.text is not None
        return not is_known and self.params.captions is not None

    async def _portraits(self) -> Pictures:
        files = self.order.files("portrait")
        pictures = Pictures(files, await self.context.inspect_all(files))
        for file, media in zip(pictures.files, pictures.media, strict=True):
            media.require_picture(file.field)
        return pictures

    async def _inspected(self, name: str, *, sound: bool) -> Media | None:
        file = self.order.input(name)
        if file is None:
            return None
        media = await self.context.inspect(file)
        if sound:
            media.require_sound(file.field)
        else:
            media.require_picture(file.field)
        return media

    async def begin(self, report: Report) -> None:
        """Prepare the bodies beside the voices: neither needs the other."""
        await together((self.prepare(), self.voice(report)))

    async def prepare(self) -> None:
        """Find the faces and prepare the bodies; refuse pictures that cannot speak."""
        prepared = await prepare_bodies(
            self.context, self.params.presenters, self.portraits, self.sprites
        )
        self.bodies = prepared.bodies
        self.warnings.extend(prepared.warnings)

    async def voice(self, report: Report) -> None:
        """Synthesise the voices, or find the words of the recorded one."""
        if self.recorded is None:
            genders = voice_genders(self.params.presenters, len(self.portraits.files))
            self.voices = await voicing.speak(
                self.context, self.params, self.samples, genders, report
            )
            check_speech(self.params, self.voices.voice.seconds)
        else:
            self.voices = await voicing.listen(
                self.context,
                self.params,
                self.recorded,
                transcribe=_transcribes(self.order, self.context.services),
                report=report,
            )
        self.warnings.extend(self.voices.warnings)

    async def drive(self, report: Report) -> None:
        """Have portraits animated by the operator's service, where that is wanted and works."""
        from gala_renderer.avatars.driving.driven_bodies import drive_bodies  # noqa: PLC0415 - imports HTTP

        driven = await drive_bodies(
            self.context,
            self.stage,
            self.said,
            bodies=self.bodies,
            portraits=self.portraits,
            report=report,
        )
        self.bodies = driven.bodies
        self.warnings.extend(driven.warnings)
        self.notes.extend(driven.notes)

    async def draw(self, report: Report) -> None:
        """Draw the captions, and write them and the words to files."""
        params, context, words = self.params, self.context, self.said.voice.words
        look = self._captions_look()
        captions = await asyncio.to_thread(
            captioning.from_words, words, look or CaptionParams(), params.language
        )
        captioning.write(captions, context, "captions.vtt")
        outputs.write_json(context, "words.json", outputs.words_json(words, phonemes=False))
        if look is not None and captions:
            canvas = self.canvas
            frame = Frame(canvas.width, canvas.height, Fraction(canvas.fps))
            self.track = await captioning.draw(captions, look, frame, context, report)
            self.warnings.extend(self.track.warnings)
        report(1.0)

    def _captions_look(self) -> CaptionParams | None:
        """Return the look of the captions, at a place where they hide no face."""
        params, canvas = self.params, self.canvas
        look, safe = params.captions, params.safe_margins
        if look is None:
            return None
        placed = safe.placed(look)
        if "position" in look.model_fields_set and placed.position == look.position:
            return placed
        size = (canvas.width, canvas.height)
        height = captions_height(size, len(params.presenters))
        if height is not None:
            return placed.model_copy(update={"position": safe.free_position(height)})
        if params.inset is None or canvas.width >= canvas.height:
            return placed
        beside = beside_inset(placed.height, inset_box(params.inset, canvas, safe), canvas)
        return placed.model_copy(update={"position": beside})

    async def encode(self) -> Plan:
        """Plan one pass of FFmpeg, beside the program that draws the presenters."""
        stage = self.stage
        drawn = [is_drawn(body) for body in self.bodies]
        motion = await perform(self.context, self.said, self.params, stage.canvas, drawn=drawn)
        if stage.transparent:
            narration = await self._narration(stage)
            return self._transparent(stage, narration, stage.feeder(self.bodies, motion))
        quality = self.params.quality
        choice = await self.context.services.encoders.choose(self.params.encoder, quality)
        sparse = all(drawn) and stage.filled
        if sparse and await can_be_sparse(self.context.ffmpeg, choice.encoding, quality):
            narration = await self._narration(stage, sparse=True)
            feeder = stage.feeder(self.bodies, motion, sparse=True)
            encoding = for_drawings(choice.encoding, quality)
            steps = sparse_steps(self.context, narration, encoding, feeder=feeder, tags=self._tags)
            return self._plan((*stage.preparation(), *steps), "video.mp4", choice.warnings)
        narration = await self._narration(stage)
        feeder = stage.feeder(self.bodies, motion)
        arguments = narration_graph.encode(
            narration,
            scratch=self.context.scratch,
            video=self.context.part("video.mp4"),
            thumbnail=self.context.part("thumbnail.jpg"),
            encoding=self._encoding(stage, choice.encoding),
            threads=self.context.threads_beside_drawing,
            tags=self._tags,
        )
        step = FFmpegStep("encoding", arguments, stage.canvas.seconds, _ENCODING, feeder)
        return self._plan((*stage.preparation(), step), "video.mp4", choice.warnings)

    def _encoding(self, stage: Stage, chosen: VideoEncoding) -> VideoEncoding:
        # A service's clip moves as a video does.
        if stage.over_video or _driven(self.params):
            return for_presenters_over_video(chosen, self.params.quality)
        return for_presenters(chosen, self.params.quality)

    def _transparent(self, stage: Stage, narration: Narration, feeder: Feeder) -> Plan:
        form, context = self.params.transparent_format, self.context
        pictures = form is TransparentFormat.PNG
        name = "video.zip" if pictures else f"video.{form.value}"
        arguments = narration_graph.encode_transparent(
            narration,
            video=context.scratch / _PNG_PATTERN if pictures else context.part(name),
            thumbnail=context.part("thumbnail.jpg"),
            form=form,
            tags={} if pictures else self._tags,
        )
        seconds = stage.canvas.seconds
        steps: list[Step] = [FFmpegStep("encoding", arguments, seconds, _ENCODING, feeder)]
        if pictures:
            steps.append(PythonStep("archiving", self._archive, _ARCHIVING))
        return self._plan(steps, name)

    def _plan(self, steps: Sequence[Step], video: str, warnings: Sequence[str] = ()) -> Plan:
        names = {"video": video, "thumbnail": "thumbnail.jpg"}
        mark = self._mark
        marking = () if mark is None else (marking_step(self.context, mark, [*names.values()]),)
        return Plan(
            (*steps, *marking),
            names,
            warnings=(*self.warnings, *warnings),
            speech=self.said.speakers,
            notes=(*self.said.notes, *self.notes),
        )

    @property
    def _mark(self) -> SyntheticMark | None:
        others = any(files for name, files in self.order.inputs.items() if name != "sample")
        return mark_for(self.context, self.bodies, speakers=self.said.speakers, other_files=others)

    @property
    def _tags(self) -> dict[str, str]:
        return {} if self._mark is None else self._mark.tags

    async def _archive(self, report: Report) -> None:
        paths = sorted(self.context.scratch.glob("presenter-*.png"))
        chunk = b"" if self._mark is None else png_chunk(self._mark.xmp)
        target = self.context.part("video.zip")
        await asyncio.to_thread(write_archive, paths, target, png_chunk=chunk)
        report(1.0)

    async def _narration(self, stage: Stage, *, sparse: bool = False) -> Narration:
        params, canvas, below = self.params, stage.canvas, stage.below
        still = below is not None and below.require_picture("background").still
        return Narration(
            canvas=canvas,
            colour=params.background_color,
            voice=self.said.voice.track,
            music=await music_track(
                self.context,
                self.music,
                seconds=canvas.seconds,
                voice_lufs=params.loudness_lufs,
                volume_db=params.music_volume_db,
                ducking_db=params.music_ducking_db,
            ),
            still=below if still else None,
            video=None if still else below,
            layer=await asyncio.to_thread(stage.layer, sparse=sparse),
            logo=None if self.logo is None else self._logo_layer(self.logo, canvas),
            fit=params.background_fit,
            captions=self.track,
        )

    def _logo_layer(self, media: Media, canvas: Canvas) -> LogoLayer:
        logo, picture = self.params.logo, media.require_picture("logo")
        shape = even_size(picture)
        grow = logo.size * min(canvas.width / shape[0], canvas.height / shape[1])
        size = (even(shape[0] * grow), even(shape[1] * grow))
        margin = round(logo.margin * min(canvas.width, canvas.height))
        margin = min(margin, (canvas.width - size[0]) // 2, (canvas.height - size[1]) // 2)
        box = placed_within(self.params.safe_margins, logo.position, size, canvas, margin)
        return LogoLayer(media=media, box=box, opacity=logo.opacity)
