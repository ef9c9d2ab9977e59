"""Dependencies shared by all routes, created at start-up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated
from weakref import WeakValueDictionary

from fastapi import Depends, Request

from gala.db.engine import Sessions
from gala.db.quotas import QuotaLimits
from gala.job_queue.wakeup import Wakeup
from gala.permissions import Principal
from gala.signing import Keyring
from gala_api.auth.access import principal_of
from gala_api.auth.authenticator import Authenticator
from gala_api.disk_status import DiskStatus
from gala_api.drawn_assets import DrawnAssets
from gala_api.jobs.change_listener import JobChangeListener
from gala_api.metrics import Metrics
from gala_api.models.preview_failures import PreviewFailures
from gala_api.rate_limit.limiter import Limiter
from gala_api.rate_limit.stream_limit import StreamLimit, speech_streams, timeline_frames
from gala_api.renderer_client import RendererClient
from gala_api.renderer_features import RendererFeatureCache
from gala_api.renderer_status import RendererStatus
from gala_api.settings import ApiSettings
from gala_api.voice_catalogue import VoiceCatalogue
from gala_storage import StorageRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The external services that the API uses, and the state of this process."""

    settings: ApiSettings
    sessions: Sessions
    storages: StorageRegistry
    wakeup: Wakeup
    change_listener: JobChangeListener
    metrics: Metrics
    renderer_status: RendererStatus
    disk: DiskStatus
    keyring: Keyring
    authenticator: Authenticator
    limiter: Limiter
    quota: QuotaLimits
    """The quota of owners without one of their own."""
    renderer: RendererClient
    voices: VoiceCatalogue
    features: RendererFeatureCache
    drawings: DrawnAssets
    event_stream_limit: StreamLimit
    stream_limit: StreamLimit = field(default_factory=speech_streams)
    """The limit of streams of generated speech."""
    frame_limit: StreamLimit = field(default_factory=timeline_frames)
    """The limit of frames of compositions that are drawn at once."""
    preview_locks: WeakValueDictionary[str, asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )
    """By model: one request at a time makes the previews, the others wait for it."""
    preview_failures: PreviewFailures = field(default_factory=PreviewFailures)


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _owner(request: Request) -> str:
    return (await principal_of(request)).owner_id


ServicesDep = Annotated[Services, Depends(_services)]
CallerDep = Annotated[Principal, Depends(principal_of)]
"""The authenticated caller."""
OwnerDep = Annotated[str, Depends(_owner)]
"""The owner of the resources that a request reads or creates: the caller's."""
