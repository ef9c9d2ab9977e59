"""The Python client of GALA's HTTP API.

>>> from gala.client import GalaClient
"""

from gala.client.api_client import GalaClient
from gala.client.models import (
    Asset,
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
    TemplateVersion,
    UploadedBy,
    Usage,
)
from gala.server_address import DEFAULT_URL

__all__ = [
    "DEFAULT_URL",
    "Asset",
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
    "TemplateVersion",
    "UploadedBy",
    "Usage",
]
