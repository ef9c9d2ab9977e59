"""How the pictures and the sound of a film become its files, in the format that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

from gala.errors import InvalidRequest
from gala.media import Format
from gala.render_types.frames import PictureFormat
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.video_encoding import Quality
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.document.output import (
    ANIMATIONS,
    SOUNDS,
    STILLS,
    FileFormat,
    OutputParams,
    VideoCodec,
)
from gala_renderer.captions import pipeline as captioning
from gala_renderer.engine.archive import write_archive
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import FFmpegStep, PythonStep, Report, Step
from gala_renderer.ffmpeg import film_formats as formats
from gala_renderer.ffmpeg.camera_film import CameraFiles, encode_keys, write_camera_film
from gala_renderer.ffmpeg.concat_demuxer import chained
from gala_renderer.ffmpeg.encoder_options import VideoEncoding, for_key_frames
from gala_renderer.ffmpeg.film_assembly import (
    contact_sheet_of,
    joined_output,
    part_format,
    poster_of,
)
from gala_renderer.ffmpeg.film_formats import FilmFormat
from gala_renderer.ffmpeg.hls_ladder import hls_output, steady_options
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.ffmpeg.video_source import even
from gala_renderer.speech.words import Word
from gala_renderer.timeline.camera import CameraFilm, camera_film
from gala_renderer.timeline.graph import Span, frame_at
from gala_renderer.timeline.pictures import picture_stream
from gala_renderer.timeline.studio import Studio

STREAM_FOLDER: Final = "hls"
"""In the scratch folder: the files of a film as HLS."""
ENCODING: Final = "encoding"
"""The name of the steps that encode pictures."""
_PREVIEW_SIDE: Final = 360
_MAX_ANIMATION_SECONDS: Final = 60
_MIN_STREAM_SECONDS: Final = 1
"""Of HLS, whose playlists have the length of segments in whole seconds."""
_ENCODING: Final = 8.0
_JOINING: Final = 0.1
_GATHERING: Final = 0.5
"""Weights of the steps."""
_SUFFIXES: Final[Mapping[FileFormat, str]] = {FileFormat.HLS: "zip", FileFormat.JPEG: "jpg"}


def video_name(params: OutputParams) -> str:
    """Return the name of the film's file."""
    return f"video.{_SUFFIXES.get(params.file_format, params.file_format.value)}"


def quality_of(params: OutputParams) -> Quality:
    """Return the quality in which the film is encoded."""
    return Quality.DRAFT if params.preview else params.quality


def frame_of(params: OutputParams, frame: Format) -> Format:
    """Return the size of the film: that of the job, or smaller for a preview."""
    short = min(frame.width, frame.height)
    if not params.preview or short <= _PREVIEW_SIDE:
        return frame
    part = _PREVIEW_SIDE / short
    return Format(width=even(frame.width * part), height=even(frame.height * part), fps=frame.fps)


def check_length(params: OutputParams, compiled: CompiledTimeline) -> None:
    """Raise InvalidRequest if the format is not for a film of that length."""
    if params.file_format in ANIMATIONS and compiled.length > _MAX_ANIMATION_SECONDS:
        raise InvalidRequest(
            f"params.file_format: a {params.file_format} has at most {_MAX_ANIMATION_SECONDS}"
            f" seconds; the film has {float(compiled.length):.1f}. Use mp4.",
            field="params.file_format",
        )
    if params.file_format is FileFormat.HLS and compiled.length < _MIN_STREAM_SECONDS:
        raise InvalidRequest(
            f"params.file_format: a stream has at least {_MIN_STREAM_SECONDS} second; the film has"
            f" {float(compiled.length):.1f}. Use mp4.",
            field="params.file_format",
        )


@dataclass(frozen=True, slots=True)
class FilmWriter:
    """Plans the steps that write a film."""

    params: OutputParams
    context: RenderContext
    h264: VideoEncoding

    @property
    def outputs(self) -> dict[str, str]:
        """The files by role."""
        params = self.params
        return {
            "video": video_name(params),
            **({"poster": "poster.jpg"} if params.poster is not None and self._moves else {}),
            **({"contact_sheet": "contact_sheet.jpg"} if self._has_sheet else {}),
        }

    @property
    def _moves(self) -> bool:
        return self.params.file_format not in STILLS | SOUNDS

    @property
    def _has_sheet(self) -> bool:
        return self.params.contact_sheet and self._moves

    def format(self, rate: Fraction) -> FilmFormat:
        """Return how the film is encoded."""
        params = self.params
        return FilmFormat(
            file_format=params.file_format,
            codec=params.video_codec,
            quality=quality_of(params),
            transparent=params.transparent,
            h264=self.h264,
            rate=rate,
            threads=self.context.threads,
        )

    def sound_alone(self, sound: Stream | None, seconds: float) -> list[Step]:
        """Return the step that writes the sound. Raise InvalidRequest if nothing is heard."""
        if sound is None:
            raise InvalidRequest(
                f"params.file_format: nothing is heard in the film, so that it cannot be"
                f" {self.params.file_format}. Use mp4.",
                field="params.file_format",
            )
        path = self.context.part(video_name(self.params))
        arguments = formats.sound_output(sound, path, self.params.file_format)
        return [FFmpegStep(ENCODING, arguments, seconds, _ENCODING)]

    def film(self, studio: Studio, pictures: Stream, sound: Stream | None) -> list[Step]:
        """Return the steps that write a film in one pass."""
        frames, rate = studio.compiled.frames, studio.rate
        seconds = float(frames / rate)
        kind = self.params.file_format
        path = self.context.part(video_name(self.params))
        if kind in STILLS:
            at = self._poster_frame(frames, rate)
            form = PictureFormat(kind.value)
            clear = self.params.transparent
            one = formats.frame_output(pictures, at, path, form, transparent=clear)
            return [self._encode(studio, tuple(one.get_args()), float((at + 1) / rate))]
        keys = self._key_encoding
        camera = None if keys is None else camera_film(studio)
        if keys is not None and camera is not None:
            return self._by_motion(camera, keys, sound)
        shown, beside = self._beside(pictures, frames, rate)
        if kind in ANIMATIONS:
            return self._animation(studio, shown, beside, seconds)
        if kind is FileFormat.HLS:
            return self._hls(studio, shown, sound, beside)
        arguments = formats.film_output(
            shown, sound, path, self.format(rate), seconds=seconds, beside=beside
        )
        return [self._encode(studio, arguments, seconds)]

    @property
    def _key_encoding(self) -> VideoEncoding | None:
        """Return how key frames are encoded that others are predicted from, if they can be."""
        params = self.params
        is_usual = params.file_format is FileFormat.MP4 and params.video_codec is VideoCodec.H264
        if not is_usual or self.context.commands_only:
            return None
        return for_key_frames(self.h264, quality_of(params))

    def _by_motion(
        self, camera: CameraFilm, encoding: VideoEncoding, sound: Stream | None
    ) -> list[Step]:
        """Return the steps that encode the key frames, and predict the others from them."""
        frames, rate = camera.studio.compiled.frames, camera.studio.rate
        film, files = self.context.part(video_name(self.params)), CameraFiles(camera.studio.folder)
        form = replace(self.format(rate), h264=encoding)
        keys = encode_keys(camera.key_frames(), files, form)
        written = write_camera_film(files, sound, film, form, frames)
        seconds = float(frames / rate)
        return [
            FFmpegStep(ENCODING, keys, len(camera.keys) / float(rate), _ENCODING, camera.feeder()),
            PythonStep("moving the camera", partial(camera.predict, files), _ENCODING),
            FFmpegStep("writing", written, seconds, _JOINING if sound is None else _ENCODING),
            *(
                FFmpegStep(name, arguments, seconds, _JOINING)
                for name, arguments in self._pictures_of(film, frames, rate)
            ),
        ]

    def part(self, studio: Studio, path: Path, span: Span | None = None) -> list[Step]:
        """Return the steps that write a part of a film, for copying, without sound."""
        span = span or studio.whole
        pictures, seconds = picture_stream(studio, span), float(span.frames / studio.rate)
        if self.params.file_format in ANIMATIONS:
            arguments = formats.lossless_output(pictures, path, seconds=seconds)
            return [self._encode(studio, arguments, seconds)]
        form = part_format(self.format(studio.rate))
        is_hls = self.params.file_format is FileFormat.HLS
        more = steady_options(studio.size, studio.rate) if is_hls else None
        arguments = formats.film_output(pictures, None, path, form, seconds=seconds, more=more)
        return [self._encode(studio, arguments, seconds)]

    def joined(
        self,
        names: Sequence[str],
        sound: Stream | None,
        studio: Studio,
        *,
        lengths: Sequence[Fraction] = (),
        step: str = "joining",
        is_encoded: bool = False,
    ) -> list[Step]:
        """Return the steps that join parts in the scratch folder, and the sound.

        ``lengths`` of the parts are in seconds. ``is_encoded`` says that the sound is in the film's
        codec already.
        """
        context, frames, rate = self.context, studio.compiled.frames, studio.rate
        kind, seconds = self.params.file_format, float(frames / rate)
        parts = chained(context.scratch / "parts.ffconcat", names, lengths).video
        if kind in ANIMATIONS or kind is FileFormat.HLS:
            shown, beside = self._beside(parts, frames, rate)
            if kind is FileFormat.HLS:
                return self._hls(studio, shown, sound, beside, encoded=parts)
            return self._animation(studio, shown, beside, seconds, again=parts)
        film = context.part(video_name(self.params))
        form = self.format(rate)
        arguments = joined_output(parts, sound, film, form, seconds=seconds, is_encoded=is_encoded)
        weight = _JOINING if is_encoded or sound is None else _ENCODING
        return [
            FFmpegStep(step, arguments, seconds, weight),
            *(
                FFmpegStep(name, arguments, seconds, _JOINING)
                for name, arguments in self._pictures_of(film, frames, rate)
            ),
        ]

    def _pictures_of(
        self, film: Path, frames: int, rate: Fraction
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the arguments that make what lies beside a finished film, with their names."""
        if "poster" in self.outputs:
            at, path = self._poster_frame(frames, rate), self.context.part(self.outputs["poster"])
            yield "poster", poster_of(film, at, rate, path)
        if self._has_sheet:
            path = self.context.part(self.outputs["contact_sheet"])
            yield "contact sheet", contact_sheet_of(film, frames, rate, path)

    def _beside(self, pictures: Stream, frames: int, rate: Fraction) -> tuple[Stream, list[Stream]]:
        """Return the pictures for the film, and the outputs that are made of copies of them."""
        wanted = [name for name in ("poster", "contact_sheet") if name in self.outputs]
        if not wanted:
            return pictures, []
        copies, beside = pictures.split(), []
        for number, name in enumerate(wanted, 1):
            path = self.context.part(self.outputs[name])
            if name == "poster":
                at = self._poster_frame(frames, rate)
                jpeg = PictureFormat.JPEG
                made = formats.frame_output(copies[number], at, path, jpeg, transparent=False)
            else:
                made = formats.contact_sheet_output(copies[number], frames, path)
            beside.append(made)
        return copies[0], beside

    def _poster_frame(self, frames: int, rate: Fraction) -> int:
        at = self.params.poster
        return frames // 2 if at is None else min(frames - 1, frame_at(at, rate))

    def _encode(self, studio: Studio, arguments: tuple[str, ...], seconds: float) -> FFmpegStep:
        return FFmpegStep(ENCODING, arguments, seconds, _ENCODING, studio.feeder())

    def _animation(
        self,
        studio: Studio,
        pictures: Stream,
        beside: Sequence[Stream],
        seconds: float,
        *,
        again: Stream | None = None,
    ) -> list[Step]:
        """Return the steps that write a GIF or WebP.

        ``again`` are the pictures for a second pass, if they are stored; a feeder's come only once.
        """
        path, scratch = self.context.part(video_name(self.params)), self.context.scratch
        if self.params.file_format is FileFormat.WEBP:
            shown, clear = self._in_rgb(pictures), self.params.transparent
            arguments = formats.webp_output(shown, path, beside, transparent=clear)
            return [self._encode(studio, arguments, seconds)]
        steps: list[Step] = []
        if again is None:
            raw = scratch / "frames.mkv"
            stored = formats.lossless_output(pictures, raw, seconds=seconds, beside=beside)
            steps.append(self._encode(studio, stored, seconds))
            pictures = again = formats.stored_frames(raw)
            beside = ()
        palette = scratch / "palette.png"
        colors = formats.palette_output(self._in_rgb(pictures), palette, beside)
        drawn = formats.gif_output(self._in_rgb(again), palette, path)
        return [
            *steps,
            FFmpegStep("finding colors", colors, seconds),
            FFmpegStep("writing", drawn, seconds),
        ]

    def _in_rgb(self, pictures: Stream) -> Stream:
        shown = pictures.filter("scale", in_color_matrix="bt709", in_range="tv")
        return shown.filter("format", "rgba" if self.params.transparent else "rgb24")

    def _hls(
        self,
        studio: Studio,
        pictures: Stream,
        sound: Stream | None,
        beside: Sequence[Stream],
        *,
        encoded: Stream | None = None,
    ) -> list[Step]:
        seconds = float(studio.compiled.frames / studio.rate)
        folder = self.context.scratch / STREAM_FOLDER
        folder.mkdir(exist_ok=True)
        form = self.format(studio.rate)
        arguments = hls_output(
            pictures, sound, folder, form,
            size=studio.size, seconds=seconds, beside=beside, encoded=encoded,
        )  # fmt: skip
        target = self.context.part(video_name(self.params))

        async def gather(report: Report) -> None:
            await asyncio.to_thread(write_archive, sorted(folder.iterdir()), target)
            report(1.0)

        return [
            self._encode(studio, arguments, seconds),
            PythonStep("archiving", gather, _GATHERING),
        ]


def write_subtitles(
    compiled: CompiledTimeline, words: Mapping[str, Sequence[Word]], context: RenderContext
) -> dict[str, str]:
    """Write what is said as VTT and SRT; return the files by role."""
    said = sorted(
        (
            word.shifted(float(layer.start))
            for layer in compiled.layers
            for word in words.get(layer.pointer, ())
            if word.start < float(layer.length)
        ),
        key=lambda word: word.start,
    )
    captions = captioning.from_words(said, CaptionParams())
    names = {"captions": "captions.vtt", "subtitles": "subtitles.srt"}
    for name in names.values():
        captioning.write(captions, context, name)
    return names
