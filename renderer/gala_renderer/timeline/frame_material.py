"""What a frame of a composition is drawn from: staged files, spoken voices, and words.

What takes long is kept for the next frame: speech in a cache of the renderer, what files contain
in :class:`FrameMemory`.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from gala.errors import Conflict, InvalidRequest
from gala.media import MediaFacts
from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.compilation.spoken_lines import SpokenLine, lines_of
from gala.timeline.compilation.tree import build
from gala.timeline.document.font_files import files_of
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.lottie_files import LottieFile, read_animation
from gala.timeline.measurements import Size
from gala.timeline.problems import parts
from gala.timeline.sources import FONT, LUT, NamedFile, named_files
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.narration.sound import TimedVoice, spoken_voice
from gala_renderer.probe.media import Media
from gala_renderer.speech.kept_speech import speak_once
from gala_renderer.speech.turns import Turn
from gala_renderer.speech.words import Word
from gala_renderer.timeline.casting import cast_of
from gala_renderer.timeline.conversation import speakers_heard
from gala_renderer.timeline.fonts import fonts_of
from gala_renderer.timeline.listening import Recording, heard_words, recordings

_REMEMBERED: Final = 500
_TEXTS: Final = 5000
UNMEASURED: Final = frozenset({"svg", "caption", LUT, FONT})
"""Types of elements whose files have no length or size that a compilation needs."""
_K = TypeVar("_K")
_V = TypeVar("_V")


class FrameInput(Protocol):
    """A file that a composition names."""

    @property
    def key(self) -> str:
        """Identifies its content."""

    @property
    def mime(self) -> str:
        """Its MIME type."""

    @property
    def facts(self) -> MediaFacts | None:
        """What is known of it."""

    def stage(self, target: Path) -> bool:
        """Put the file at a path; return False if it has to be sent first."""


class Remembered(Generic[_K, _V]):
    """Values by key; those that were not used for longest are forgotten. For several threads."""

    def __init__(self, most: int = _REMEMBERED):
        self._most = most
        self._values: OrderedDict[_K, _V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: _K) -> _V | None:
        """Return the value of a key, None if it is not known."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: _K, value: _V) -> None:
        """Remember a value."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)


@dataclass(frozen=True, slots=True)
class FrameMemory:
    """What was found out while earlier frames were drawn: about files by their keys, and texts."""

    media: Remembered[str, Media] = field(default_factory=Remembered)
    words: Remembered[tuple[str, Recording], Sequence[Word]] = field(default_factory=Remembered)
    text_sizes: Remembered[Hashable, Size] = field(
        default_factory=partial(Remembered[Hashable, Size], _TEXTS)
    )
    """By all that decides them: a film may have many texts, each of which is laid out to be
    measured, whether it is seen or not."""


class FrameMaterial:
    """The files, voices and words of a composition, as far as one of its frames needs them.

    Files are staged in ``inputs``; ``given`` are those that are there, by name.
    """

    def __init__(
        self,
        params: TimelineParams,
        given: Mapping[str, FrameInput],
        context: RenderContext,
        memory: FrameMemory,
        *,
        inputs: Path,
    ):
        self._params = params
        self._given = given
        self._context = context
        self._memory = memory
        self._inputs = inputs
        self.named = {one.source: one for one in reversed(list(named_files(params)))}
        self.staged: dict[str, InputFile] = {}
        self.media: dict[str, Media] = {}
        self.voices: dict[SpokenLine, TimedVoice] = {}
        self.words: dict[str, Sequence[Word]] = {}
        self.animations: dict[str, LottieFile] = {}
        self._turns: Mapping[SpokenLine, Turn] = {}

    def recall(self) -> None:
        """Take what is known of files that were inspected before; they are not staged yet."""
        for source in self.named:
            given = self._given.get(source)
            known = None if given is None else self._memory.media.get(given.key)
            if known is not None:
                self.media[source] = known

    async def inspect(self, sources: Iterable[str]) -> bool:
        """Stage files; return True if something was found out that was not known of them.

        Raise Conflict if some have to be sent.
        """
        wanted = [one for one in sources if one not in self.staged]
        await asyncio.to_thread(self._stage, wanted)
        unknown, is_new = [], False
        for source in wanted:
            file = self.named[source]
            if file.type == "lottie":
                is_new = True
                await self._read_animations(source)
            if file.type in UNMEASURED or file.type == "lottie":
                continue
            is_new = is_new or source not in self.media
            known = self._memory.media.get(self._given[source].key)
            if known is None:
                unknown.append(source)
            else:
                self.media[source] = replace(known, path=self.staged[source].path)
        found = await self._context.inspect_all([self.staged[one] for one in unknown])
        for source, media in zip(unknown, found, strict=True):
            self.media[source] = media
            # A converted copy is only there for this frame.
            if media.path == self.staged[source].path:
                self._memory.media.put(self._given[source].key, media)
        return is_new

    async def open_fonts(self) -> None:
        """Open the composition's own fonts. Raise Conflict or UnprocessableMedia."""
        sources = dict.fromkeys(source for _, source in files_of(self._params.fonts))
        await self.inspect(sources)
        self._context.fonts = await fonts_of(self._context, self._params, self.staged)

    async def _read_animations(self, source: str) -> None:
        """Read all animations of a file that the composition names."""
        path = self.staged[source].path
        for file in named_files(self._params):
            if file.source == source and file.key not in self.animations:
                self.animations[file.key] = await asyncio.to_thread(read_animation, file, path)

    def _stage(self, sources: Sequence[str]) -> None:
        missing = []
        for source in sources:
            given = self._given.get(source)
            if given is None:
                raise self._not_given(self.named[source])
            target = self._inputs / f"file-{len(self.staged)}"
            if given.stage(target):
                field_name = _field(self.named[source])
                self.staged[source] = InputFile(target, given.mime, field_name)
            else:
                missing.append(given.key)
        if missing:
            raise Conflict("Some files have to be sent first.", missing=missing)

    @staticmethod
    def _not_given(file: NamedFile) -> InvalidRequest:
        name = _field(file)
        return InvalidRequest(f"{name}: The file {file.source[:80]!r} is not there.", field=name)

    async def speak(self, lines: Iterable[SpokenLine]) -> None:
        """Speak lines, or take them from the cache."""
        if not self._turns:
            tree = build(self._params)
            self._turns = await cast_of(lines_of(tree), self._context.services.speech)
        for line in lines:
            said = await speak_once(
                self._context,
                self._turns[line],
                target=self._context.scratch / f"voice-{len(self.voices)}.wav",
                lufs=self._params.loudness_lufs,
                report=ignored,
            )
            self.voices[line] = spoken_voice(said)

    async def find_words(self, compiled: CompiledTimeline, seen: Sequence[Layer]) -> None:
        """Find the words that are shown or spoken in the frame."""
        speaking = {one.words_of or one.pointer for one in seen}
        speaking |= speakers_heard(seen, compiled)
        speeches = [one.speech for one in compiled.layers if one.pointer in speaking and one.speech]
        lines = dict.fromkeys(one.line for one in speeches if one.line is not None)
        await self.speak([one for one in lines if one not in self.voices])
        for layer in compiled.layers:
            speech = layer.speech
            if layer.pointer in speaking and speech and speech.line is not None:
                self.words[layer.pointer] = self.voices[speech.line].words
        for one in recordings(self._params):
            if one.pointer in speaking:
                self.words[one.pointer] = await self._heard(one)

    async def _heard(self, recording: Recording) -> Sequence[Word]:
        await self.inspect([recording.source])
        key = self._given[recording.source].key, recording
        known = self._memory.words.get(key)
        if known is None:
            found = await heard_words(self._context, [recording], self.media, ignored)
            known = found.get(recording.pointer, ())
            if known:
                # Whisper, without which there are none for lips, may be installed meanwhile.
                self._memory.words.put(key, known)
        return known


def _field(file: NamedFile) -> str:
    return ".".join(("params", *parts(file.pointer)))


def ignored(_: Any) -> None:
    """Take reports of progress, which frames do not have."""
