"""What a preview of a model shows, as params and inputs of the type ``presenter_preview``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from gala.errors import GalaError, error_of
from gala.render_types.params.personas import Persona
from gala.render_types.params.presenters import BodyParams
from gala_api.jobs.personas import FIELD, SPRITES_FIELD, Portrait, portrait_of, set_fields

TYPE_NAME: Final = "presenter_preview"
_PORTRAIT: Final = "portrait_asset_id"
_SPRITES: Final = "sprite_asset_ids"


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """A preview of a model's presenter. Equal requests show the same."""

    params: Mapping[str, Any]
    portrait: Portrait | None = None
    """The picture whose face speaks, if it is one."""
    sprites: tuple[str, ...] = ()
    """The assets of the sprites, if the body is made of them."""

    @property
    def has_pictures(self) -> bool:
        """Return True if there are pictures to check; a drawn character has none."""
        return self.portrait is not None or bool(self.sprites)

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs of the job."""
        portrait = {} if self.portrait is None else {_PORTRAIT: self.portrait.asset_id}
        return {**portrait, **({_SPRITES: list(self.sprites)} if self.sprites else {})}

    @property
    def chooses_face(self) -> bool:
        """Return True if the body says which face of the picture is meant."""
        return not {"face", "points"}.isdisjoint(self.params.get("body", {}))

    def in_model(self, text: str) -> str:
        """Return the text with the model's fields in place of the job's."""
        if self.portrait is not None:
            text = text.replace(f"inputs.{_PORTRAIT}", self.portrait.field)
        text = text.replace(f"inputs.{_SPRITES}", f"{SPRITES_FIELD}.pictures")
        return text.replace("params.", f"{FIELD}.")

    def error_in_model(self, error: GalaError) -> GalaError:
        """Return the job's error, naming the model's fields."""
        details = dict(error.details)
        if "field" in details:
            details["field"] = self.in_model(details["field"])
        hint = None if error.hint is None else self.in_model(error.hint)
        return error_of(error.code, self.in_model(error.message), hint=hint, details=details)


def preview_request(session: Session, persona: Persona, asset_ids: Sequence[str]) -> PreviewRequest:
    """Return the preview of a presenter of a model with these pictures."""
    params: dict[str, Any] = {} if persona.energy is None else {"energy": persona.energy}
    sprites = None if persona.body is None else persona.body.sprites
    if persona.body is not None:
        params["body"] = set_fields(persona.body, BodyParams.model_fields)
    if sprites is not None:
        params["body"]["sprites"] = sprites.numbered(0)
    return PreviewRequest(
        params,
        portrait_of(session, persona, asset_ids),
        () if sprites is None else tuple(sprites.pictures.values()),
    )
