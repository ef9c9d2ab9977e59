"""The tables, by subject. Constraints exclude invalid states; migrations create the same."""

from gala.db.tables.assets import Asset, MediaFile, Object, PendingAsset
from gala.db.tables.base import Base, Json
from gala.db.tables.catalog import (
    BrandKitAsset,
    Model,
    ModelAsset,
    ModelPreview,
    StoredBrandKit,
    Template,
    TemplateAsset,
    TemplateVersion,
)
from gala.db.tables.jobs import (
    IdempotencyKey,
    Job,
    JobAttempt,
    JobEvent,
    JobInput,
    JobModel,
    JobOutput,
    Notification,
)
from gala.db.tables.owners import ApiKey, Counter, LaneTurn, Owner, PronunciationList

__all__ = [
    "ApiKey",
    "Asset",
    "Base",
    "BrandKitAsset",
    "Counter",
    "IdempotencyKey",
    "Job",
    "JobAttempt",
    "JobEvent",
    "JobInput",
    "JobModel",
    "JobOutput",
    "Json",
    "LaneTurn",
    "MediaFile",
    "Model",
    "ModelAsset",
    "ModelPreview",
    "Notification",
    "Object",
    "Owner",
    "PendingAsset",
    "PronunciationList",
    "StoredBrandKit",
    "Template",
    "TemplateAsset",
    "TemplateVersion",
]
