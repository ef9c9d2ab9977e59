"""Finished files become the outputs of a render: final names, sizes and digests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from gala.media import MediaClass, MediaFacts, SpokenBy, media_class
from gala.render_protocol import Output
from gala_renderer.engine.attempt_dir import AttemptDir
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import PlanResult

_AUDIBLE: Final = frozenset({MediaClass.AUDIO, MediaClass.VIDEO})


def publish(result: PlanResult, order: RenderOrder, folder: AttemptDir) -> list[Output]:
    """Give the finished files their final names; return them as outputs of the render."""
    specs = {spec.role: spec for spec in order.type.outputs}
    speech = tuple(result.speech)
    return [
        _output(
            role, folder.publish(name), specs[role].mime_of(name), result.media.get(role), speech
        )
        for role, name in result.files.items()
    ]


def _output(
    role: str, path: Path, mime: str, media: MediaFacts | None, speech: tuple[SpokenBy, ...]
) -> Output:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Output(
        role=role,
        path=f"{path.parent.name}/{path.name}",
        mime=mime,
        size=path.stat().st_size,
        sha256=digest,
        media=media,
        speech=speech if media_class(mime) in _AUDIBLE else (),
    )
