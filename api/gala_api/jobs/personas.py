"""Models as presenters: what their presets and pictures mean for a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

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
FIELD: Final = f"preset.{PRESET_KEY}"
"""The path of the persona in a model."""
SPRITES_FIELD: Final = f"{FIELD}.body.sprites"
_PORTRAITS: Final = "portrait_asset_ids"
_SPRITES: Final = "sprite_asset_ids"
_BODIES: Final = frozenset({"character", "portrait", "sprites"})
"""Fields of a presenter that say what its body is."""
_NAME: Final = 100
_COMMON: Final = ("framing", "background", "background_color", "captions", "logo", "inset")
"""Params of a video that the first model decides."""
_VOICE_NAMES: Final = frozenset({"engine", "voice"})
"""A voice is one of its engine's: a request that names one of them takes neither from a model."""


def persona_of(preset: Mapping[str, Any]) -> Persona:
    """Return the persona of a preset. Raise InvalidRequest, naming the field."""
    given = preset.get(PRESET_KEY)
    if given is None:
        return Persona()
    if not isinstance(given, dict):
        raise InvalidRequest(f"{FIELD}: An object is required.", field=FIELD, rule="dict_type")
    try:
        return Persona.parse(given)
    except ValidationError as error:
        raise invalid_fields(error.errors(), prefix=FIELD.split("."), model=Persona) from error


def is_persona(preset: Mapping[str, Any]) -> bool:
    """Return True if a preset says something about a presenter."""
    given = preset.get(PRESET_KEY)
    return isinstance(given, dict) and not (given and Persona.model_fields.keys().isdisjoint(given))


def stored_persona(model: Model, field: str) -> Persona:
    """Return the persona of a stored model, whose preset may be older than personas.

    What has none of a persona's fields is something else of the model's owner and is ignored.
    Otherwise raise InvalidRequest, naming ``field``, the model and the field of its preset.
    """
    if not is_persona(model.preset):
        return Persona()
    try:
        return persona_of(model.preset)
    except InvalidRequest as error:
        raise InvalidRequest(
            f"{field}: The model {model.id} ({model.stage_name}) cannot be a presenter:"
            f" {error.message}",
            field=field,
            hint=f"Correct its preset: PATCH /models/{model.id}.",
            model_id=model.id,
            model_field=error.details.get("field"),
        ) from error


def sprite_fields(persona: Persona) -> dict[str, list[str]]:
    """Return the ids of the sprites' assets, by the field of each."""
    if persona.body is None or persona.body.sprites is None:
        return {}
    pictures = persona.body.sprites.pictures
    return {f"{SPRITES_FIELD}.pictures.{name}": [one] for name, one in pictures.items()}


class Portrait(NamedTuple):
    """The picture that speaks for a model."""

    asset_id: str
    field: str
    """The model's field that names it."""


def portrait_of(session: Session, persona: Persona, asset_ids: Sequence[str]) -> Portrait | None:
    """Return the picture that speaks for a model; None for a drawn character."""
    if persona.body is None:
        return _first_portrait(session, asset_ids)
    if persona.body.portrait_asset_id is None:
        return None
    return Portrait(persona.body.portrait_asset_id, f"{FIELD}.body.portrait_asset_id")


def _first_portrait(session: Session, asset_ids: Sequence[str]) -> Portrait | None:
    if not asset_ids:
        return None
    rows = session.execute(
        select(Asset.id, Asset.mime).where(
            Asset.id.in_(asset_ids), Asset.kind == AssetKind.AVATAR_INPUT
        )
    )
    pictures = {id_ for id_, mime in rows if media_class(mime) is MediaClass.IMAGE}
    found = ((id_, number) for number, id_ in enumerate(asset_ids) if id_ in pictures)
    return next((Portrait(id_, f"asset_ids.{number}") for id_, number in found), None)


class Casting:
    """The presenters that the models of a job are, as defaults of its params and inputs."""

    def __init__(self, session: Session, models: Sequence[Model], render_type: RenderType):
        self.models = models
        self._presents = "presenters" in render_type.params.model_fields and bool(models)
        speaks = issubclass(render_type.params, VoiceParams)
        self._personas = (
            [stored_persona(model, f"model_ids.{number}") for number, model in enumerate(models)]
            if speaks
            else []
        )
        self._portraits = (
            [
                portrait_of(session, persona, model.asset_ids)
                for model, persona in zip(models, self._personas, strict=True)
            ]
            if self._presents
            else []
        )

    def inputs(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the pictures of the presenters of a job with these params."""
        portraits = [one.asset_id for one in self._portraits if one is not None]
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
            return {**voice_fields(self._personas[0], params), **params}
        common = set_fields(self._personas[0], _COMMON)
        if "captions" in common and "captions" not in params:
            # The model says how captions look, not that each of its videos must have them.
            common["captions_optional"] = True
        presenters = self._presenters(params, own_portraits=own_portraits)
        found = {**common, **params, "presenters": presenters}
        if "inset" not in params and not _fits_inset(found):
            found.pop("inset", None)
        return found

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
        entry = voice_fields(persona, given)
        if [other.stage_name for other in self.models].count(model.stage_name) == 1:
            entry["name"] = model.stage_name[:_NAME]
        if persona.energy is not None:
            entry["energy"] = persona.energy
        if persona.driver is not None:
            entry["driver"] = persona.driver.value
        if own_body:
            # The model's body describes another picture.
            return entry
        if persona.body is not None:
            entry |= set_fields(persona.body, BodyParams.model_fields)
        if self._portraits[number] is not None:
            before = [one for one in self._portraits[:number] if one is not None]
            entry["portrait"] = len(before) + 1
        elif "character" not in entry and (persona.body is None or persona.body.sprites is None):
            entry["character"] = {}
        return entry


def _fits_inset(params: Mapping[str, Any]) -> bool:
    """Return True if a job with these params may show its presenter in an inset."""
    return len(_listed(params["presenters"])) == 1 and params.get("background") != "none"


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list) else []


def _at(entries: Sequence[dict[str, Any]], number: int) -> dict[str, Any]:
    return entries[number] if number < len(entries) else {}


def _names_body(entries: Sequence[Any], number: int) -> bool:
    """Return True if the request's entry at that place says what the presenter's body is."""
    entry = entries[number] if number < len(entries) else {}
    return isinstance(entry, dict) and bool(_BODIES & entry.keys())


def voice_fields(persona: Persona, given: Collection[str]) -> dict[str, Any]:
    """Return the fields of the voice that are not ``given``; engine and voice go together."""
    taken = {*given, *(_VOICE_NAMES if _VOICE_NAMES & set(given) else ())}
    return set_fields(persona, VoiceParams.model_fields.keys() - taken)


def set_fields(model: Persona | BodyParams, names: Collection[str]) -> dict[str, Any]:
    """Return the fields of those names that were set, as JSON."""
    return model.model_dump(mode="json", include={*names}, exclude_unset=True, exclude_none=True)
