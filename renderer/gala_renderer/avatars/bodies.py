"""The kinds of bodies, and how the drawing program opens them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from gala.presenter_looks import CharacterOptions
from gala_renderer.avatars.body import Body


@dataclass(frozen=True, kw_only=True)
class PortraitSpec:
    """A portrait that was prepared into a folder."""

    kind: Literal["portrait"] = "portrait"
    folder: Path


@dataclass(frozen=True, kw_only=True)
class RawPicture:
    """A file with the straight RGBA of a picture of ``width`` x ``height`` pixels."""

    path: Path
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class CharacterSpec:
    """A character that GALA draws."""

    kind: Literal["character"] = "character"
    options: CharacterOptions


@dataclass(frozen=True, kw_only=True)
class SpritesSpec:
    """Sprites that were decoded, and checked with :func:`open_body`."""

    kind: Literal["sprites"] = "sprites"
    pictures: dict[str, RawPicture]
    """By :class:`~gala.render_types.params.sprites.SpriteName`."""
    layout: str
    """A :class:`~gala.render_types.params.sprites.SpriteLayout` as JSON."""


@dataclass(frozen=True, kw_only=True)
class ClipSpec:
    """A video of a presenter, one frame for each frame that is drawn; H.264, 4:2:0, BT.709."""

    kind: Literal["clip"] = "clip"
    path: Path
    width: int
    height: int
    face: tuple[float, float, float, float]
    """Left, top, right and bottom in pixels."""
    first: int = 0
    """The frame of the video that is drawn first."""


BodySpec: TypeAlias = PortraitSpec | CharacterSpec | SpritesSpec | ClipSpec


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
            from gala.render_types.params.sprites import SpriteLayout  # noqa: PLC0415
            from gala_renderer.avatars.sprites.loading import load_sprites, mapped_pictures  # noqa: PLC0415

            layout = SpriteLayout.model_validate_json(spec.layout)
            return load_sprites(mapped_pictures(spec.pictures), layout)
        case ClipSpec():
            from gala_renderer.avatars.driving.clip_body import ClipBody  # noqa: PLC0415

            return ClipBody(spec)
