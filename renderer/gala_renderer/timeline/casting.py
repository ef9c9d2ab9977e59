"""Voices for the presenters of a composition: where none is named, each has another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gala.timeline.compilation.spoken_lines import SpokenLine
from gala_renderer.speech.protocol import SpeechEngine
from gala_renderer.speech.registry import SpeechEngines
from gala_renderer.speech.turns import Turn, in_company
from gala_renderer.speech.usual_voices import with_usual_voices


def turns_of(lines: Sequence[SpokenLine]) -> list[Turn]:
    """Return the turns that speak all lines with their own voices, or the engine's default.

    Blocks as :func:`in_company` does.
    """
    return in_company(
        [Turn(text=line.text, voice=line.voice, speaker=line.speaker) for line in lines]
    )


async def cast_of(lines: Sequence[SpokenLine], engines: SpeechEngines) -> dict[SpokenLine, Turn]:
    """Return the turn that speaks each of all lines of a composition.

    Lines without a speaker keep the voice that the composition sets. Raise as
    :meth:`Turn.choose`.
    """
    turns = dict(zip(lines, await asyncio.to_thread(turns_of, lines), strict=True))
    seen = [line for line in lines if line.speaker is not None]
    chosen = await asyncio.to_thread(_engines, [turns[line] for line in seen], engines)
    found = await with_usual_voices([turns[line] for line in seen], chosen)
    return turns | dict(zip(seen, found, strict=True))


def _engines(turns: Sequence[Turn], engines: SpeechEngines) -> list[SpeechEngine]:
    # In a thread, because guessing the language of a text may load a model.
    return [turn.choose(engines).engine for turn in turns]
