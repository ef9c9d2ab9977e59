"""The voices of presenters: who says which words, when."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gala.media import SpokenBy
from gala.render_types.presenter import PresenterParams
from gala.voice_gender import VoiceGender
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.narration.sound import TimedVoice, recorded_voice, spoken_voice
from gala_renderer.probe.media import Media
from gala_renderer.speech import outputs
from gala_renderer.speech.synthesize import Turn, speak_turns
from gala_renderer.speech.turns import in_company
from gala_renderer.speech.words import Word
from gala_renderer.transcription.forced_alignment import align_speech

_HEARD_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class PresenterTurn:
    """The words that the presenter number ``speaker`` (from 0) says in one turn."""

    speaker: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class PresenterVoices:
    """The sound of a video, and its turns. Turns without words move by loudness alone."""

    voice: TimedVoice
    turns: tuple[PresenterTurn, ...]
    warnings: tuple[str, ...] = ()
    speakers: tuple[SpokenBy, ...] = ()
    """The engine and voice of each turn; none for a recording."""
    notes: tuple[str, ...] = ()
    """Lines for the job's log that are no warnings."""


async def speak(
    context: RenderContext,
    params: PresenterParams,
    samples: Mapping[int, Path],
    genders: Sequence[VoiceGender | None],
    report: Report,
) -> PresenterVoices:
    """Synthesise the turns of the params; raise as :func:`speak_turns`.

    ``genders`` are those of the presenters, for who has no voice and no other gender.
    """
    turns, speakers = await asyncio.to_thread(turns_of, params, samples)
    turns = [
        _of_gender(turn, genders[speaker]) for turn, speaker in zip(turns, speakers, strict=True)
    ]
    said = await speak_turns(
        context,
        turns,
        target=context.scratch / "voice.wav",
        lufs=params.loudness_lufs,
        report=report,
    )
    found = zip(speakers, said.turns, strict=True)
    return PresenterVoices(
        spoken_voice(said),
        tuple(PresenterTurn(*turn) for turn in found),
        warnings=said.warnings,
        speakers=said.speakers,
        notes=said.notes,
    )


def turns_of(
    params: PresenterParams, samples: Mapping[int, Path] | None = None
) -> tuple[list[Turn], tuple[int, ...]]:
    """Return what is said, and the presenter of each turn.

    ``samples`` are the voices to clone, by number; without them the turns only tell the engines.
    """
    voices = list(params.voices())
    if not params.turns:
        sample = _sample(voices[0].sample, samples, "params.presenters.0")
        return [Turn(text=params.text or "", voice=voices[0], sample=sample)], (0,)
    speakers = tuple(params.speakers())
    turns = []
    for number, (turn, speaker) in enumerate(zip(params.turns, speakers, strict=True)):
        pause_ms = turn.pause_after_ms
        if pause_ms is None:
            pause_ms = params.pause_ms if number + 1 < len(params.turns) else 0
        turns.append(
            Turn(
                text=turn.text,
                voice=voices[speaker],
                speaker=speaker,
                sample=_sample(voices[speaker].sample, samples, f"params.presenters.{speaker}"),
                pause_after=pause_ms / 1000,
                field=f"params.turns.{number}",
            )
        )
    return in_company(turns), speakers


def _of_gender(turn: Turn, gender: VoiceGender | None) -> Turn:
    if turn.voice.gender is not None:
        return turn
    return replace(turn, voice=turn.voice.model_copy(update={"gender": gender}))


def _sample(number: int | None, samples: Mapping[int, Path] | None, field: str) -> Path | None:
    return None if samples is None else outputs.chosen_sample(number, samples, field)


async def listen(
    context: RenderContext,
    params: PresenterParams,
    recording: Media,
    *,
    transcribe: bool,
    report: Report,
) -> PresenterVoices:
    """Return a recording as the voice of the first presenter.

    What is said is known from the text, or heard if ``transcribe``; else the lips follow the
    loudness.
    """
    voice = await recorded_voice(
        context,
        recording,
        text=params.text,
        language=params.language,
        transcribe=transcribe,
        lufs=params.loudness_lufs,
        report=lambda part: report(part * _HEARD_SHARE),
    )
    words = voice.words
    if words and not any(word.phonemes for word in words):
        # What was heard has no phonemes.
        heard = " ".join(word.text for word in words)
        words = await align_speech(context, recording, heard, params.language)
    report(1.0)
    return PresenterVoices(voice, (PresenterTurn(0, words),))
