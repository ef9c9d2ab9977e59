"""Pictures that were decoded for one frame, kept for the next ones."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.engine.result_cache import code_digest
from gala_renderer.engine.steps import run_step
from gala_renderer.timeline.decoded_runs import DecodedRuns
from gala_renderer.timeline.drawing.files import check_file

_FILE: Final = "material"


async def run_once(
    context: RenderContext, step: FFmpegStep, runs: DecodedRuns, *, limit_seconds: float
) -> None:
    """Run a step that decodes one picture, or take what it wrote before.

    ``runs`` writes the frames that it reads. Its last argument is the file it writes.
    """
    target, cache = Path(step.arguments[-1]), context.services.frame_files
    key = _key(step.arguments, runs.store.contents, context)
    if key is not None and await asyncio.to_thread(_fetch, cache, key, target):
        return
    await runs.provide(step.arguments, context)
    await run_step(
        step,
        context.ffmpeg,
        cwd=context.scratch,
        limit_seconds=limit_seconds,
        report=lambda _: None,
    )
    if key is not None:
        await asyncio.to_thread(_keep, cache, key, target)


def _key(
    arguments: tuple[str, ...], inputs: Mapping[Path, str], context: RenderContext
) -> str | None:
    """Return the digest of the arguments, with what files contain instead of where they are.

    None if other files of this frame are read, such as a table of colors.
    """
    keys = {str(path): key for path, key in inputs.items()}
    parts = [keys.get(one, one) for one in arguments[:-1]]
    if any(str(context.scratch) in one for one in parts):
        return None
    text = json.dumps(["material", code_digest(), str(context.ffmpeg.executable), *parts])
    return hashlib.sha256(text.encode()).hexdigest()


def _fetch(cache: FolderCache, key: str, target: Path) -> bool:
    try:
        # A copy: programs may write to the files of an attempt.
        shutil.copyfile(cache.folder(key) / _FILE, target)
    except OSError:
        return False
    cache.touch(key)
    return True


def _keep(cache: FolderCache, key: str, made: Path) -> None:
    check_file(made)
    # Without space on the disk, it is decoded again.
    with contextlib.suppress(OSError), cache.adding(key) as folder:
        shutil.copyfile(made, folder / _FILE)
