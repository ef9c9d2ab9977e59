"""Synthesise texts, single or in turns, at a target loudness and with word times."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.media import SpokenBy
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.speech import normalize, pcm_track
from gala_renderer.speech.pcm_track import SampleTrack
from gala_renderer.speech.protocol import Speech, SpeechEngine
from gala_renderer.speech.registry import EngineChoice
from gala_renderer.speech.resampling import resample
from gala_renderer.speech.speaking import language_advice
from gala_renderer.speech.turn_speaker import TurnAudio, TurnSpeaker
from gala_renderer.speech.turns import (
    CHUNK_CHARACTERS,
    LimitsChunkLength,
    TextPiece,
    Turn,
    pieces,
)
from gala_renderer.speech.usual_voices import with_usual_voices
from gala_renderer.speech.words import Word

__all__ = ["Turn", "TurnsSpeech", "speak_turns"]

_SPEAKING_SHARE: Final = 0.9
_FAST_SPEAKING_SHARE: Final = 0.25
"""The share of the progress for espeak-ng, which is faster than the loudness measurement."""
_FAST_ENGINES: Final = frozenset({"espeak"})
_KANJI: Final = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsSpeech(Speech):
    """Finished speech; ``turns`` has its words grouped by turn."""

    turns: tuple[tuple[Word, ...], ...] = ()
    speakers: tuple[SpokenBy, ...] = ()
    """The engine and voice of each turn."""
    warnings: tuple[str, ...] = ()
    """Warnings for the job's log."""
    notes: tuple[str, ...] = ()
    """Other lines for the job's log."""


async def speak_turns(
    context: RenderContext,
    turns: Sequence[Turn],
    *,
    target: Path,
    lufs: float | None,
    report: Report,
) -> TurnsSpeech:
    """Speak the turns in order into the WAV file ``target`` (mono, 16 bit).

    The result has a loudness of ``lufs`` (EBU R 128; None: unchanged) and peaks below -1 dBTP; all
    voices of a dialogue are equally loud. Cancelling the task stops the work. Raise
    ``InvalidRequest`` naming the turn's field, ``EngineMissing`` or ``RenderFailed``.
    """
    folder = context.scratch / f"{target.stem}.speech"
    folder.mkdir()
    # In a thread, because guessing the language of a text may load a model.
    choices = await asyncio.to_thread(_choices, context, turns)
    engines = [choice.engine for choice in choices]
    turns = await with_usual_voices(turns, engines)
    share = (
        _FAST_SPEAKING_SHARE
        if {engine.name for engine in engines} <= _FAST_ENGINES
        else _SPEAKING_SHARE
    )
    turn_audio: list[TurnAudio] = []
    for index, (turn, engine) in enumerate(zip(turns, engines, strict=True)):
        parts = await asyncio.to_thread(
            _pieces, turn, engine, follows=index > 0, goes_on=index + 1 < len(turns)
        )
        speaker = TurnSpeaker(context, turn, engine, folder / f"{index}")
        turn_audio.append(await speaker.speak(parts, _part(report, turns, index, share)))
    whole, words = await _join_turns(context, turns, turn_audio, folder, lufs)
    levelled = await normalize.level(
        context,
        whole.path,
        rate=whole.rate,
        lufs=lufs,
        report=lambda fraction: report(share + (1 - share) * fraction),
    )
    await asyncio.to_thread(
        pcm_track.write_wav, levelled.path, target, rate=whole.rate, gain=levelled.gain
    )
    shutil.rmtree(folder)
    report(1.0)
    return TurnsSpeech(
        path=target,
        rate=whole.rate,
        seconds=whole.seconds,
        words=tuple(word for turn_words in words for word in turn_words),
        turns=words,
        speakers=tuple(one.by for one in turn_audio),
        warnings=(*_advice(turns, engines), *levelled.warnings),
        notes=tuple(dict.fromkeys(choice.hint for choice in choices if choice.hint)),
    )


def _pieces(
    turn: Turn, engine: SpeechEngine, *, follows: bool, goes_on: bool
) -> list[TextPiece | float]:
    if not isinstance(engine, LimitsChunkLength):
        return pieces(turn.text, CHUNK_CHARACTERS, follows=follows, goes_on=goes_on)
    return pieces(
        turn.text,
        engine.chunk_characters,
        follows=follows,
        goes_on=goes_on,
        length=turn.reading(engine).spoken_length,
    )


def _choices(context: RenderContext, turns: Sequence[Turn]) -> list[EngineChoice]:
    return [turn.choose(context.services.speech) for turn in turns]


def _advice(turns: Sequence[Turn], engines: Sequence[SpeechEngine]) -> Iterator[str]:
    for turn, engine in zip(turns, engines, strict=True):
        yield from language_advice(turn.voice, engine, field=f"{turn.field}.voice")
        language_or_voice = (turn.voice.voice or turn.language or "").lower()
        if (
            engine.name == "espeak"
            and language_or_voice.startswith("ja")
            and _KANJI.search(turn.text)
        ):
            yield (
                f"{turn.field}.engine: espeak cannot read kanji and spells them out in English;"
                " write kana, or use kokoro"
            )
        if unspoken := turn.reading(engine).unspoken_ipa(turn.text):
            yield (
                f"{turn.field}.pronunciations: {engine.name} takes no phonemes, so it speaks as"
                f" written: {', '.join(unspoken)}; add `say` to them, or use kokoro or espeak"
            )


def _part(report: Report, turns: Sequence[Turn], index: int, share: float) -> Report:
    """Return a progress callback for one turn; turns weigh as many characters as they have."""
    whole = sum(len(turn.text) for turn in turns)
    before = sum(len(turn.text) for turn in turns[:index])
    own = len(turns[index].text)
    return lambda fraction: report(share * (before + own * min(1.0, fraction)) / whole)


@dataclass(frozen=True, slots=True)
class _AudioSlice:
    """A turn's samples within a track's file, and the gain to apply."""

    path: Path
    start: int
    samples: int
    gain: float


async def _join_turns(
    context: RenderContext,
    turns: Sequence[Turn],
    turn_audio: Sequence[TurnAudio],
    folder: Path,
    lufs: float | None,
) -> tuple[SampleTrack, tuple[tuple[Word, ...], ...]]:
    rate = max(one.rate for one in turn_audio)
    paths = [await _at_rate(context, one, rate) for one in turn_audio]
    parts = [_AudioSlice(path, 0, pcm_track.length(path), 1.0) for path in paths]
    voices = [_identity(turn) for turn in turns]
    if lufs is not None and len(set(voices)) > 1:
        parts = await _equally_loud(context, parts, voices, folder, rate=rate, lufs=lufs)
    whole = SampleTrack(folder / "whole.f32", rate)
    words = []
    for turn, one, part in zip(turns, turn_audio, parts, strict=True):
        words.append(tuple(word.shifted(whole.seconds) for word in one.words))
        await whole.extend(part.path, start=part.start, samples=part.samples, gain=part.gain)
        whole.silence(turn.pause_after)
    return whole, tuple(words)


async def _equally_loud(
    context: RenderContext,
    parts: Sequence[_AudioSlice],
    voices: Sequence[object],
    folder: Path,
    *,
    rate: int,
    lufs: float,
) -> list[_AudioSlice]:
    """Return the turns with each voice, over all its turns, at the same loudness."""
    levelled_parts = list(parts)
    for number, voice in enumerate(dict.fromkeys(voices)):
        own = [index for index, other in enumerate(voices) if other == voice]
        track = SampleTrack(folder / f"voice{number}.f32", rate)
        starts = []
        for index in own:
            starts.append(track.samples)
            await track.extend(parts[index].path)
        levelled = await normalize.level(
            context, track.path, rate=rate, lufs=lufs, report=lambda _: None
        )
        for index, start in zip(own, starts, strict=True):
            levelled_parts[index] = _AudioSlice(
                levelled.path, start, parts[index].samples, levelled.gain
            )
    return levelled_parts


def _identity(turn: Turn) -> tuple[object, ...]:
    """Return the properties that determine how a voice sounds."""
    return turn.voice.engine, turn.voice.voice, turn.language, turn.sample, turn.voice.effects


async def _at_rate(context: RenderContext, turn_audio: TurnAudio, rate: int) -> Path:
    if turn_audio.rate == rate:
        return turn_audio.path
    target = turn_audio.path.with_name("resampled.f32")
    samples = round(pcm_track.length(turn_audio.path) * rate / turn_audio.rate)
    await resample(context, turn_audio.path, target, old=turn_audio.rate, new=rate, samples=samples)
    return target
