"""Where the medium is in a service's JSON answer, in any of the usual forms."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from gala.errors import RenderFailed
from gala.service import fetching
from gala.service.settings import MediaServiceSettings
from gala.urls import USUAL_PORTS, AllowedHosts

_NAMES: Final = (
    *("b64_json", "image_base64", "video_base64", "audio_base64", "base64"),
    *("image", "video", "audio", "url", "image_url", "video_url", "audio_url"),
    *("data", "images", "videos", "audios", "result", "output", "outputs"),
)  # fmt: skip
_DEEPEST: Final = 8


async def unpack(answer: Any, root: str, target: Path) -> None:
    """Write the first medium of the answer into ``target``.

    A URL is fetched from the service itself, or else only where GALA fetches from at all.
    """
    name, value = _first("data", answer, _DEEPEST)
    if value.startswith("data:"):
        value = value.partition(",")[2]
    elif value.startswith(("http://", "https://")) or name.endswith("url"):
        await fetching.fetch(urljoin(f"{root}/", value), target, _allowed(root))
        return
    await asyncio.to_thread(_decode, value, target)


def _first(name: str, value: Any, depth: int) -> tuple[str, str]:
    if isinstance(value, str) and value:
        return name, value
    if isinstance(value, list) and value and depth:
        return _first(name, value[0], depth - 1)
    if isinstance(value, Mapping) and depth:
        for known in _NAMES:
            if value.get(known):
                return _first(known, value[known], depth - 1)
        raise RenderFailed(f"The service's answer holds no medium: {_shown(value)}.")
    raise RenderFailed("The service's answer holds no medium.")


def _shown(answer: Mapping[str, Any]) -> str:
    problem = answer.get("error") or answer.get("detail") or answer.get("message")
    return str(problem or f"it has {', '.join(map(str, answer)) or 'nothing'}")[:300]


def _decode(text: str, target: Path) -> None:
    try:
        target.write_bytes(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise RenderFailed("The service's answer is neither base64 nor a URL.") from error


def _allowed(root: str) -> AllowedHosts:
    """What everybody may fetch from, and the service, which the program named."""
    usual = MediaServiceSettings().fetch_allowed_hosts
    parts = urlsplit(root)
    own = (parts.hostname or "", parts.port or USUAL_PORTS[parts.scheme])
    return AllowedHosts(usual.names | {own}, usual.networks)
