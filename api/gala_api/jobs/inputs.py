"""What a job is given to work on: assets, and URLs that a worker will fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from gala.db.tables import Asset, Model
from gala.errors import AssetNotFound, InvalidRequest, UnsupportedMedia
from gala.ids import Prefix, is_id
from gala.media import media_class
from gala.net.urls import web_url
from gala.render_types import RenderType
from gala_api.assets import signed_links
from gala_api.dependencies import Services
from gala_api.errors.validation import nearest
from gala_api.jobs import references

MAX_FILES: Final = 1000
"""Of one input."""


@dataclass(frozen=True, slots=True)
class Given:
    """One input: the request's path of it and its entries, each an asset's id or a URL."""

    field: str
    entries: Sequence[str]
    opened: frozenset[str] = frozenset()
    """Assets among them that a signed link opens, whoever they belong to."""


def fields_of(render_type: RenderType) -> dict[str, str]:
    """Every request field for an input of the type, and the input's name."""
    return {
        field: name
        for name in render_type.inputs
        for field in (render_type.input_field(name), render_type.url_field(name))
    }


def presets(models: Sequence[Model], render_type: RenderType) -> dict[str, Any]:
    """The assets that the models have for inputs of the type; the first model wins."""
    found: dict[str, Any] = {}
    for model in reversed(models):
        for name in render_type.inputs:
            asset_id = model.preset.get(f"default_{render_type.input_field(name)}")
            if asset_id is not None:
                found[render_type.input_field(name)] = asset_id
    return found


def read(
    layers: Sequence[Mapping[str, Any]], render_type: RenderType, services: Services
) -> dict[str, Given]:
    """The inputs by name, from several sources of fields of which the later ones win.

    Raises InvalidRequest, AssetNotFound or UrlRefused, naming the field.
    """
    chosen: dict[str, tuple[str, Any]] = {}
    for layer in layers:
        chosen |= _by_name(layer, render_type)
    found = {
        name: _given(field, value, render_type.input_field(name) == field, services)
        for name, (field, value) in chosen.items()
    }
    for name, spec in render_type.inputs.items():
        if spec.required and (name not in found or not found[name].entries):
            field = f"inputs.{render_type.input_field(name)}"
            raise InvalidRequest(f"{field}: This input is required.", field=field, rule="missing")
    return found


def _by_name(layer: Mapping[str, Any], render_type: RenderType) -> dict[str, tuple[str, Any]]:
    names = fields_of(render_type)
    found: dict[str, tuple[str, Any]] = {}
    for field, value in layer.items():
        if value is None:
            continue
        if field not in names:
            raise _unknown(field, render_type, names)
        other = found.setdefault(names[field], (field, value))[0]
        if other != field:
            raise InvalidRequest(
                f"inputs.{field}: Send this or inputs.{other}, not both.",
                field=f"inputs.{field}",
                rule="either",
            )
    return found


def _unknown(field: str, render_type: RenderType, names: Mapping[str, str]) -> InvalidRequest:
    meant = nearest(field, names)
    told = f"did you mean {meant!r}?" if meant else f"it takes: {', '.join(names) or 'none'}."
    return InvalidRequest(
        f"inputs.{field}: {render_type.name} takes no such input; {told}",
        field=f"inputs.{field}",
        rule="extra_forbidden",
        did_you_mean=None if meant is None else f"inputs.{meant}",
    )


def _given(field: str, value: Any, assets: bool, services: Services) -> Given:
    path = f"inputs.{field}"
    many = field.endswith("s")
    listed = value if many and isinstance(value, list) else [value]
    if len(listed) > MAX_FILES:
        raise InvalidRequest(f"{path}: At most {MAX_FILES} files.", field=path, rule="too_long")
    for entry in listed:
        if not isinstance(entry, str):
            word = "An asset's id" if assets else "A URL"
            raise InvalidRequest(f"{path}: {word} is a text.", field=path, rule="string_type")
    if assets:
        return Given(path, [_asset_id(path, entry) for entry in listed])
    paths = [f"{path}.{at}" for at in range(len(listed))] if many else [path]
    return _fetched(path, dict(zip(paths, listed, strict=True)), services)


def _asset_id(field: str, entry: str) -> str:
    if not is_id(Prefix.ASSET, entry):
        raise AssetNotFound(f"{field}: {entry[:80]!r} is no asset id.", field=field)
    return entry


def _fetched(field: str, urls: Mapping[str, str], services: Services) -> Given:
    """URLs, or assets' ids where they lead to GALA itself: nobody fetches from home."""
    entries: list[str] = []
    opened: set[str] = set()
    for path, url in urls.items():
        own = signed_links.own_link(services, url)
        if own is not None:
            entries.append(own.asset_id)
            opened |= {own.asset_id} if own.valid else set()
        elif is_id(Prefix.ASSET, url):
            # So a job's inputs can be sent as they are shown, where both are in one list.
            entries.append(url)
        else:
            allowed = services.settings.fetch_allowed_hosts
            entries.append(web_url(url, allowed, field=path).text)
    return Given(field, entries, frozenset(opened))


def check(
    session: Session, owner: str, render_type: RenderType, inputs: Mapping[str, Given]
) -> None:
    """Whether the assets are there and of media that the type takes; URLs are fetched later.

    Raises AssetNotFound, AssetPending or UnsupportedMedia, naming the field.
    """
    wanted = {
        given.field: [entry for entry in given.entries if is_id(Prefix.ASSET, entry)]
        for given in inputs.values()
    }
    opened = frozenset[str]().union(*(given.opened for given in inputs.values()))
    found = {asset.id: asset for asset in references.assets(session, owner, wanted, opened=opened)}
    for name, given in inputs.items():
        for asset_id in wanted[given.field]:
            _check_media(found[asset_id], given.field, render_type, name)


def _check_media(asset: Asset, field: str, render_type: RenderType, name: str) -> None:
    wanted = render_type.inputs[name].media
    if media_class(asset.mime) not in wanted:
        raise UnsupportedMedia(
            f"{field}: {asset.id} is {asset.mime}; {render_type.name} needs"
            f" {' or '.join(sorted(wanted))} here.",
            field=field,
        )


def shown(render_type: RenderType | None, inputs: Mapping[str, list[str]]) -> dict[str, Any]:
    """A job's inputs as its request could name them."""
    specs = {} if render_type is None else render_type.inputs
    fields: dict[str, Any] = {}
    for name, entries in inputs.items():
        form = "asset_id" if all(is_id(Prefix.ASSET, entry) for entry in entries) else "url"
        many = name in specs and specs[name].many
        fields[f"{name}_{form}s" if many else f"{name}_{form}"] = entries if many else entries[0]
    return fields
