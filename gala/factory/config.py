"""What a workflow is told when it is made."""

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
    """The HTTP service that generates; trusted as the program itself is."""
    service_key: ServiceKey | None = None
    """Sent to it as a bearer token."""
    dialect: Dialect = Dialect.AUTO
    backend: Literal["auto", "service", "diffusers"] = "auto"
    """Of images: a service, or a model in this process."""
    default_model: str | None = None
    max_duration: Annotated[float, Field(gt=0, le=86_400)] = 600
    """The longest video that may be asked for."""
    timeout: Annotated[float, Field(gt=0, le=86_400)] = 300
    """The longest that one attempt may take."""
    api_url: ServiceAddress | None = None
    """A GALA server: what the engine makes is then made there, as jobs."""
    api_key: ServiceKey | None = None
    output_dir: Path | None = None
    """Where results lie; a temporary folder that goes with the program by default."""
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    """How many tasks of this workflow run at once."""
    pool: ResourcePool | None = None
    """One pool for several workflows, instead of ``workers``."""
    retries: Annotated[int, Field(ge=0, le=20)] = 2
    """How often more a task is tried whose failure may pass."""
    retry_wait: Annotated[float, Field(ge=0, le=600)] = 0.5
    """Before the first repeat; doubled for every further one."""
    cache: bool = True
    """Whether the exact repeat of what was made is answered with a copy of it."""
    keep_tasks: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """How many ended tasks are remembered."""
    callback: Callback | None = None
    """Told of every change of every task."""


def config_of(given: Mapping[str, Any] | None) -> FactoryConfig:
    """The configuration; raises ``ValueError`` naming what is wrong."""
    return parsed(FactoryConfig, given or {})
