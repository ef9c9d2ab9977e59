"""Models as presenters: what their presets and pictures mean for a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from gala.db.tables import Asset, Model
from gala.errors import InvalidRequest
from gala.media import AssetKind, MediaClass, media_class
from gala.render_types import RenderType
from gala.render_types.params.personas import Persona
from gala.render_types.params.presenters import BodyParams
from gala.render_types.params.sprites import SpriteAssets
from gala.render_types.params.voice import VoiceParams
from gala_api.errors.validation import invalid_fields

PRESET_KEY: Final = "presenter"
"""The key of a preset with the persona."""
_FIELD: Final = ("preset", PRESET_KEY)
_PORTRAITS: Final = "portrait_asset_ids"
_SPRITES: Final = "sprite_asset_ids"
_BODIES: Final = frozenset({"character", "portrait", "sprites"})
"""Fields of a presenter that say what its body is."""
_NAME: Final = 100
_COMMON: Final = ("framing", "background", "background_color", "captions")
"""Params of a video that the first model decides."""
_VOICE_NAMES: Final = frozenset({"engine", "voice"})
"""A voice is one of its engine's: a request that names one of them takes neither from a model."""


def persona_of(preset: Mapping[str, Any]) -> Persona:
    """Return the persona of a preset. Raise InvalidRequest, naming the field."""
    given = preset.get(PRESET_KEY)
    if given is None:
        return Persona()
    if not isinstance(given, dict):
        field = ".".join(_FIELD)
        raise InvalidRequest(f"{field}: An object is required.", field=field, rule="dict_type")
    try:
        return Persona.parse(given)
    except ValidationError as error:
        raise invalid_fields(error.errors(), prefix=_FIELD, model=Persona) from error


def portrait_of(session: Session, model: Model) -> str | None:
    """Return the id of the picture that speaks for a model; None for a drawn character."""
    body = persona_of(model.preset).body
    if body is not None:
        return body.portrait_asset_id
    return _first_portrait(session, model.asset_ids)


def _first_portrait(session: Session, asset_ids: Sequence[str]) -> str | None:
    if not asset_ids:
        return None
    rows = session.execute(
        select(Asset.id, Asset.mime).where(
            Asset.id.in_(asset_ids), Asset.kind == AssetKind.AVATAR_INPUT
        )
    )
    pictures = {id_ for id_, mime in rows if media_class(mime) is MediaClass.IMAGE}
    return next((one for one in asset_ids if one in pictures), None)


class Casting:
    """The presenters that the models of a job are, as defaults of its params and inputs."""

    def __init__(self, session: Session, models: Sequence[Model], render_type: RenderType):
        self.models = models
        self._presents = "presenters" in render_type.params.model_fields and bool(models)
        speaks = issubclass(render_type.params, VoiceParams)
        self._personas = [persona_of(model.preset) for model in models] if speaks else []
        self._portraits = (
            [portrait_of(session, model) for model in models] if self._presents else []
        )

    def inputs(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the pictures of the presenters of a job with these params."""
        portraits = [asset_id for asset_id in self._portraits if asset_id is not None]
        sprites = [one for one in self._sprites(params) if one is not None]
        found = {
            _PORTRAITS: portraits,
            _SPRITES: [asset_id for one in sprites for asset_id in one.pictures.values()],
        }
        return {field: asset_ids for field, asset_ids in found.items() if asset_ids}

    def params(self, params: Mapping[str, Any], *, own_portraits: bool) -> dict[str, Any]:
        """Return the params, completed by the models.

        With ``own_portraits`` the request brings the pictures of the presenters.
        """
        if not self._personas:
            return dict(params)
        if not self._presents:
            return {**_voice(self._personas[0], params), **params}
        common = _set_fields(self._personas[0], _COMMON)
        presenters = self._presenters(params, own_portraits=own_portraits)
        return {**common, **params, "presenters": presenters}

    def _sprites(self, params: Mapping[str, Any]) -> list[SpriteAssets | None]:
        """Return the sprites of each model, without those that the request replaces."""
        if not self._presents:
            return []
        entries = _listed(params.get("presenters"))
        return [
            None if persona.body is None or _names_body(entries, number) else persona.body.sprites
            for number, persona in enumerate(self._personas)
        ]

    def _presenters(self, params: Mapping[str, Any], *, own_portraits: bool) -> Any:
        """Return each model's presenter, overridden by the request's entry at its place."""
        given = params.get("presenters")
        entries = _listed(given)
        if given is not None and not all(isinstance(one, dict) for one in entries):
            return given
        cast, pictures = [], 0
        for number, sprites in enumerate(self._sprites(params)):
            own = _at(entries, number)
            own_body = own_portraits or _names_body(entries, number)
            entry = self._presenter(number, {*params, *own}, own_body=own_body)
            if sprites is not None and not own_portraits:
                entry["sprites"] = sprites.numbered(pictures)
                pictures += len(sprites.pictures)
            cast.append({**entry, **own})
        return [*cast, *entries[len(cast) :]]

    def _presenter(self, number: int, given: Collection[str], *, own_body: bool) -> dict[str, Any]:
        """Return a model's presenter, without the choice of voice that is ``given``."""
        model, persona = self.models[number], self._personas[number]
        entry = _voice(persona, given)
        if [other.stage_name for other in self.models].count(model.stage_name) == 1:
            entry["name"] = model.stage_name[:_NAME]
        if persona.energy is not None:
            entry["energy"] = persona.energy
        if own_body:
            # The model's body describes another picture.
            return entry
        if persona.body is not None:
            entry |= _set_fields(persona.body, BodyParams.model_fields)
        if self._portraits[number] is not None:
            before = [one for one in self._portraits[:number] if one is not None]
            entry["portrait"] = len(before) + 1
        elif "character" not in entry and (persona.body is None or persona.body.sprites is None):
            entry["character"] = {}
        return entry


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list) else []


def _at(entries: Sequence[dict[str, Any]], number: int) -> dict[str, Any]:
    return entries[number] if number < len(entries) else {}


def _names_body(entries: Sequence[Any], number: int) -> bool:
    """Return True if the request's entry at that place says what the presenter's body is."""
    entry = entries[number] if number < len(entries) else {}
    return isinstance(entry, dict) and bool(_BODIES & entry.keys())


def _voice(persona: Persona, given: Collection[str]) -> dict[str, Any]:
    """Return the fields of the voice that are not ``given``; engine and voice go together."""
    taken = {*given, *(_VOICE_NAMES if _VOICE_NAMES & set(given) else ())}
    return _set_fields(persona, VoiceParams.model_fields.keys() - taken)


def _set_fields(model: Persona | BodyParams, names: Any) -> dict[str, Any]:
    """Return the fields of those names that were set, as JSON."""
    return model.model_dump(mode="json", include=set(names), exclude_unset=True, exclude_none=True)
