"""The tables, by subject. Constraints exclude invalid states; migrations create the same."""

from gala.db.tables.assets import Asset, MediaFile, Object, PendingAsset
from gala.db.tables.base import Base, Json
from gala.db.tables.catalog import Model, ModelAsset, ModelPreview, Template, TemplateAsset
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
    "Template",
    "TemplateAsset",
]
