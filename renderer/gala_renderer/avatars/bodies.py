"""The kinds of bodies, and how the drawing program opens them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from gala.render_types.params.characters import CharacterOptions
from gala_renderer.avatars.body import Body


class PortraitSpec(BaseModel):
    """A portrait that was prepared into a folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["portrait"] = "portrait"
    folder: Path


class CharacterSpec(BaseModel):
    """A character that GALA draws."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["character"] = "character"
    options: CharacterOptions


BodySpec: TypeAlias = Annotated[PortraitSpec | CharacterSpec, Field(discriminator="kind")]


def open_body(spec: BodySpec) -> Body:
    """Return the body."""
    # Only what is used is imported: each kind needs libraries of its own.
    match spec:
        case PortraitSpec():
            from gala_renderer.avatars.portrait.portrait_body import Portrait  # noqa: PLC0415
            from gala_renderer.avatars.portrait.prepared import load  # noqa: PLC0415

            return Portrait(load(spec.folder))
        case CharacterSpec():
            from gala_renderer.avatars.drawings.character import Character  # noqa: PLC0415

            return Character(spec.options)
