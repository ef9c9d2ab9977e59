"""Finds out what is said in the recordings whose words a film shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gala.timeline.compilation.tree import Slot, build, voice_of
from gala.timeline.document.elements import AudioElement, VideoElement, VoiceElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.document.waveforms import WaveformElement
from gala.timeline.problems import pointer
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.transcription.forced_alignment import align_speech
from gala_renderer.transcription.transcribe import transcribed


@dataclass(frozen=True, slots=True)
class Recording:
    """An element whose words captions show or a presenter speaks."""

    pointer: str
    source: str
    text: str | None
    """What is said, if the composition has it."""
    language: str | None
    begins: float = 0.0
    """Seconds of the file at which the element begins."""
    speed: float = 1.0

    def words(self, found: Sequence[Word]) -> Iterator[Word]:
        """Yield the words of the file that are heard, from the start of the element on."""
        for word in found:
            if word.start >= self.begins:
                yield word.mapped(1 / self.speed, -self.begins / self.speed)


def recordings(params: TimelineParams) -> list[Recording]:
    """Return the recordings of a composition whose words are needed, each once."""
    needed = {
        id(slot.of): slot.of
        for slot in build(params).slots
        if slot.of is not None and not isinstance(slot.element, WaveformElement)
    }
    return [one for slot in needed.values() for one in _recording(params, slot)]


def _recording(params: TimelineParams, slot: Slot) -> Iterator[Recording]:
    element, at = slot.element, pointer(slot.path)
    if isinstance(element, VoiceElement) and element.src is not None:
        language = voice_of(params, element).language
        yield Recording(at, element.src, element.text, language)
    elif isinstance(element, VideoElement | AudioElement):
        language = params.voice.language
        yield Recording(at, element.src, None, language, element.trim.start, element.speed)


async def heard_words(
    context: RenderContext,
    wanted: Sequence[Recording],
    files: Mapping[str, Media],
    report: Report,
) -> dict[str, Sequence[Word]]:
    """Return the words of recordings by the JSON pointer of the element.

    Known texts are aligned; what else is said, Whisper recognises. Raise EngineMissing without it.
    """
    if any(one.text is None for one in wanted):
        context.services.whisper.require()
    found: dict[str, Sequence[Word]] = {}
    for number, one in enumerate(wanted):

        def part(done: float, number: int = number) -> None:
            report((number + done) / len(wanted))

        media = files[one.source]
        media.require_sound(one.pointer)
        if one.text is not None:
            words = await align_speech(context, media, one.text, one.language, part)
        else:
            words = await transcribed(context, media, one.language, part)
        found[one.pointer] = tuple(one.words(words))
    return found
