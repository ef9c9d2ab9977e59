"""The Python client of GALA's HTTP API.

>>> from gala.client import GalaClient
"""

from gala.client.api_client import DEFAULT_URL, GalaClient
from gala.client.models import (
    Asset,
    Job,
    JobEvent,
    JobLog,
    JobOutput,
    Limits,
    Quota,
    Usage,
)

__all__ = [
    "DEFAULT_URL",
    "Asset",
    "GalaClient",
    "Job",
    "JobEvent",
    "JobLog",
    "JobOutput",
    "Limits",
    "Quota",
    "Usage",
]
