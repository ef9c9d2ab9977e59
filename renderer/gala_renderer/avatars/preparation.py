"""Prepares the bodies of presenters; portraits only once per picture."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg
from pydantic import TypeAdapter

from gala.errors import EngineMissing, InvalidRequest, UnprocessableMedia
from gala.render_types.params.characters import CharacterParams
from gala.render_types.params.presenters import BodyParams
from gala.render_types.presenter import Presenter
from gala.voice_gender import VoiceGender
from gala_renderer.avatars.bodies import BodySpec, CharacterSpec, PortraitSpec
from gala_renderer.avatars.places import picture_place, within
from gala_renderer.avatars.preparation_job import (
    FoundFace,
    PortraitAnswer,
    PortraitJob,
    PreparationJob,
)
from gala_renderer.avatars.sandboxed_program import PREPARATION_SECONDS, last_line
from gala_renderer.avatars.sprite_preparation import numbered_pictures, prepare_sprites
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.result_cache import code_digest
from gala_renderer.ffmpeg.color import transparent_rgb
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.probe.media import Media
from gala_renderer.program_jobs import job_text

_PROGRAM: Final = "gala_renderer.avatars.preparation_program"
NOT_PREPARED: Final = "The portrait could not be prepared"
"""Begins the message of the error if the program that prepares portraits fails."""
_MAX_SIDE: Final = 2160
"""Larger pictures are scaled down: no frame shows more of them."""
_SMALLEST_FACE: Final = 32
"""Pixels from chin to hairline below which lips are only a few pixels high."""
_SMALL_FACE: Final = 120
_ANSWER: Final = "answer.json"
_ANSWERS: Final = TypeAdapter(PortraitAnswer)
"""Checks what the program answers: it reads what users have uploaded."""
_TURNED_DEGREES: Final = 50.0
"""Beyond this, one half of the mouth is hidden."""


@dataclass(frozen=True, slots=True)
class PreparedBodies:
    """The bodies of all presenters, in order, and warnings for the job's log."""

    bodies: tuple[BodySpec, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedPortrait:
    """A prepared portrait, what was found in its picture, and warnings for the job's log."""

    spec: PortraitSpec
    answer: PortraitAnswer
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The files of an input, and what they contain."""

    files: Sequence[InputFile]
    media: Sequence[Media]


NO_PICTURES: Final = Pictures((), ())


async def prepare_bodies(
    context: RenderContext,
    presenters: Sequence[Presenter],
    portraits: Pictures,
    sprites: Sequence[Media],
) -> PreparedBodies:
    """Prepare the bodies of the pictures of ``inputs.portrait`` and ``inputs.sprite``.

    Raise ``UnprocessableMedia`` naming the picture's field if it has no face that can speak,
    ``InvalidRequest`` for a picture or a face that does not exist, or ``EngineMissing``.
    """
    bodies: list[BodySpec] = []
    warnings: list[str] = []
    for number, presenter in enumerate(presenters):
        field = f"params.presenters.{number}"
        chosen = portrait_of(presenter, number, len(portraits.files))
        if presenter.sprites is not None:
            folder = context.scratch / f"sprites-{number}"
            chosen_sprites = numbered_pictures(presenter.sprites, sprites, f"{field}.sprites")
            body = await prepare_sprites(
                context, presenter.sprites, chosen_sprites, field=f"{field}.sprites", folder=folder
            )
            bodies.append(body)
        elif chosen is not None:
            file, media = portraits.files[chosen], portraits.media[chosen]
            portrait = await prepare_portrait(context, file, media, presenter, field=field)
            bodies.append(portrait.spec)
            warnings.extend(portrait.warnings)
        else:
            bodies.append(drawn_body(presenter.character, number))
    return PreparedBodies(tuple(bodies), tuple(warnings))


def voice_genders(presenters: Sequence[Presenter], portraits: int) -> list[VoiceGender | None]:
    """Return the genders of the presenters' voices; None for those who are not drawn characters.

    ``portraits`` is the number of pictures. Raise ``InvalidRequest`` as :func:`prepare_bodies`.
    """
    genders: list[VoiceGender | None] = []
    for number, one in enumerate(presenters):
        is_drawn = one.sprites is None and portrait_of(one, number, portraits) is None
        drawn = drawn_body(one.character, number) if is_drawn else None
        genders.append(None if drawn is None else drawn.options.voice_gender)
    return genders


def drawn_body(character: CharacterParams | None, number: int = 0) -> CharacterSpec:
    """Return the body of a drawn character; by default, they are different by ``number``."""
    return CharacterSpec(options=(character or CharacterParams()).options(number))


def portrait_of(presenter: Presenter, number: int, count: int) -> int | None:
    """Return the index of the presenter's picture among ``count``; None for a drawn character."""
    if presenter.portrait is not None:
        if presenter.portrait > count:
            field = f"params.presenters.{number}.portrait"
            raise InvalidRequest(
                f"{field}: inputs.portrait_asset_ids has no picture {presenter.portrait}.",
                field=field,
            )
        return presenter.portrait - 1
    if presenter.character is not None:
        return None
    return number if number < count else None


def face_of(portrait: PortraitSpec, number: int) -> FoundFace:
    """Return the face with this number, counted from 1, of a prepared portrait."""
    answer = _ANSWERS.validate_json((portrait.folder / _ANSWER).read_bytes())
    return answer.faces[number - 1]


async def prepare_portrait(
    context: RenderContext,
    file: InputFile,
    media: Media,
    body: BodyParams,
    *,
    field: str,
    preview: Path | None = None,
    run: Callable[[PreparationJob], Awaitable[str]] | None = None,
) -> PreparedPortrait:
    """Prepare one portrait, or take it from the cache; raise as :func:`prepare_bodies`.

    ``field`` is the field of the presenter, or its JSON pointer in a composition, where the picture
    is its ``src``. ``preview`` is the path of a JPEG that shows what was found. ``run`` passes a
    job to a program that runs already, and returns the line that it answers; by default, one is
    started.
    """
    picture = picture_place(field, file.field)
    job = await _decoded(context, file, media, body, preview)
    key = await asyncio.to_thread(_key, job, context.services.settings.weights_dir)
    cache = context.services.portraits
    answered = job.target / _ANSWER
    if preview is None and await asyncio.to_thread(cache.fetch, key, job.target):
        answer = _ANSWERS.validate_json(answered.read_bytes())
    else:
        weights = context.services.settings.weights_dir
        whole = PreparationJob(weights_dir=weights, portraits=(job,))
        line = await (_run(context, whole) if run is None else run(whole))
        answer = _ANSWERS.validate_json(line)
        check_answer(answer, picture, body, field)
        answered.write_bytes(_ANSWERS.dump_json(answer))
        await asyncio.to_thread(cache.store, key, job.target)
    warnings = tuple(_advice(answer, picture, body))
    return PreparedPortrait(PortraitSpec(folder=job.target), answer, warnings)


async def _decoded(
    context: RenderContext,
    file: InputFile,
    media: Media,
    body: BodyParams,
    preview: Path | None,
) -> PortraitJob:
    """Decode the picture to raw RGBA, scaled down if it is very large."""
    picture = media.require_picture(file.field)
    aspect = float(picture.sample_aspect) if picture.sample_aspect > 0 else 1.0
    width, height = picture.width * aspect, float(picture.height)
    shrink = min(1.0, _MAX_SIDE / max(width, height))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    folder = context.scratch / f"{file.path.name}.{body.face}"
    raw = folder.with_suffix(".rgba")
    await context.ffmpeg.run(
        _decoding(media, raw, size),
        cwd=context.scratch,
        limit_seconds=PREPARATION_SECONDS,
        media_seconds=1.0,
        report=lambda _: None,
    )
    return PortraitJob(
        picture=raw,
        width=size[0],
        height=size[1],
        face=body.face,
        points={name.value: at for name, at in body.points.items()},
        target=_unused(folder),
        preview=preview,
    )


def _decoding(media: Media, target: Path, size: tuple[int, int]) -> tuple[str, ...]:
    picture = media.require_picture("inputs.portrait_asset_ids")
    shown = transparent_rgb(user_input(media, an=None).video, picture).filter("format", "rgba")
    scaled = shown.filter("scale", w=size[0], h=size[1], flags="area+accurate_rnd")
    options = {"f": "rawvideo", "pix_fmt": "rgba", "frames:v": 1, **REPRODUCIBLE}
    return tuple(ffmpeg.output(scaled, str(target), **options).get_args())


def _unused(folder: Path) -> Path:
    """Return a folder that does not exist yet: two presenters may share a picture."""
    number, unused = 1, folder
    while unused.exists():
        number += 1
        unused = folder.with_name(f"{folder.name}-{number}")
    return unused


async def _run(context: RenderContext, job: PreparationJob) -> str:
    path = job.portraits[0].target.with_suffix(".json")
    path.write_text(job_text(job))
    return await last_line(context, _PROGRAM, path, failure=NOT_PREPARED)


def check_answer(answer: PortraitAnswer, picture: str, body: BodyParams, field: str) -> None:
    """Raise an error that says what is wrong if the wanted face cannot speak.

    ``picture`` is the place of the picture, ``field`` that of the presenter.
    """
    if answer.weights_missing:
        raise EngineMissing(
            "Portraits need the weights `faces`, which are not installed here.",
            hint="Run `gala weights pull faces`.",
        )
    if answer.refused is not None:
        raise InvalidRequest(within(field, answer.refused), field=within(field, "points"))
    if not answer.faces:
        raise UnprocessableMedia(
            f"{picture}: no face was found in this picture.",
            hint="Choose a picture that shows a face from the front, or set"
            f" {within(field, 'points')} for a drawing or an animal.",
            field=picture,
        )
    if body.face > len(answer.faces):
        place = within(field, "face")
        raise InvalidRequest(f"{place}: the picture has {len(answer.faces)} faces.", field=place)
    height = answer.faces[body.face - 1].height
    if height < _SMALLEST_FACE:
        raise UnprocessableMedia(
            f"{picture}: the face is only {height:.0f} pixels high; at least"
            f" {_SMALLEST_FACE} are needed.",
            hint="Choose a larger picture, or one that shows the face closer.",
            field=picture,
        )


def _advice(answer: PortraitAnswer, picture: str, body: BodyParams) -> list[str]:
    face = answer.faces[body.face - 1]
    advice = []
    if face.height < _SMALL_FACE:
        advice.append(
            f"{picture}: the face is only {face.height:.0f} pixels high and will look soft"
        )
    if abs(face.yaw) > _TURNED_DEGREES:
        advice.append(f"{picture}: the face is turned far aside; half of the mouth is hidden")
    if len(answer.faces) > 1 and not body.points:
        advice.append(f"{picture}: {len(answer.faces)} faces were found; number {body.face} speaks")
    return advice


def _key(job: PortraitJob, weights: Path) -> str:
    """Return the digest of everything that decides how the portrait is prepared."""
    digest = hashlib.sha256()
    points = sorted(job.points.items())
    installed = sorted(path.name for path in weights.glob("faces*/*"))
    digest.update(f"{code_digest()} {installed} {job.width} {job.face} {points}".encode())
    with job.picture.open("rb") as opened:
        digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()
