"""Speech that is kept: a text that was spoken before, by the same voice, is not spoken again."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.engine.plan import Report
from gala_renderer.engine.result_cache import code_digest
from gala_renderer.speech.synthesize import TurnsSpeech, speak_turns
from gala_renderer.speech.turns import Turn

_SOUND: Final = "speech.wav"
_TIMES: Final = "speech.json"
_SPEECH: Final = TypeAdapter(TurnsSpeech)


async def speak_once(
    context: RenderContext, turn: Turn, *, target: Path, lufs: float | None, report: Report
) -> TurnsSpeech:
    """Speak a text into the WAV file ``target``, or take what was spoken before.

    Turns with a sample of a voice are always spoken. Raise as :func:`speak_turns`.
    """
    cache = context.services.spoken
    key = None
    if cache.enabled and turn.sample is None:
        key = await asyncio.to_thread(_key, context, turn, lufs)
        kept = await asyncio.to_thread(_kept, cache, key, target)
        if kept is not None:
            report(1.0)
            return kept
    said = await speak_turns(context, [turn], target=target, lufs=lufs, report=report)
    if key is not None:
        await asyncio.to_thread(_keep, cache, key, said)
    return said


def _key(context: RenderContext, turn: Turn, lufs: float | None) -> str:
    engine = turn.choose(context.services.speech).engine
    parts = {
        "code": code_digest(),
        "engine": [engine.name, engine.version],
        "text": turn.text,
        "voice": turn.voice.model_dump(mode="json"),
        "language": turn.language,
        "pause": turn.pause_after,
        "lufs": lufs,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _kept(cache: FolderCache, key: str, target: Path) -> TurnsSpeech | None:
    folder = cache.folder(key)
    try:
        said = _SPEECH.validate_json((folder / _TIMES).read_bytes())
        # A copy: programs may write to the files of an attempt.
        shutil.copyfile(folder / _SOUND, target)
    except (OSError, ValueError):
        # Missing, or being removed.
        return None
    cache.touch(key)
    return replace(said, path=target)


def _keep(cache: FolderCache, key: str, said: TurnsSpeech) -> None:
    # Without space on the disk, it is spoken again.
    with contextlib.suppress(OSError), cache.adding(key) as folder:
        shutil.copyfile(said.path, folder / _SOUND)
        (folder / _TIMES).write_bytes(_SPEECH.dump_json(said))
