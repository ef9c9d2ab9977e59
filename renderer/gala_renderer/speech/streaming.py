"""Streaming speech: sent sentence by sentence through one encoder, while it is synthesised."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import ffmpeg
import numpy as np

from gala.errors import DeadlineExceeded, RenderFailed, Unavailable
from gala.media import SpokenBy
from gala.render_types.params.audio_formats import RATES, AudioFormat
from gala.render_types.params.speech_marks import own_text
from gala.render_types.params.voice import VoiceParams
from gala.speech_protocol import PCM_RATE, SpeechFormat, SpeechRequest, SpokenWord, TimedAudio
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.encoder_options import Options
from gala_renderer.ffmpeg.loudness import measure
from gala_renderer.ffmpeg.runner import failure
from gala_renderer.http.spooling import Spools
from gala_renderer.http.streaming import begun, read_by
from gala_renderer.sandbox.runner import RunningProcess
from gala_renderer.speech import pcm_track
from gala_renderer.speech.normalize import PEAK_DB, source
from gala_renderer.speech.openai_voices import PERSONAS, voice_for
from gala_renderer.speech.pcm_track import Samples
from gala_renderer.speech.piece_voices import PieceVoices
from gala_renderer.speech.protocol import SpeechEngine
from gala_renderer.speech.turns import (
    LimitsChunkLength,
    TextPiece,
    Turn,
    in_chunks,
    pieces,
)
from gala_renderer.speech.words import Word

_FIRST_CHARACTERS: Final = 60
"""The maximum length of the first piece; short, because the listener waits for it."""
_PIECE_CHARACTERS: Final = 320
_ENGINE_SECONDS: Final = 0.65
"""The time that a slow engine needs for a second of speech. The pieces grow to their greatest
length no faster than that engine has them ready before those before them have been heard."""
_SECONDS: Final = 3600.0
_CHUNK: Final = 16 * 1024
_ENGINE_SPEEDS: Final = (0.5, 2.0)

_ENCODED: Final[dict[SpeechFormat, Options]] = {
    SpeechFormat.MP3: {"f": "mp3", "c:a": "libmp3lame", "b:a": "96k", "write_xing": 0},
    # Short Ogg pages (0.1 s) reduce the latency; by default a page holds a second.
    SpeechFormat.OPUS: {"f": "ogg", "c:a": "libopus", "b:a": "48k", "page_duration": 100_000},
    SpeechFormat.AAC: {"f": "adts", "c:a": "aac", "b:a": "80k"},
    SpeechFormat.FLAC: {"f": "flac", "c:a": "flac", "sample_fmt": "s16"},
    SpeechFormat.WAV: {"f": "wav", "c:a": "pcm_s16le"},
    SpeechFormat.PCM: {"f": "s16le", "c:a": "pcm_s16le", "ar": PCM_RATE},
}


@dataclass(frozen=True, slots=True)
class SpeechStream:
    """A sound file's bytes, and who speaks in it; closing the generator stops the work."""

    chunks: AsyncGenerator[bytes, None]
    by: SpokenBy


class SpeechStreams:
    """Speech streams, outside of the engine's slots; at most as many at once as there are slots.

    A stream has its place until all of its sound is made; listeners read it at their own pace.
    """

    def __init__(self, engine: RenderEngine):
        self._engine = engine
        self._slots = asyncio.Semaphore(engine.settings.renderer_slots)
        self._spools = Spools()

    async def open(self, request: SpeechRequest) -> SpeechStream:
        """Return the stream, once its first bytes are available.

        Raise ``InvalidRequest`` naming the field,
        ``EngineMissing`` saying what to install, ``Unavailable`` during shutdown,
        ``RenderFailed`` or ``DeadlineExceeded``.
        """
        if self._engine.closing:
            raise Unavailable("The renderer is shutting down.")
        give_up = asyncio.get_running_loop().time() + _SECONDS
        # A stream that is made a second time has a speaker each time.
        speakers: list[SpokenBy] = []
        try:
            chunks = await begun(partial(self._chunks, request, give_up, speakers), give_up)
        except StopAsyncIteration:
            raise RenderFailed("Nothing was spoken.") from None
        except TimeoutError as error:
            raise DeadlineExceeded("The text took too long to speak.") from error
        return SpeechStream(await self._spools.spooled(chunks), speakers[-1])

    async def _chunks(
        self, request: SpeechRequest, give_up: float, speakers: list[SpokenBy]
    ) -> AsyncGenerator[bytes, None]:
        # No task-bound resources here: different tasks read the first chunk and the rest.
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._slots)
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gala-speech-")))
            # In a thread, because guessing the language may load a model.
            speech = await asyncio.to_thread(_Speech, _context(self._engine, scratch), request)
            first = await speech.begin()
            speakers.append(speech.by)
            command = self._engine.ffmpeg.command(_encoding(request, speech.rate))
            running = await stack.enter_async_context(
                self._engine.ffmpeg.sandbox.start(command, cwd=scratch, stdin=True)
            )
            # Measured while the encoder starts, to reduce the latency.
            first = await speech.levelled(first)
            feeding = await stack.enter_async_context(_feeder(running, speech, first))
            while chunk := await read_by(running.stdout, _CHUNK, give_up):
                yield _timed(chunk, speech) if request.word_times else chunk
            await feeding
            finished = await running.finish()
            if not finished.ok:
                raise failure(finished, hide=scratch)


def _timed(chunk: bytes, speech: _Speech) -> bytes:
    """Return a line of JSON with the audio and the new words."""
    return TimedAudio(audio=chunk, words=speech.new_words()).model_dump_json().encode() + b"\n"


def _context(engine: RenderEngine, scratch: Path) -> RenderContext:
    return RenderContext(
        ffmpeg=engine.ffmpeg,
        services=engine.services,
        scratch=scratch,
        part=scratch.joinpath,
        threads=engine.threads,
    )


class _Speech:
    """Synthesises the request's text, piece by piece."""

    def __init__(self, context: RenderContext, request: SpeechRequest):
        self._context = context
        self._lufs = request.loudness_lufs
        self._word_times = request.word_times
        self._tempo = _tempo(request)
        self._words: list[SpokenWord] = []
        self._seconds = 0.0
        self._engine = context.services.speech.choose(
            request.engine,
            text=own_text(request.text),
            voice=None if request.voice in PERSONAS else request.voice,
            language=request.language,
            field="speech",
        ).engine
        self.by = SpokenBy(engine=self._engine.name)
        """Who speaks; complete after :meth:`begin`."""
        low, high = _ENGINE_SPEEDS
        voice = VoiceParams(
            engine=request.engine,
            voice=voice_for(
                request.voice,
                engine=self._engine.name,
                text=own_text(request.text),
                language=request.language,
            ),
            language=request.language,
            normalize_text=request.normalize_text,
            pronunciations=request.pronunciations,
            speed=min(max(request.speed, low), high),
        )
        self._turn = Turn(text=request.text, voice=voice, field="speech")
        self._voices = PieceVoices(context, self._turn, self._engine)
        self._parts = _parts(request.text, self._engine)
        self._gain = 1.0
        self.rate = PCM_RATE
        """Samples per second; known after :meth:`begin`."""

    async def begin(self) -> Samples:
        """Return the sound up to the end of the first spoken piece, without gain."""
        while self._parts:
            part = self._parts.pop(0)
            if isinstance(part, float):
                self._seconds += part
                continue
            before = self._seconds
            self.rate, samples = await self._spoken(part)
            return np.concatenate([_silence(before, self.rate), samples])
        raise RenderFailed("The text has nothing to speak.")

    async def levelled(self, first: Samples) -> Samples:
        """Return the first piece at the target loudness; all other pieces use the same gain."""
        self._gain = await self._gain_for(first)
        return first * np.float32(self._gain)

    async def rest(self) -> AsyncIterator[Samples]:
        """Yield all other pieces."""
        for part in self._parts:
            if isinstance(part, float):
                self._seconds += part
                yield _silence(part, self.rate)
                continue
            rate, samples = await self._spoken(part)
            if rate != self.rate:
                raise RenderFailed("The speech engine changed its sample rate in mid-speech.")
            yield samples * np.float32(self._gain)

    def new_words(self) -> tuple[SpokenWord, ...]:
        """Return the words spoken since the last call; none without word times."""
        words, self._words = self._words, []
        return tuple(words)

    async def _spoken(self, piece: TextPiece) -> tuple[int, Samples]:
        spoken = await self._voices.speak(piece, timed=self._word_times)
        rate, samples = spoken.rate, spoken.samples
        self.by = spoken.by
        start, end = piece.span(samples, rate)
        self._place(spoken.words, start / rate, end / rate)
        return rate, pcm_track.faded(samples[start:end], rate)

    def _place(self, words: Sequence[Word], start: float, end: float) -> None:
        """Add the words of a piece, of which the part from ``start`` to ``end`` is sent next."""
        for word in words:
            sent = word.within(start, end).shifted(self._seconds - start).mapped(1 / self._tempo)
            phonemes = "".join(one.symbol for one in sent.phonemes)
            self._words.append(
                SpokenWord(text=sent.text, start=sent.start, end=sent.end, phonemes=phonemes)
            )
        self._seconds += end - start

    async def _gain_for(self, samples: Samples) -> float:
        if self._lufs is None:
            return 1.0
        track = self._context.scratch / "first.f32"
        await asyncio.to_thread(track.write_bytes, samples.astype("<f4", copy=False).tobytes())
        found = await measure(
            self._context,
            source(track, self.rate),
            seconds=len(samples) / self.rate,
            peaks=False,
        )
        track.unlink()
        return 1.0 if found.lufs is None else float(10 ** ((self._lufs - found.lufs) / 20))


def _parts(text: str, engine: SpeechEngine) -> list[TextPiece | float]:
    """Split the text where pauses are natural: a short first piece, longer ones afterwards."""
    most = engine.chunk_characters if isinstance(engine, LimitsChunkLength) else _PIECE_CHARACTERS
    most = min(most, _PIECE_CHARACTERS)
    limit, ahead = _FIRST_CHARACTERS, 0.0
    parts: list[TextPiece | float] = []
    for part in pieces(text, most, follows=True, goes_on=False):
        rest: TextPiece | float | None = part
        while isinstance(rest, TextPiece) and limit < most:
            first, rest = _split(rest, limit)
            parts.append(first)
            # The characters that are ready but not heard once this piece is.
            ahead += len(first.text) * (1 - _ENGINE_SECONDS if ahead else 1)
            limit = max(_FIRST_CHARACTERS, int(ahead / _ENGINE_SECONDS))
        if rest is not None:
            parts.append(rest)
    return parts


def _split(piece: TextPiece, most: int) -> tuple[TextPiece, TextPiece | None]:
    """Return the first chunk of a piece, and the rest of it; None if nothing is left."""
    first, *others = in_chunks(piece, most)
    if not others:
        return first, None
    end = piece.text.index(first.text) + len(first.text)
    return first, replace(piece, text=piece.text[end:].lstrip(), cut_start=False)


def _silence(seconds: float, rate: int) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def _tempo(request: SpeechRequest) -> float:
    """Return by how much the engine's audio is to be played faster."""
    low, high = _ENGINE_SPEEDS
    return request.speed / min(max(request.speed, low), high)


def _encoding(request: SpeechRequest, rate: int) -> tuple[str, ...]:
    """Return FFmpeg's arguments that encode ``pipe:0`` with as little latency as possible."""
    stream = ffmpeg.input("pipe:0", f="f32le", ar=rate, ac=1, probesize=32, analyzeduration=0).audio
    tempo = _tempo(request)
    if tempo != 1:
        stream = stream.filter("atempo", tempo)
    if request.loudness_lufs is not None:
        stream = audio_filters.true_peak_limited(stream, peak_db=PEAK_DB, rate=rate)
    # Opus supports few rates; FFmpeg resamples to the given one.
    own = next((one for one in RATES[AudioFormat.OGG] if one >= rate), 48_000)
    options: Options = {
        "ar": own if request.format is SpeechFormat.OPUS else rate,
        **_ENCODED[request.format],
        "ac": 1,
        "flush_packets": 1,
    }
    return tuple(ffmpeg.output(stream, "pipe:1", **options).get_args())


@asynccontextmanager
async def _feeder(
    running: RunningProcess, speech: _Speech, first: Samples
) -> AsyncIterator[asyncio.Task[None]]:
    """Run the task that feeds the encoder while the block reads its output."""
    feeding = asyncio.create_task(_feed(running, speech, first))
    try:
        yield feeding
    finally:
        feeding.cancel()
        await asyncio.wait({feeding})


async def _feed(running: RunningProcess, speech: _Speech, first: Samples) -> None:
    stdin = running.stdin
    assert stdin is not None  # noqa: S101 - requested at its start
    try:
        await _write(stdin, first)
        async for samples in speech.rest():
            await _write(stdin, samples)
    except (BrokenPipeError, ConnectionResetError):
        # The encoder's exit status explains why it ended early.
        return
    finally:
        # Also after a failure, so that the encoder ends and its reader notices.
        stdin.close()


async def _write(stdin: asyncio.StreamWriter, samples: Samples) -> None:
    stdin.write(samples.astype("<f4", copy=False).tobytes())
    await stdin.drain()
