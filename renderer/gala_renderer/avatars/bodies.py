"""The kinds of bodies, and how the drawing program opens them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from gala.render_types.params.characters import CharacterOptions
from gala.render_types.params.sprites import SpriteLayout, SpriteName
from gala_renderer.avatars.body import Body


class PortraitSpec(BaseModel):
    """A portrait that was prepared into a folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["portrait"] = "portrait"
    folder: Path


class RawPicture(BaseModel):
    """A file with the straight RGBA of a picture of ``width`` x ``height`` pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    width: int
    height: int


class CharacterSpec(BaseModel):
    """A character that GALA draws."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["character"] = "character"
    options: CharacterOptions


class SpritesSpec(BaseModel):
    """Sprites that were decoded, and checked with :func:`open_body`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["sprites"] = "sprites"
    pictures: dict[Annotated[SpriteName, Field(strict=False)], RawPicture]
    layout: SpriteLayout


class ClipSpec(BaseModel):
    """A video of a presenter, one frame for each frame that is drawn; H.264, 4:2:0, BT.709."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["clip"] = "clip"
    path: Path
    width: int
    height: int
    face: tuple[float, float, float, float]
    """Left, top, right and bottom in pixels."""


BodySpec: TypeAlias = Annotated[
    PortraitSpec | CharacterSpec | SpritesSpec | ClipSpec, Field(discriminator="kind")
]


def is_drawn(spec: BodySpec) -> bool:
    """Return True for bodies that move as cartoons do."""
    return isinstance(spec, CharacterSpec | SpritesSpec)


def open_body(spec: BodySpec) -> Body:
    """Return the body. Raise ``InvalidRequest``, whose field is a sprite, if sprites do not fit."""
    # Only what is used is imported: each kind needs libraries of its own.
    match spec:
        case PortraitSpec():
            from gala_renderer.avatars.portrait.portrait_body import Portrait  # noqa: PLC0415
            from gala_renderer.avatars.portrait.prepared import load  # noqa: PLC0415

            return Portrait(load(spec.folder))
        case CharacterSpec():
            from gala_renderer.avatars.drawings.character import Character  # noqa: PLC0415

            return Character(spec.options)
        case SpritesSpec():
            from gala_renderer.avatars.sprites.loading import load_sprites, mapped_pictures  # noqa: PLC0415

            return load_sprites(mapped_pictures(spec.pictures), spec.layout)
        case ClipSpec():
            from gala_renderer.avatars.driving.clip_body import ClipBody  # noqa: PLC0415

            return ClipBody(spec)
