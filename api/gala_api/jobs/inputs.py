"""The inputs of a job: assets, and URLs that a worker will fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
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
"""Per input."""


@dataclass(frozen=True, slots=True)
class JobInputEntries:
    """The entries of one input, each an asset's id or a URL, and the path of its request field."""

    field: str
    entries: Sequence[str]
    linked: frozenset[str] = frozenset()
    """Assets among them that signed links give access to, of any owner."""


def fields_of(render_type: RenderType) -> dict[str, str]:
    """Return the request fields for the inputs of the type, with the names of the inputs."""
    return {
        field: name
        for name in render_type.inputs
        for field in (render_type.input_field(name), render_type.url_field(name))
    }


_SHORT_KEYS: Final = {"background_asset_id": "default_bg_asset_id"}
"""Keys of presets that clients know by another name than that of the field."""


def presets(models: Sequence[Model], render_type: RenderType) -> dict[str, Any]:
    """Return the assets that the models preset for inputs of the type; the first model wins."""
    found: dict[str, Any] = {}
    for model in reversed(models):
        for name in render_type.inputs:
            field = render_type.input_field(name)
            for key in (_SHORT_KEYS.get(field), f"default_{field}"):
                asset_id = model.preset.get(key) if key is not None else None
                if asset_id is not None:
                    found[field] = asset_id
    return found


def named(params: BaseModel, render_type: RenderType) -> dict[str, Any]:
    """Return the fields of the inputs that the params themselves name, as assets or URLs."""
    if render_type.named_inputs is None:
        return {}
    found = render_type.named_inputs(params)
    return {render_type.url_field(name): list(files) for name, files in found.items() if files}


def read(
    layers: Sequence[Mapping[str, Any]], render_type: RenderType, services: Services
) -> dict[str, JobInputEntries]:
    """Return the inputs by name, merged from layers of fields of which later ones win.

    Raise InvalidRequest, AssetNotFound or UrlRefused, naming the field.
    """
    chosen: dict[str, tuple[str, Any]] = {}
    for layer in layers:
        chosen |= _by_name(layer, render_type)
    found = {
        name: _entries(field, value, render_type.input_field(name) == field, services)
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
    known = f"did you mean {meant!r}?" if meant else f"it takes: {', '.join(names) or 'none'}."
    return InvalidRequest(
        f"inputs.{field}: {render_type.name} takes no such input; {known}",
        field=f"inputs.{field}",
        rule="extra_forbidden",
        did_you_mean=None if meant is None else f"inputs.{meant}",
    )


def _entries(field: str, value: Any, assets: bool, services: Services) -> JobInputEntries:
    path = f"inputs.{field}"
    many = field.endswith("s")
    entries = value if many and isinstance(value, list) else [value]
    if len(entries) > MAX_FILES:
        raise InvalidRequest(f"{path}: At most {MAX_FILES} files.", field=path, rule="too_long")
    for entry in entries:
        if not isinstance(entry, str):
            expected = "asset id" if assets else "URL"
            raise InvalidRequest(
                f"{path}: An {expected} as a string is required.", field=path, rule="string_type"
            )
    if assets:
        return JobInputEntries(path, [_asset_id(path, entry) for entry in entries])
    paths = [f"{path}.{index}" for index in range(len(entries))] if many else [path]
    return _url_entries(path, dict(zip(paths, entries, strict=True)), services)


def _asset_id(field: str, entry: str) -> str:
    if not is_id(Prefix.ASSET, entry):
        raise AssetNotFound(f"{field}: {entry[:80]!r} is not an asset id.", field=field)
    return entry


def _url_entries(field: str, urls: Mapping[str, str], services: Services) -> JobInputEntries:
    """Return the URLs, with asset ids in place of URLs of this API, which are not fetched."""
    entries: list[str] = []
    linked: set[str] = set()
    for path, url in urls.items():
        own = signed_links.own_link(services, url)
        if own is not None:
            entries.append(own.asset_id)
            linked |= {own.asset_id} if own.valid else set()
        elif is_id(Prefix.ASSET, url):
            # A job's inputs can thus be sent as responses show them, with ids and URLs in one list.
            entries.append(url)
        else:
            allowed = services.settings.fetch_allowed_hosts
            entries.append(web_url(url, allowed, field=path).text)
    return JobInputEntries(field, entries, frozenset(linked))


def check(
    session: Session, owner: str, render_type: RenderType, inputs: Mapping[str, JobInputEntries]
) -> None:
    """Check that the assets exist and are of media that the type accepts; URLs are fetched later.

    Raise AssetNotFound, AssetPending or UnsupportedMedia, naming the field.
    """
    wanted = {
        given.field: [entry for entry in given.entries if is_id(Prefix.ASSET, entry)]
        for given in inputs.values()
    }
    linked = frozenset[str]().union(*(given.linked for given in inputs.values()))
    found = {asset.id: asset for asset in references.assets(session, owner, wanted, linked=linked)}
    for name, given in inputs.items():
        for asset_id in wanted[given.field]:
            _check_media(found[asset_id], given.field, render_type, name)


def _check_media(asset: Asset, field: str, render_type: RenderType, name: str) -> None:
    wanted = render_type.inputs[name].media
    if media_class(asset.mime) not in wanted:
        raise UnsupportedMedia(
            f"{field}: {asset.id} is {asset.mime}; {render_type.name} requires"
            f" {' or '.join(sorted(wanted))} here.",
            field=field,
        )


def as_fields(render_type: RenderType | None, inputs: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return a job's inputs as the fields of a request."""
    specs = {} if render_type is None else render_type.inputs
    fields: dict[str, Any] = {}
    for name, entries in inputs.items():
        form = "asset_id" if all(is_id(Prefix.ASSET, entry) for entry in entries) else "url"
        many = name in specs and specs[name].many
        fields[f"{name}_{form}s" if many else f"{name}_{form}"] = entries if many else entries[0]
    return fields
