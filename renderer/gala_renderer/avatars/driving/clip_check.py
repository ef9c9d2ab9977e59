"""Checks the video that an animation service sent, and brings it into the form that is drawn."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import ffmpeg

from gala.errors import RenderFailed, UnprocessableMedia
from gala.generation.http_service import GeneratedFile
from gala_renderer.avatars.bodies import ClipSpec
from gala_renderer.avatars.body import Box
from gala_renderer.avatars.driving.clip_job import ClipAnswer, ClipJob
from gala_renderer.avatars.driving.service import AnimationRequest
from gala_renderer.avatars.sandboxed_program import last_line
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import BT709, MP4, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.probe.media import Media

_PROGRAM: Final = "gala_renderer.avatars.driving.clip_program"
_TITLE: Final = "the video of the animation service"
_FPS_TOLERANCE: Final = 0.1
_MISSING: Final = 0.2
"""Seconds that may be missing at the end: encoders drop incomplete parts."""
_MORE: Final = 1.0
"""Seconds by which it may be longer: some models work in blocks of frames."""
_DECODING_SECONDS: Final = 900.0
_FACE_SHIFT: Final = 0.75
"""How far a face may be from its place in the portrait, in heights of the face."""
_FACE_SIZES: Final = (0.5, 2.0)


async def checked_clip(
    context: RenderContext,
    sent: GeneratedFile,
    request: AnimationRequest,
    canvas: Canvas,
    face: Box,
) -> ClipSpec:
    """Return the body that shows the video.

    Raise ``RenderFailed`` unless it has the size, rate and length that were asked for, can be
    decoded to its end, and shows a face where the portrait has it.
    """
    try:
        media = await context.inspect(InputFile(sent.path, sent.mime, _TITLE))
        media.require_picture(_TITLE)
    except UnprocessableMedia as error:
        raise RenderFailed(error.message) from error
    _check_form(media, request, canvas.seconds)
    target = sent.path.with_suffix(".drawn.mp4")
    await context.ffmpeg.run(
        _decoding(media, target, canvas),
        cwd=context.scratch,
        limit_seconds=_DECODING_SECONDS,
        media_seconds=canvas.seconds,
        report=lambda _: None,
    )
    await _check_content(context, target, canvas, face)
    box = face.left, face.top, face.right, face.bottom
    return ClipSpec(path=target, width=request.width, height=request.height, face=box)


def _check_form(media: Media, request: AnimationRequest, seconds: float) -> None:
    picture = media.require_picture(_TITLE)
    if (picture.width, picture.height) != (request.width, request.height):
        raise RenderFailed(
            f"{_TITLE} has {picture.width} x {picture.height} pixels instead of"
            f" {request.width} x {request.height}"
        )
    if picture.fps is None or abs(picture.fps - request.fps) > _FPS_TOLERANCE:
        raise RenderFailed(
            f"{_TITLE} has {picture.fps or 0:g} frames per second instead of {request.fps}"
        )
    if not seconds - _MISSING <= media.picture_end <= seconds + _MORE:
        raise RenderFailed(f"{_TITLE} is {media.picture_end:.2f} s long instead of {seconds:.2f}")


def _decoding(media: Media, target: Path, canvas: Canvas) -> tuple[str, ...]:
    shown = user_input(media, an=None).video.filter("fps", canvas.fps)
    plain = normalise_colour(shown, media.require_picture(_TITLE)).trim(end_frame=canvas.frames)
    options = {"c:v": "libx264", "preset": "ultrafast", "crf": 8, "pix_fmt": "yuv420p", **BT709}
    output = ffmpeg.output(plain, str(target), **MP4, **options, **REPRODUCIBLE)
    # Damage in the middle ends the decoding instead of being concealed.
    return ("-xerror", *output.get_args())


async def _check_content(context: RenderContext, path: Path, canvas: Canvas, face: Box) -> None:
    last = max(0, canvas.frames - 1 - round(_MISSING * canvas.fps))
    job = ClipJob(
        path=path,
        samples=tuple(sorted({0, last // 2, last})),
        weights_dir=context.services.settings.weights_dir,
    )
    job_path = path.with_suffix(".json")
    await asyncio.to_thread(job_path.write_text, job.model_dump_json())
    line = await last_line(context, _PROGRAM, job_path, failure=f"{_TITLE} cannot be checked")
    answer = ClipAnswer.model_validate_json(line)
    if answer.frames <= last:
        raise RenderFailed(
            f"{_TITLE} ends after {answer.frames} of {canvas.frames} frames, although it says that"
            " it is longer"
        )
    if not all(any(_is_there(Box(*one), face) for one in found) for found in answer.faces):
        raise RenderFailed(f"{_TITLE} shows no face where the portrait has it")


def _is_there(found: Box, face: Box) -> bool:
    shift_x = abs(found.left + found.right - face.left - face.right) / 2
    shift_y = abs(found.top + found.bottom - face.top - face.bottom) / 2
    smallest, largest = _FACE_SIZES
    near = max(shift_x, shift_y) <= _FACE_SHIFT * face.height
    return near and smallest <= found.height / face.height <= largest
