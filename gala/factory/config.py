"""The configuration of a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gala.factory.concurrency import ResourcePool
from gala.factory.models import Callback
from gala.factory.validation import parsed
from gala.generation.image_requests import Dialect
from gala.settings import ServiceAddress, ServiceKey


class FactoryConfig(BaseModel):
    """The configuration of a workflow; times are in seconds."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    service_endpoint: ServiceAddress | None = None
    """URL of the HTTP service that generates; trusted as much as the program itself."""
    service_key: ServiceKey | None = None
    """Sent to the service as a bearer token."""
    dialect: Dialect = Dialect.AUTO
    backend: Literal["auto", "service", "diffusers"] = "auto"
    """For images: a service, or a model in this process."""
    default_model: str | None = None
    max_duration: Annotated[float, Field(gt=0, le=86_400)] = 600
    """The longest video that may be requested."""
    timeout: Annotated[float, Field(gt=0, le=86_400)] = 300
    """Time limit of one attempt."""
    api_url: ServiceAddress | None = None
    """A GALA server, which then does the engine's work as jobs."""
    api_key: ServiceKey | None = None
    output_dir: Path | None = None
    """Folder of the results; by default a temporary folder, deleted when the program ends."""
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    """Number of tasks of this workflow that run at once."""
    pool: ResourcePool | None = None
    """One pool for several workflows, instead of ``workers``."""
    retries: Annotated[int, Field(ge=0, le=20)] = 2
    """Number of further attempts after a temporary failure."""
    retry_wait: Annotated[float, Field(ge=0, le=600)] = 0.5
    """Pause before the second attempt; doubled before each further one."""
    cache: bool = True
    """Whether an exact repeat returns a copy of the earlier result."""
    keep_tasks: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Number of ended tasks that are kept."""
    callback: Callback | None = None
    """Called for every change of every task."""


def config_of(values: Mapping[str, Any] | None) -> FactoryConfig:
    """Return the configuration; raise ``ValueError`` naming the invalid keys."""
    return parsed(FactoryConfig, values or {})
