"""Tables of media: stored objects, assets, pending assets, and media server file names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gala.db.tables.base import Base, Json, created_at_column, is_id_check
from gala.ids import Prefix


class Object(Base):
    """An object at a storage provider: reserved before the upload, committed with its asset.

    An object in state ``deleting`` is removed from storage; nothing can refer to it any more.
    """

    __tablename__ = "objects"
    __table_args__ = (
        UniqueConstraint("provider", "name"),
        CheckConstraint("state IN ('reserved', 'committed', 'deleting')", name="state"),
        Index("ix_objects_unsettled", "created_at", postgresql_where=text("state <> 'committed'")),
    )

    provider: Mapped[str] = mapped_column(primary_key=True)
    object_key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str]
    job_id: Mapped[str | None]
    created_at: Mapped[datetime] = created_at_column()


class Asset(Base):
    """A finished media file that users can refer to."""

    __tablename__ = "assets"
    __table_args__ = (
        is_id_check(Prefix.ASSET),
        ForeignKeyConstraint(
            ["provider", "object_key"], ["objects.provider", "objects.object_key"]
        ),
        CheckConstraint("size_bytes >= 0", name="size_bytes"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        Index("ix_assets_owner_id_id", "owner_id", text("id DESC")),
        Index("ix_assets_owner_id", "owner_id", postgresql_include=["size_bytes"]),
        Index("ix_assets_object", "provider", "object_key"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    kind: Mapped[str]
    provider: Mapped[str]
    object_key: Mapped[str]
    mime: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    label: Mapped[str | None]
    filename: Mapped[str | None]
    job_id: Mapped[str | None]
    duration_ms: Mapped[int | None]
    """This and the next three: a :class:`gala.media.MediaFacts`; NULL until a job finds out."""
    width: Mapped[int | None]
    height: Mapped[int | None]
    fps: Mapped[float | None]
    speech: Mapped[list[Json] | None] = mapped_column(JSONB(none_as_null=True))
    """A list of :class:`gala.media.SpokenBy`; NULL if a job has not spoken in it."""
    created_at: Mapped[datetime] = created_at_column()


class PendingAsset(Base):
    """An asset that a job will make; its id was given out already. Deleted once it is made."""

    __tablename__ = "promised_assets"
    __table_args__ = (
        is_id_check(Prefix.ASSET),
        UniqueConstraint("job_id", "role"),
        Index("ix_promised_assets_owner_id_id", "owner_id", text("id DESC")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    role: Mapped[str]
    kind: Mapped[str]
    label: Mapped[str | None]
    filename: Mapped[str | None]
    created_at: Mapped[datetime] = created_at_column()


class MediaFile(Base):
    """The media server's name of an asset, also while it is pending: ``video_<uuid>.mp4``."""

    __tablename__ = "media_files"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    asset_id: Mapped[str] = mapped_column(index=True)
    job_id: Mapped[str | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="CASCADE"), index=True
    )
    """The job that makes the file; ``None`` for an upload."""
    created_at: Mapped[datetime] = created_at_column()
