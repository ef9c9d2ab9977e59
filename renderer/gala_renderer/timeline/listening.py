"""Finds out what is said in the recordings whose words a film shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gala.timeline.compilation.tree import Slot, build, voice_of
from gala.timeline.document.elements import AudioElement, VideoElement, VoiceElement
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.document.timing import Freeze
from gala.timeline.document.waveforms import WaveformElement
from gala.timeline.problems import pointer
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.engine.resources import EngineResources
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
    freezes: tuple[Freeze, ...] = ()
    """Where the picture stands still, in silence."""
    is_shown: bool = True
    """Whether captions show the words, so that they have to be known."""
    is_spoken: bool = False
    """Whether a presenter speaks them, whose lips need their phonemes."""

    def words(self, found: Sequence[Word]) -> Iterator[Word]:
        """Yield the words of the file that are heard, from the start of the element on."""
        for word in found:
            if word.start >= self.begins:
                yield word.mapped(1 / self.speed, self._later(word) - self.begins / self.speed)

    def _later(self, word: Word) -> float:
        return sum(one.duration for one in self.freezes if one.time <= word.start)


def recordings(params: TimelineParams) -> list[Recording]:
    """Return the recordings of a composition whose words are needed, each once."""
    needed: dict[int, list[Slot]] = {}
    for slot in build(params).slots:
        if slot.of is not None and not isinstance(slot.element, WaveformElement):
            needed.setdefault(id(slot.of), []).append(slot)
    return [one for slots in needed.values() for one in _used(params, slots)]


def _used(params: TimelineParams, slots: Sequence[Slot]) -> Iterator[Recording]:
    """Yield the recording whose words these elements show or speak."""
    spoken = [isinstance(slot.element, PresenterElement) for slot in slots]
    for slot in slots[:1]:
        if slot.of is not None:
            for found in _recording(params, slot.of):
                yield replace(found, is_shown=not all(spoken), is_spoken=any(spoken))


def by_loudness(recording: Recording, services: EngineResources) -> bool:
    """Return True if lips follow the loudness of a recording, as nothing tells its words here."""
    unknown = recording.text is None and not recording.is_shown
    return unknown and services.whisper.available() is not None


def _recording(params: TimelineParams, slot: Slot) -> Iterator[Recording]:
    element, at = slot.element, pointer(slot.path)
    if isinstance(element, VoiceElement) and element.src is not None:
        language = voice_of(params, element).language
        yield Recording(at, element.src, element.text, language)
    elif isinstance(element, VideoElement | AudioElement):
        language = params.voice.language
        freezes = element.freezes if isinstance(element, VideoElement) else ()
        yield Recording(at, element.src, None, language, element.trim.start, element.speed, freezes)


async def heard_words(
    context: RenderContext,
    wanted: Sequence[Recording],
    files: Mapping[str, Media],
    report: Report,
) -> dict[str, Sequence[Word]]:
    """Return the words of recordings by the JSON pointer of the element.

    Known texts are aligned; what else is said, Whisper recognises. Without it, no words are found
    of what only presenters speak; for captions, raise EngineMissing.
    """
    wanted = [one for one in wanted if not by_loudness(one, context.services)]
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
            if words and one.is_spoken:
                # What was heard has no phonemes.
                heard = " ".join(word.text for word in words)
                words = await align_speech(context, media, heard, one.language)
        found[one.pointer] = tuple(one.words(words))
    return found
