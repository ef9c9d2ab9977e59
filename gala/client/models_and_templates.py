"""Models, templates and brand kits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gala.client.connection import Connection, read, read_all, segment
from gala.client.models import (
    BrandKitSummary,
    Model,
    StoredBrandKit,
    Template,
    TemplateSummary,
    TemplateVersion,
    TemplateVersionSummary,
)


class LibraryCalls(Connection):
    """Requests for what jobs are made of again and again."""

    def models(
        self, *, q: str | None = None, tag: str | None = None, limit: int = 50
    ) -> list[Model]:
        """Return the latest models, newest first; ``q`` looks in names and tags."""
        filters = {"q": q, "tag": tag, "limit": limit}
        query = {key: str(value) for key, value in filters.items() if value is not None}
        return read_all(Model, self.call("GET", "/models", params=query), "models")

    def model(self, model_id: str) -> Model:
        """Return a model."""
        return read(Model, self.call("GET", f"/models/{segment(model_id)}"), "model")

    def create_model(
        self,
        stage_name: str,
        *,
        presenter: Mapping[str, Any] | None = None,
        preset: Mapping[str, Any] | None = None,
        tags: Iterable[str] = (),
        asset_ids: Iterable[str] = (),
        consent: str | None = None,
    ) -> Model:
        """Create a model; ``presenter`` is its ``preset.presenter``.

        Raises:
            UnprocessableMedia: the presenter's picture cannot speak; the message says why.
            InvalidRequest: a field is not valid, or one of several faces has to be chosen.
        """
        full = {**(preset or {}), **({} if presenter is None else {"presenter": presenter})}
        body = {
            "stage_name": stage_name,
            "preset": full,
            "tags": list(tags),
            "asset_ids": list(asset_ids),
            "consent": consent,
        }
        return read(Model, self.call("POST", "/models", json=body), "model")

    def update_model(self, model_id: str, **changes: Any) -> Model:
        """Change the fields ``stage_name``, ``preset``, ``tags``, ``asset_ids``, ``consent``.

        Raise as :meth:`create_model`.
        """
        return read(
            Model, self.call("PATCH", f"/models/{segment(model_id)}", json=changes), "model"
        )

    def delete_model(self, model_id: str) -> None:
        """Delete a model and its previews."""
        self.request("DELETE", f"/models/{segment(model_id)}")

    def model_preview(self, model_id: str, kind: str = "neutral") -> bytes:
        """Return a preview: ``neutral`` (JPEG), ``clip`` (MP4) or ``found`` (PNG).

        Raises:
            NotFound: ``found`` of a model without a portrait.
        """
        path = f"/models/{segment(model_id)}/preview"
        return self.request("GET", path, params={"kind": kind}).content

    def templates(
        self,
        *,
        q: str | None = None,
        type: str | None = None,  # noqa: A002
    ) -> list[TemplateSummary]:
        """Return the templates, built-in ones first; ``q`` looks in names."""
        found: list[TemplateSummary] = []
        query = {"limit": "200", **{k: v for k, v in (("q", q), ("type", type)) if v is not None}}
        while True:
            answer = self.call("GET", "/templates", params={**query, "offset": str(len(found))})
            page = read_all(TemplateSummary, answer, "templates")
            found += page
            if len(page) < 200:
                return found

    def template(self, template_id: str) -> Template:
        """Return a template."""
        return read(Template, self.call("GET", f"/templates/{segment(template_id)}"), "template")

    def create_template(self, fields: Mapping[str, Any]) -> Template:
        """Create a template; the fields are ``name``, ``type``, ``composition``, …

        Raises:
            InvalidRequest: a field is not valid; ``details`` has its place.
            TemplateNameExists: there is one of that name.
        """
        return read(Template, self.call("POST", "/templates", json=fields), "template")

    def update_template(self, template_id: str, fields: Mapping[str, Any]) -> Template:
        """Change a template: a new version of it. Raise as :meth:`create_template`."""
        answer = self.call("PATCH", f"/templates/{segment(template_id)}", json=fields)
        return read(Template, answer, "template")

    def delete_template(self, template_id: str) -> None:
        """Delete a template; its jobs and its versions stay."""
        self.request("DELETE", f"/templates/{segment(template_id)}")

    def template_schema(self, template_id: str) -> dict[str, Any]:
        """Return the JSON Schema of a template's params."""
        return self.call("GET", f"/templates/{segment(template_id)}/schema")

    def template_version(self, template_id: str, version: int) -> TemplateVersion:
        """Return what a template, deleted or not, was in a version."""
        answer = self.call("GET", f"/templates/{segment(template_id)}/versions/{version}")
        return read(TemplateVersion, answer, "version")

    def template_versions(self, template_id: str) -> list[TemplateVersionSummary]:
        """Return all versions of a template, deleted or not, newest first."""
        found: list[TemplateVersionSummary] = []
        while True:
            page = {"limit": "200", "offset": str(len(found))}
            answer = self.call("GET", f"/templates/{segment(template_id)}/versions", params=page)
            versions = read_all(TemplateVersionSummary, answer, "versions")
            found += versions
            if len(versions) < 200:
                return found

    def brand_kits(self) -> list[BrandKitSummary]:
        """Return the brand kits, by name."""
        found: list[BrandKitSummary] = []
        while True:
            page = {"limit": "200", "offset": str(len(found))}
            answer = self.call("GET", "/brand-kits", params=page)
            kits = read_all(BrandKitSummary, answer, "brand_kits")
            found += kits
            if len(kits) < 200:
                return found

    def brand_kit(self, name: str) -> StoredBrandKit:
        """Return a brand kit."""
        answer = self.call("GET", f"/brand-kits/{segment(name)}")
        return read(StoredBrandKit, answer, "brand_kit")

    def set_brand_kit(self, name: str, kit: Mapping[str, Any]) -> StoredBrandKit:
        """Create a brand kit, or replace the one of that name."""
        answer = self.call("PUT", f"/brand-kits/{segment(name)}", json=kit)
        return read(StoredBrandKit, answer, "brand_kit")

    def delete_brand_kit(self, name: str) -> None:
        """Delete a brand kit; jobs are not affected."""
        self.request("DELETE", f"/brand-kits/{segment(name)}")
