"""The Python client of GALA's HTTP API.

>>> from gala.client import GalaClient
"""

from gala.client.api_client import GalaClient
from gala.client.models import (
    Asset,
    BrandKitSummary,
    Job,
    JobEvent,
    JobLog,
    JobOutput,
    Limits,
    Model,
    ModelPreviews,
    OutputFile,
    Pronunciation,
    Quota,
    StoredBrandKit,
    Template,
    TemplateSummary,
    TemplateVersion,
    TemplateVersionSummary,
    UploadedBy,
    Usage,
)
from gala.server_address import DEFAULT_URL

__all__ = [
    "DEFAULT_URL",
    "Asset",
    "BrandKitSummary",
    "GalaClient",
    "Job",
    "JobEvent",
    "JobLog",
    "JobOutput",
    "Limits",
    "Model",
    "ModelPreviews",
    "OutputFile",
    "Pronunciation",
    "Quota",
    "StoredBrandKit",
    "Template",
    "TemplateSummary",
    "TemplateVersion",
    "TemplateVersionSummary",
    "UploadedBy",
    "Usage",
]
