"""Samples of voices: one sentence, spoken once and kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

from gala.errors import NotFound
from gala.speech_protocol import SpeechFormat, SpeechRequest, VoiceSampleRequest
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.speech.protocol import SpeechEngine, Voice
from gala_renderer.speech.sample_sentences import sample_sentence
from gala_renderer.speech.streaming import SpeechStreams
from gala_renderer.speech.voice_listing import find_voice

_CACHE_BYTES: Final = 64 * 1024**2
"""Enough for a thousand samples."""
_FILE: Final = "sample.mp3"
_REVISION: Final = "1"
"""To be changed when samples are to be made again."""


class VoiceSamples:
    """Speaks the samples; the cache is apart from that of results, which would displace them."""

    def __init__(self, engine: RenderEngine, streams: SpeechStreams):
        self._engine = engine
        self._streams = streams
        self._cache = FolderCache(
            engine.settings.data_root / "voice-samples", limit_bytes=_CACHE_BYTES
        )
        self._making: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}

    async def sample(self, request: VoiceSampleRequest) -> bytes:
        """Return the sample as an MP3 file; equal requests at the same time speak it once.

        Raise ``NotFound`` if the engine does not list the voice, ``EngineMissing``, or what
        speaking raises.
        """
        engine = self._engine.services.speech.find(request.engine, field="engine")
        voice = await find_voice(engine, request.voice)
        if voice is None:
            raise NotFound(f"{engine.name} has no voice {request.voice!r}.", field="voice")
        key = await asyncio.to_thread(_key, engine, voice)
        async with self._one_at_a_time(key):
            kept = await asyncio.to_thread(self._kept, key)
            return await self._make(key, engine, voice) if kept is None else kept

    @asynccontextmanager
    async def _one_at_a_time(self, key: str) -> AsyncIterator[None]:
        lock = self._making.setdefault(key, asyncio.Lock())
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key], self._making[key]

    def _kept(self, key: str) -> bytes | None:
        try:
            content = (self._cache.folder(key) / _FILE).read_bytes()
        except OSError:
            # Missing, or being removed.
            return None
        self._cache.touch(key)
        return content

    async def _make(self, key: str, engine: SpeechEngine, voice: Voice) -> bytes:
        request = SpeechRequest.parse(
            {
                "text": sample_sentence(voice.language),
                "engine": engine.name,
                "voice": voice.name,
                "format": SpeechFormat.MP3,
            }
        )
        content = bytearray()
        stream = await self._streams.open(request)
        async with aclosing(stream.chunks) as chunks:
            async for chunk in chunks:
                content += chunk
        await asyncio.to_thread(self._keep, key, bytes(content))
        return bytes(content)

    def _keep(self, key: str, content: bytes) -> None:
        # Without space on the disk, the sample is spoken again.
        with suppress(OSError), self._cache.adding(key) as folder:
            (folder / _FILE).write_bytes(content)


def _key(engine: SpeechEngine, voice: Voice) -> str:
    parts = (_REVISION, engine.name, engine.version, voice.name, sample_sentence(voice.language))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
