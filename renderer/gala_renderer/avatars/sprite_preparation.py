"""Decodes and checks the sprites of presenters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import ffmpeg

from gala.errors import InvalidRequest, RenderFailed, UnprocessableMedia
from gala.render_types.params.sprites import LARGEST_SIDE, SpriteLayout, SpriteName, SpritesParams
from gala_renderer.avatars.bodies import RawPicture, SpritesSpec
from gala_renderer.avatars.places import within
from gala_renderer.avatars.sandboxed_program import PREPARATION_SECONDS, last_line
from gala_renderer.avatars.sprites.answer import SpritesAnswer
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.ffmpeg.color import transparent_rgb
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.probe.media import Media
from gala_renderer.program_jobs import job_text

_PROGRAM: Final = "gala_renderer.avatars.sprites.check_program"
_CHANNELS: Final = 4
_MAX_PIXELS: Final = 250_000_000
"""Of all sprites of a presenter: 1 GB of raw files."""
_PIXELS_AT_ONCE: Final = 32_000_000
"""Decoded by one run of FFmpeg; its memory is limited."""


async def inspect_sprites(
    context: RenderContext,
    files: Sequence[InputFile],
    sprites: Mapping[str, SpritesParams | None],
) -> list[Media]:
    """Return what the files of ``inputs.sprite`` contain.

    ``sprites`` are those of all presenters, by the field of each; a file that cannot be used is
    refused by the name of its sprite.
    """
    fields = {
        number - 1: f"{field}.sprites.pictures.{name}"
        for field, one in sprites.items()
        if one is not None
        for name, number in one.pictures.items()
    }
    named = [replace(file, field=fields.get(index, file.field)) for index, file in enumerate(files)]
    found = await context.inspect_all(named)
    for file, media in zip(named, found, strict=True):
        media.require_picture(file.field)
    return found


async def prepare_sprites(
    context: RenderContext,
    layout: SpriteLayout,
    pictures: Mapping[SpriteName, Media],
    *,
    field: str,
    folder: Path,
) -> SpritesSpec:
    """Decode sprites into ``folder``, which is created, and check them.

    ``field`` is the field of the sprites, or their JSON pointer. Raise ``InvalidRequest`` or
    ``UnprocessableMedia``, which name the sprite below it.
    """
    place = within(field, "pictures")
    await asyncio.to_thread(folder.mkdir)
    found = {name: _raw(folder, name, media, place) for name, media in pictures.items()}
    _check_sizes(found, place)
    for group in _groups(found):
        await _decode(context, pictures, {name: found[name] for name in group}, place)
    only = layout.model_dump_json(include=set(SpriteLayout.model_fields))
    spec = SpritesSpec(pictures={name.value: one for name, one in found.items()}, layout=only)
    await _check(context, spec, folder / "sprites.json", field)
    return spec


def numbered_pictures(
    sprites: SpritesParams, pictures: Sequence[Media], field: str
) -> dict[SpriteName, Media]:
    """Return the pictures of ``inputs.sprite`` that sprites have by their numbers.

    Raise ``InvalidRequest``, which names the sprite below ``field``, if there is no such picture.
    """
    for name, number in sprites.pictures.items():
        if number > len(pictures):
            place = f"{field}.pictures.{name}"
            raise InvalidRequest(
                f"{place}: inputs.sprite_asset_ids has no picture {number}.", field=place
            )
    return {name: pictures[number - 1] for name, number in sprites.pictures.items()}


def _raw(folder: Path, name: SpriteName, media: Media, place: str) -> RawPicture:
    picture = media.require_picture(within(place, name.value))
    return RawPicture(path=folder / f"{name}.rgba", width=picture.width, height=picture.height)


def _check_sizes(pictures: Mapping[SpriteName, RawPicture], field: str) -> None:
    for name, one in pictures.items():
        if max(one.width, one.height) > LARGEST_SIDE:
            place = within(field, name.value)
            raise InvalidRequest(
                f"{place}: {one.width} by {one.height} pixels; at most {LARGEST_SIDE} by"
                f" {LARGEST_SIDE} are allowed, scale it down.",
                field=place,
            )
    whole = sum(_pixels(one) for one in pictures.values())
    if whole > _MAX_PIXELS:
        raise InvalidRequest(
            f"{field}: {whole / 1e6:.0f} megapixels together; at most {_MAX_PIXELS / 1e6:.0f} are"
            " allowed, scale them down.",
            field=field,
        )


def _groups(pictures: Mapping[SpriteName, RawPicture]) -> Iterator[list[SpriteName]]:
    group: list[SpriteName] = []
    pixels = 0
    for name, one in pictures.items():
        if group and pixels + _pixels(one) > _PIXELS_AT_ONCE:
            yield group
            group, pixels = [], 0
        group.append(name)
        pixels += _pixels(one)
    yield group


async def _decode(
    context: RenderContext,
    media: Mapping[SpriteName, Media],
    pictures: Mapping[SpriteName, RawPicture],
    field: str,
) -> None:
    outputs = [_decoding(media[name], one) for name, one in pictures.items()]
    failure: RenderFailed | None = None
    try:
        await context.ffmpeg.run(
            tuple(ffmpeg.merge_outputs(*outputs).get_args()),
            cwd=context.scratch,
            limit_seconds=PREPARATION_SECONDS,
            media_seconds=1.0,
            report=lambda _: None,
        )
    except RenderFailed as error:
        failure = error
    for name, one in pictures.items():
        written = one.path.stat().st_size if one.path.exists() else 0
        if written != _pixels(one) * _CHANNELS:
            place = within(field, name.value)
            raise UnprocessableMedia(
                f"{place}: the picture is damaged; save it again.", field=place
            ) from failure
    if failure is not None:
        raise failure


def _decoding(media: Media, target: RawPicture) -> object:
    picture = media.require_picture("inputs.sprite_asset_ids")
    shown = transparent_rgb(user_input(media, an=None).video, picture)
    sized = shown.filter("format", "rgba").filter("scale", w=target.width, h=target.height)
    options = {"f": "rawvideo", "pix_fmt": "rgba", "frames:v": 1, **REPRODUCIBLE}
    return ffmpeg.output(sized, str(target.path), **options)


async def _check(context: RenderContext, spec: SpritesSpec, path: Path, field: str) -> None:
    await asyncio.to_thread(path.write_text, job_text(spec))
    line = await last_line(context, _PROGRAM, path, failure="The sprites could not be checked")
    answer = SpritesAnswer.model_validate_json(line)
    if answer.refused is not None:
        place = answer.field or "pictures"
        above = () if place.startswith("anchors") else ("pictures",)
        whole = within(field, *above, *place.split("."))
        reason = answer.refused.removeprefix(f"{place}: ")
        raise InvalidRequest(f"{whole}: {reason}", field=whole)


def _pixels(picture: RawPicture) -> int:
    return picture.width * picture.height
