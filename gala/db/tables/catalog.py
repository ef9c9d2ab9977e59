"""Tables of templates, models and brand kits, with the assets that they refer to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gala.db.tables.base import Base, Json, created_at_column, is_id_check
from gala.ids import Prefix


class Template(Base):
    """A render type with default values under a name. Soft-deleted, as jobs refer to it."""

    __tablename__ = "templates"
    __table_args__ = (
        is_id_check(Prefix.TEMPLATE),
        CheckConstraint("duration_ms > 0", name="duration_ms"),
        Index(
            "uq_templates_living_name",
            "owner_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    duration_ms: Mapped[int | None]
    format: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    params_schema: Mapped[Json]
    defaults: Mapped[Json]
    composition: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    """Of ``timeline``: the film, with variables; NULL for a template of default params only."""
    description: Mapped[str | None]
    preview_asset_id: Mapped[str | None] = mapped_column(
        ForeignKey("assets.id", ondelete="SET NULL"), index=True
    )
    version: Mapped[int] = mapped_column(server_default="1")
    """Number of the present version, from 1; all of them are ``TemplateVersion`` rows."""
    created_at: Mapped[datetime] = created_at_column()
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    deleted_at: Mapped[datetime | None]


class TemplateVersion(Base):
    """What a template was from one change to the next. Never changed, nor deleted on its own."""

    __tablename__ = "template_versions"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    template_id: Mapped[str] = mapped_column(
        ForeignKey("templates.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    duration_ms: Mapped[int | None]
    format: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    params_schema: Mapped[Json]
    defaults: Mapped[Json]
    composition: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = created_at_column()


class Model(Base):
    """An avatar: a persona with pictures, voice and framing."""

    __tablename__ = "models"
    __table_args__ = (
        is_id_check(Prefix.MODEL),
        Index("ix_models_tags", "tags", postgresql_using="gin"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    stage_name: Mapped[str]
    tags: Mapped[list[str]]
    preset: Mapped[Json]
    asset_ids: Mapped[list[str]]
    consent: Mapped[str | None]
    """What the uploader noted about the consent of the person shown."""
    uploaded_by: Mapped[str | None]
    """Id of the API key that the presenter's body came with, if any."""
    uploaded_at: Mapped[datetime | None]
    """When it came; NULL for models of earlier releases."""
    body_warnings: Mapped[list[str]] = mapped_column(server_default="{}")
    """What the check of the presenter's body found."""
    created_at: Mapped[datetime] = created_at_column()
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class ModelAsset(Base):
    """A reference of a model to an asset, in ``asset_ids`` or in its preset."""

    __tablename__ = "model_assets"

    model_id: Mapped[str] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)


class ModelPreview(Base):
    """A preview of a model as presenter: an object in storage that is not an asset."""

    __tablename__ = "model_previews"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider", "object_key"], ["objects.provider", "objects.object_key"]
        ),
        CheckConstraint("kind IN ('found', 'neutral', 'clip')", name="kind"),
        Index("ix_model_previews_object", "provider", "object_key"),
    )

    model_id: Mapped[str] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    object_key: Mapped[str]
    mime: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    created_at: Mapped[datetime] = created_at_column()


class TemplateAsset(Base):
    """A reference of a template that is not deleted to an asset that it names."""

    __tablename__ = "template_assets"

    template_id: Mapped[str] = mapped_column(
        ForeignKey("templates.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)


class StoredBrandKit(Base):
    """A brand kit of an owner, under its name; the fields are those of requests."""

    __tablename__ = "brand_kits"
    __table_args__ = (CheckConstraint("jsonb_typeof(kit) = 'object'", name="kit"),)

    owner_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    kit: Mapped[Json]
    created_at: Mapped[datetime] = created_at_column()
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class BrandKitAsset(Base):
    """A reference of a brand kit to an asset."""

    __tablename__ = "brand_kit_assets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["owner_id", "name"], ["brand_kits.owner_id", "brand_kits.name"], ondelete="CASCADE"
        ),
    )

    owner_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)
