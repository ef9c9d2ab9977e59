"""The generating service of a configuration."""

from __future__ import annotations

from pathlib import Path

from gala.factory.config import FactoryConfig
from gala.factory.models import MediaResult
from gala.generation.http_service import Endpoint, GeneratedFile
from gala.media_service import download
from gala.media_service.settings import MediaServiceSettings


def endpoint_of(config: FactoryConfig, url: str) -> Endpoint:
    """Return the service at ``url``, which is trusted as much as the program."""

    async def fetch(link: str, target: Path) -> None:
        # Only public addresses and explicitly allowed hosts.
        await download.fetch(link, target, MediaServiceSettings().fetch_allowed_hosts)

    return Endpoint(url, config.service_key, fetch=fetch, use_proxies=True)


def result_of(generated: GeneratedFile) -> MediaResult:
    """Return a generated file as the result of a task."""
    size = generated.path.stat().st_size
    return MediaResult(
        path=generated.path, mime=generated.mime, size=size, ignored=generated.request.ignored
    )
