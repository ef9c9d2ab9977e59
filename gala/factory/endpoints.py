"""The service that a config names."""

from __future__ import annotations

from pathlib import Path

from gala.factory.config import FactoryConfig
from gala.factory.models import MediaResult
from gala.generation.http_service import Endpoint, Received
from gala.media_service import download
from gala.media_service.settings import MediaServiceSettings


def endpoint_of(config: FactoryConfig, url: str) -> Endpoint:
    """The service at ``url``, which the program trusts as itself."""

    async def elsewhere(link: str, target: Path) -> None:
        # What everybody may fetch from.
        await download.fetch(link, target, MediaServiceSettings().fetch_allowed_hosts)

    return Endpoint(url, config.service_key, elsewhere=elsewhere, proxied=True)


def kept(received: Received) -> MediaResult:
    """What it made, as a task's result."""
    size = received.path.stat().st_size
    return MediaResult(
        path=received.path, mime=received.mime, size=size, ignored=received.asked.ignored
    )
