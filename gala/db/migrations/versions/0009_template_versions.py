"""Versions and compositions of templates, and brand kits.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
_CONTENT = ("type", "duration_ms", "format", "params_schema", "defaults", "composition")


def upgrade() -> None:
    op.add_column("templates", sa.Column("composition", _JSON, nullable=True))
    op.add_column("templates", sa.Column("description", sa.Text(), nullable=True))
    op.add_column("templates", sa.Column("preview_asset_id", sa.Text(), nullable=True))
    op.add_column(
        "templates",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.create_foreign_key(
        op.f("fk_templates_preview_asset_id"),
        "templates",
        "assets",
        ["preview_asset_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_templates_preview_asset_id"), "templates", ["preview_asset_id"])
    op.create_table(
        "template_versions",
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("format", _JSON, nullable=True),
        sa.Column("params_schema", _JSON, nullable=False),
        sa.Column("defaults", _JSON, nullable=False),
        sa.Column("composition", _JSON, nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_template_versions_version")),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["templates.id"],
            name=op.f("fk_template_versions_template_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("template_id", "version", name=op.f("pk_template_versions")),
    )
    columns = ", ".join(_CONTENT)
    op.execute(
        f"INSERT INTO template_versions (template_id, version, {columns}, created_at)"  # noqa: S608
        f" SELECT id, 1, {columns}, updated_at FROM templates"
    )
    # NULL: a job of an earlier release; it keeps all that it runs in its own columns.
    op.add_column("jobs", sa.Column("template_version", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("template_params", _JSON, nullable=True))
    op.create_table(
        "brand_kits",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kit", _JSON, nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("jsonb_typeof(kit) = 'object'", name=op.f("ck_brand_kits_kit")),
        sa.PrimaryKeyConstraint("owner_id", "name", name=op.f("pk_brand_kits")),
    )
    op.create_table(
        "brand_kit_assets",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name=op.f("fk_brand_kit_assets_asset_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "name"],
            ["brand_kits.owner_id", "brand_kits.name"],
            name=op.f("fk_brand_kit_assets_owner_id_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "name", "asset_id", name=op.f("pk_brand_kit_assets")),
    )
    op.create_index(op.f("ix_brand_kit_assets_asset_id"), "brand_kit_assets", ["asset_id"])


def downgrade() -> None:
    op.drop_table("brand_kit_assets")
    op.drop_table("brand_kits")
    op.drop_column("jobs", "template_params")
    op.drop_column("jobs", "template_version")
    op.drop_table("template_versions")
    op.drop_index(op.f("ix_templates_preview_asset_id"), "templates")
    for column in ("version", "preview_asset_id", "description", "composition"):
        op.drop_column("templates", column)
