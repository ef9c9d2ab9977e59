"""Shared by the types that speak: voice samples, the audio output, words as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.errors import InvalidRequest
from gala.render_types.params.audio_formats import AudioFormat, SoundParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_output
from gala_renderer.probe.media import AudioStream
from gala_renderer.speech.protocol import Speech
from gala_renderer.speech.synthesize import TurnsSpeech
from gala_renderer.speech.words import Word

_SAMPLE_RATE: Final = 24_000
_SAMPLE_SECONDS: Final = 60.0
_SHORTEST_SAMPLE_SECONDS: Final = 1.0
_LIMIT_SECONDS: Final = 120.0


def speech_path(context: RenderContext, params: SoundParams) -> Path:
    """Return the path to speak to: the output itself, unless it must still be encoded."""
    if _is_final(params):
        return context.part(audio_output.file_name(params.audio_format))
    return context.scratch / "speech.wav"


def deliver(context: RenderContext, params: SoundParams, speech: Speech) -> Plan:
    """Plan to write the output ``audio`` from finished speech."""
    name = audio_output.file_name(params.audio_format)
    if _is_final(params):
        return Plan((), {"audio": name})
    found = AudioStream(rate=speech.rate, channels=1)
    rate, channels = audio_output.rate_of(params, found), audio_output.channels_of(params, found)
    source = ffmpeg.input(str(speech.path), f="wav").audio
    arguments = audio_output.written(
        audio_output.shaped(source, found, rate=rate, channels=channels),
        context.part(name),
        params,
        rate=rate,
        channels=channels,
    )
    return Plan((FFmpegStep("encoding", arguments, speech.seconds),), {"audio": name})


def spoken(plan: Plan, speech: TurnsSpeech) -> Plan:
    """Return the plan with what is to be reported of the speech."""
    return replace(plan, speech=speech.speakers, warnings=speech.warnings, notes=speech.notes)


def _is_final(params: SoundParams) -> bool:
    plain = params.sample_rate is None and params.channels in {None, 1}
    return params.audio_format is AudioFormat.WAV and plain


def words_json(words: Iterable[Word], *, phonemes: bool) -> list[dict[str, Any]]:
    """Return the words as JSON, with times in seconds rounded to the millisecond."""
    return [
        {
            "text": word.text,
            "start_ts": round(word.start, 3),
            "end_ts": round(word.end, 3),
            **({"phonemes": _phonemes_json(word)} if phonemes else {}),
        }
        for word in words
    ]


def _phonemes_json(word: Word) -> list[dict[str, Any]]:
    return [
        {"symbol": one.symbol, "start_ts": round(one.start, 3), "end_ts": round(one.end, 3)}
        for one in word.phonemes
    ]


def write_json(context: RenderContext, name: str, content: object) -> str:
    """Write a JSON output file and return its name."""
    context.part(name).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    return name


async def voice_sample(context: RenderContext, file: InputFile, number: int = 1) -> Path:
    """Decode a user's voice sample to a WAV file: mono, 24 kHz, at most 60 s.

    Raise ``UnprocessableMedia`` for a file without sound, ``InvalidRequest`` if it is shorter
    than a second.
    """
    media = await context.inspect(file)
    found = media.require_sound(file.field)
    if media.seconds is not None and media.seconds < _SHORTEST_SAMPLE_SECONDS:
        raise InvalidRequest(
            f"{file.field}: A voice sample must last at least a second.", field=file.field
        )
    target = context.scratch / f"sample-{number}.wav"
    stream = audio_output.source(media, found, rate=_SAMPLE_RATE, channels=1)
    params = SoundParams(audio_format=AudioFormat.WAV)
    await context.ffmpeg.run(
        audio_output.written(
            stream.filter("atrim", end=_SAMPLE_SECONDS),
            target,
            params,
            rate=_SAMPLE_RATE,
            channels=1,
        ),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=min(media.seconds or _SAMPLE_SECONDS, _SAMPLE_SECONDS),
        report=lambda _: None,
    )
    return target


async def voice_samples(
    context: RenderContext, files: Sequence[InputFile], used: Collection[int | None]
) -> dict[int, Path]:
    """Decode the samples whose numbers, counted from 1, are used; raise as :func:`voice_sample`."""
    return {
        number: await voice_sample(context, file, number)
        for number, file in enumerate(files, start=1)
        if number in used
    }


def chosen_sample(number: int | None, samples: Mapping[int, Path], field: str) -> Path | None:
    """Return the sample with that number. Raise ``InvalidRequest`` if there is none.

    ``field`` is that of the voice: ``params.turns.2``.
    """
    if number is None:
        return None
    if number not in samples:
        raise InvalidRequest(
            f"{field}.sample: inputs.sample_asset_ids has no file {number}.",
            field=f"{field}.sample",
        )
    return samples[number]
