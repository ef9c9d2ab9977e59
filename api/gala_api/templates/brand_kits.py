"""Brand kits of owners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gala.brand_kits import BrandKit
from gala.db.tables import Asset, BrandKitAsset, StoredBrandKit
from gala.errors import InvalidRequest, NotFound, UnsupportedMedia
from gala.ids import Prefix, is_id
from gala.media import MediaClass, media_class
from gala.net.urls import web_url
from gala.timeline.refusals import unknown_fonts
from gala_api.dependencies import Services
from gala_api.errors.validation import nearest, remedy
from gala_api.jobs import references


def find(session: Session, owner: str, name: str, *, field: str | None = None) -> StoredBrandKit:
    """Return a kit. Raise NotFound, with the name that was probably meant."""
    found = session.get(StoredBrandKit, (owner, name))
    if found is None:
        names = session.scalars(
            select(StoredBrandKit.name).where(StoredBrandKit.owner_id == owner).limit(100)
        ).all()
        known = remedy(nearest(name, names), names or ("none",))
        where = f"{field}: " if field else ""
        raise NotFound(f"{where}There is no brand kit {name[:80]!r}; {known}", field=field)
    return found


def kit_of(session: Session, owner: str, name: str | None) -> BrandKit:
    """Return the kit that a job names, the neutral one for None. Raise NotFound."""
    if name is None:
        return BrandKit()
    return BrandKit.parse(find(session, owner, name, field="brand").kit)


def keep(
    session: Session, owner: str, name: str, kit: BrandKit, services: Services
) -> StoredBrandKit:
    """Insert a kit, or replace the one of that name.

    Raise InvalidRequest, UrlRefused or AssetNotFound.
    """
    _check_files(kit, services)
    assets = {field: [source] for field, source in kit.files if is_id(Prefix.ASSET, source)}
    _check_voice(kit, services)
    _check_fonts(kit, services)
    found = references.assets(session, owner, assets)
    _check_font_files(assets, found)
    values = {"kit": kit.model_dump(mode="json", exclude_unset=True)}
    statement = insert(StoredBrandKit).values(owner_id=owner, name=name, **values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[StoredBrandKit.owner_id, StoredBrandKit.name],
            set_={**values, "updated_at": func.now()},
        )
    )
    mine = BrandKitAsset.owner_id == owner, BrandKitAsset.name == name
    session.execute(delete(BrandKitAsset).where(*mine))
    session.add_all(BrandKitAsset(owner_id=owner, name=name, asset_id=asset.id) for asset in found)
    session.flush()
    return session.get_one(StoredBrandKit, (owner, name), populate_existing=True)


def _check_voice(kit: BrandKit, services: Services) -> None:
    if kit.voice is None:
        return
    try:
        services.voices.check(kit.voice, frozenset())
    except InvalidRequest as error:
        details = dict(error.details)
        if "field" in details:
            details["field"] = str(details["field"]).replace("params.", "voice.", 1)
        message = error.message.replace("params.", "voice.", 1)
        raise InvalidRequest(message, hint=error.hint, **details) from error


def _check_fonts(kit: BrandKit, services: Services) -> None:
    """Raise InvalidRequest for a font that the renderer does not have; if it answers, which."""
    named = list(kit.named_fonts)
    features = services.features.current() if named else None
    if features is None:
        return
    for field, problem in unknown_fonts(named, features, kit.fonts.files):
        raise InvalidRequest(f"{field}: {problem}", field=field, rule="unknown_font")


def _check_font_files(named: Mapping[str, Sequence[str]], found: Iterable[Asset]) -> None:
    """Raise UnsupportedMedia for an asset that is named as a font and is none."""
    mimes = {asset.id: asset.mime for asset in found}
    for field, (asset_id,) in named.items():
        mime = mimes[asset_id]
        if field.startswith("fonts.files.") and media_class(mime) is not MediaClass.FONT:
            raise UnsupportedMedia(
                f"{field}: {asset_id} is {mime}; a font is required.",
                hint="Upload a TrueType, OpenType or WOFF file.",
                field=field,
            )


def _check_files(kit: BrandKit, services: Services) -> None:
    for field, source in kit.files:
        if "://" in source:
            web_url(source, services.settings.fetch_allowed_hosts, field=field)
        elif not is_id(Prefix.ASSET, source):
            raise InvalidRequest(
                f"{field}: {source[:80]!r} is not the id of an asset, nor a URL.",
                field=field,
                rule="asset_id",
                hint="Upload the file (`POST /assets`) and send its id, ast_…",
            )
