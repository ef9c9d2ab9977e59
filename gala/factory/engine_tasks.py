"""Tasks that an engine makes: the engine of this process, or a GALA server as jobs."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from gala.client import GalaClient
from gala.client.remote_engine import RemoteEngine
from gala.engine import Engine, MediaOrder, Source, local_engine
from gala.errors import EngineMissing, InvalidRequest
from gala.factory.config import FactoryConfig
from gala.factory.models import MediaResult
from gala.generation.task_context import TaskContext
from gala.render_types import all_types

Inputs: TypeAlias = Mapping[str, Sequence[Source]]
"""Files or asset ids, keyed by the render type's input names."""

_SUFFIXES: Final = {"video": ".mp4", "audio": ".wav", "image": ".png"}
_log = logging.getLogger(__name__)


async def make(
    config: FactoryConfig,
    context: TaskContext,
    order: MediaOrder,
    inputs: Inputs,
    needs: str | None = None,
) -> MediaResult:
    """Make the order's first output; ``needs`` is the speech engine that it requires, if any."""
    role = all_types()[order.type].outputs[0].role
    targets: dict[str, Path] = {}
    if config.api_url is None:
        _check_files(inputs)
        targets[role] = context.target(_SUFFIXES[role])
    with ExitStack() as stack:
        engine = await context.in_thread(lambda: stack.enter_context(_engine(config)))
        if needs and (reason := await context.in_thread(lambda: engine.lacks(needs))):
            raise EngineMissing(reason)
        made = await engine.make_async(
            replace(order, inputs=inputs, outputs=targets),
            lambda news: context.progress(news.fraction),
        )
    if role in made.files:
        file = made.files[role]
        return MediaResult(path=file.path, mime=file.mime, size=file.size)
    # What a server made stays there, as an input of further tasks.
    return MediaResult(asset_id=made.assets[role], job_id=made.job_id)


@contextmanager
def _engine(config: FactoryConfig) -> Iterator[Engine]:
    """Yield the engine that the configuration selects; the first local one takes a while."""
    if config.api_url is None:
        yield local_engine()
        return
    key = config.api_key.get_secret_value() if config.api_key else None
    with GalaClient(config.api_url, api_key=key) as client:
        yield RemoteEngine(client, on_log=lambda line: _log.warning("%s", line))


def _check_files(inputs: Inputs) -> None:
    for name, sources in inputs.items():
        for source in sources:
            if not isinstance(source, Path):
                raise InvalidRequest(
                    f"{name}: {source} is an asset of a server; set api_url to use it there.",
                    field=name,
                )
