"""Speak one text with the espeak-ng library, or list its voices.

Run as a separate program through :mod:`gala_renderer.sandbox.runner`, with the standard library
only: espeak-ng has global state, and it is native code that parses a user's text.

- ``speak <library> <data> <request.json> <target.wav>`` writes a WAV file (mono, 16 bit) and prints
  timed events, one JSON object per line: ``{"events": [["word", position, sample], ["phoneme",
  symbol, sample], …]}`` as the sound is made, with positions in characters and times in samples;
  then ``{"alone": {word: [symbol, …]}}``, the phonemes of words without an event of their own; then
  ``{"done": {"rate": …, "samples": …}}``. An empty symbol is a pause.
- ``voices <library> <data>`` prints ``{"version": …, "voices": [[name, identifier, [[language,
  priority], …], gender], …], "variants": [[identifier, gender], …]}``.
"""

from __future__ import annotations

import ctypes
import json
import sys
import wave
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_SYNCHRONOUS = 2
_DO_NOT_EXIT, _PHONEME_EVENTS, _PHONEME_IPA = 0x8000, 1, 2
_UTF8 = 1
_PHONEME_INPUT = 0x100
_END_PAUSE = 0x1000
_RATE = 1
_SEED = 1
_WORD, _PHONEME = 1, 7
_DEFAULT_RATE_WPM = 175
_SLOWER, _FASTER = 160, 140
_PAUSES = frozenset({"", "_"})


class _Id(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


class _VoiceStruct(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Espeak:
    """The initialised library."""

    def __init__(self, library: str, data: str):
        self._library = ctypes.CDLL(library)
        options = _DO_NOT_EXIT | _PHONEME_EVENTS | _PHONEME_IPA
        self.rate = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, data.encode(), ctypes.c_int(options)
        )
        if self.rate <= 0:
            raise SystemExit("espeak-ng cannot find its data files")
        self._on_sound: Callable[[bytes], None] = lambda _: None
        self._on_events: Callable[[list[list[Any]]], None] = lambda _: None
        self._failure: OSError | None = None
        # A reference is kept, or the callback would be freed while the library still uses it.
        self._callback = _CALLBACK(self._on_synthesis)
        self._library.espeak_SetSynthCallback(self._callback)

    def use(self, voice: str, speed: float) -> None:
        """Select the voice and its relative speed; 1 is the default."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SystemExit(f"espeak-ng has no voice {voice!r}")
        self._library.espeak_SetParameter(_RATE, _words_per_minute(speed), 0)

    def speak(
        self,
        text: str,
        on_sound: Callable[[bytes], None],
        on_events: Callable[[list[list[Any]]], None],
        *,
        continues: bool = False,
        phonemes: bool = False,
    ) -> None:
        """Speak, passing sound and events to the callbacks as they are produced.

        With ``continues`` the sound ends with the pause of the last punctuation mark, which
        espeak-ng otherwise makes only within a text. With ``phonemes``, ``[[`` begins mnemonics of
        phonemes; without it, all text is read aloud, and SSML always is.
        """
        self._on_sound, self._on_events = on_sound, on_events
        # Breath is noise, seeded with the time of day: a text has to sound the same each time.
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
        raw = text.encode("utf-8", "replace") + b"\0"
        flags = _UTF8 | (_END_PAUSE if continues else 0) | (_PHONEME_INPUT if phonemes else 0)
        ended = self._library.espeak_Synth(raw, len(raw), 0, 1, 0, flags, None, None)
        if self._failure is not None:
            raise self._failure
        if ended != 0:
            raise SystemExit("espeak-ng could not speak this text")

    def _on_synthesis(self, samples: Any, count: int, events: Any) -> int:
        try:
            if samples and count > 0:
                self._on_sound(ctypes.string_at(samples, count * 2))
        except OSError as error:
            # An exception cannot pass through the library; 1 tells it to stop.
            self._failure = error
            return 1
        if decoded := list(_decoded_events(events)):
            self._on_events(decoded)
        return 0

    def voices(self, of: str | None) -> Iterator[list[Any]]:
        """Yield name, identifier, languages and gender of each voice, or of each one of a kind."""
        voice_filter = _VoiceStruct()
        if of is not None:
            voice_filter.languages = ctypes.cast(ctypes.c_char_p(of.encode()), ctypes.c_void_p)
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceStruct))
        found = self._library.espeak_ListVoices(None if of is None else ctypes.byref(voice_filter))
        at = 0
        while found[at]:
            voice = found[at].contents
            genders = {1: "male", 2: "female"}
            yield [
                voice.name.decode(),
                voice.identifier.decode(),
                list(_languages(voice.languages)),
                genders.get(voice.gender),
            ]
            at += 1

    def version(self) -> str:
        """Return the library's version."""
        self._library.espeak_Info.restype = ctypes.c_char_p
        version_text: bytes = self._library.espeak_Info(None)
        return version_text.decode()


def _words_per_minute(speed: float) -> int:
    """Return words per minute, measured so that half the speed takes twice the time and vice versa.

    espeak-ng's own rate is not linear, because it also shortens pauses.
    """
    step = _SLOWER if speed < 1 else _FASTER
    return round(_DEFAULT_RATE_WPM + (speed - 1) * step)


def _languages(address: int) -> Iterator[list[Any]]:
    # Each entry is a priority byte and a zero-terminated name; priority zero ends the list.
    while priority := ctypes.string_at(address, 1)[0]:
        name = ctypes.string_at(address + 1)
        yield [name.decode(), priority]
        address += len(name) + 2


def _decoded_events(events: Any) -> Iterator[list[Any]]:
    at = 0
    while events[at].type:
        event = events[at]
        if event.type == _WORD:
            yield ["word", event.text_position - 1, event.sample]
        elif event.type == _PHONEME:
            symbol = event.id.string.decode("utf-8", "ignore")
            # "(en)" marks a change of language.
            yield ["phoneme", "" if symbol in _PAUSES or "(" in symbol else symbol, event.sample]
        at += 1


def _run_together(words: list[list[int]], reached: set[int]) -> set[int]:
    """Return the words without an event of their own and the words they may be merged with."""
    together: set[int] = set()
    for index in range(len(words)):
        if index not in reached:
            before = index
            while before > 0 and before not in reached:
                before -= 1
            together.update(range(before, index + 1))
    return together


class _Input:
    """The library's input for a text with given phonemes, and the positions of its parts.

    ``ipa`` has ``[start, end, units]`` for each stretch, in order; a unit is ``[symbol,
    mnemonics]``, of which the first that the voice pronounces as the symbol is used, or else the
    first that it pronounces at all.
    """

    def __init__(self, espeak: Espeak, text: str, ipa: list[list[Any]]):
        self._espeak = espeak
        self._found: dict[str, str] = {}
        self.text = ""
        self._parts: list[tuple[int, int, bool]] = []
        at = 0
        for start, end, units in ipa:
            self._add(_without_brackets(text[at:start]), at)
            mnemonics = self._mnemonics(units)
            if mnemonics.strip():
                # The library does not recognize brackets right after a sign.
                self._add(f" [[{mnemonics}]]", start, whole=True)
            else:
                self._add(_without_brackets(text[start:end]), start)
            at = end
        # Without stretches, brackets are no syntax.
        self._add(_without_brackets(text[at:]) if ipa else text, at)
        self._starts = [part[0] for part in self._parts]

    def position(self, at: int) -> int:
        """Return the position in the text of a position in the input."""
        begin, own, whole = self._parts[max(0, bisect_right(self._starts, at) - 1)]
        return own if whole else own + at - begin

    def _add(self, part: str, own: int, *, whole: bool = False) -> None:
        self._parts.append((len(self.text), own, whole))
        self.text += part

    def _mnemonics(self, units: list[list[Any]]) -> str:
        written = ""
        for symbol, candidates in units:
            chosen = self._best(symbol, candidates) if symbol else candidates[0]
            # The bar keeps neighbours apart that would be one mnemonic together.
            bar = "|" if symbol and written[-1:] not in {"", " ", "'", ","} else ""
            written += bar + chosen if chosen else ""
        return written

    def _best(self, symbol: str, candidates: list[str]) -> str:
        if symbol not in self._found:
            heard = [(one, self._heard(one)) for one in candidates]
            exact = (one for one, sounds in heard if sounds == symbol)
            some = (one for one, sounds in heard if sounds)
            self._found[symbol] = next(exact, next(some, ""))
        return self._found[symbol]

    def _heard(self, mnemonic: str) -> str:
        sounds = _alone(self._espeak, f"[[{mnemonic}]]", phonemes=True)
        return "".join(sounds).translate(_STRESS)


_STRESS = {ord(mark): None for mark in "\u02c8\u02cc"}


def _without_brackets(text: str) -> str:
    """Return a user's text in which nothing begins phonemes; brackets are silent in any case."""
    return text.replace("[", "(")


def _speak(espeak: Espeak, request: dict[str, Any], target: Path) -> None:
    espeak.use(request["voice"], request["speed"])
    text: str = request["text"]
    words: list[list[int]] = request["words"]
    starts = [start for start, _ in words]
    reached: set[int] = set()
    given = _Input(espeak, text, request["ipa"])

    def on_events(events: list[list[Any]]) -> None:
        for event in events:
            if event[0] == "word":
                event[1] = given.position(event[1])
        reached.update(bisect_right(starts, event[1]) - 1 for event in events if event[0] == "word")
        _print_event({"events": events})

    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(espeak.rate)
        espeak.speak(
            given.text,
            file.writeframesraw,
            on_events,
            continues=request["continues"],
            phonemes=bool(request["ipa"]),
        )
        samples = file.tell()
    together = {text[slice(*words[index])] for index in _run_together(words, reached)}
    _print_event({"alone": {word: _alone(espeak, word) for word in sorted(together)}})
    _print_event({"done": {"rate": espeak.rate, "samples": samples}})


def _alone(espeak: Espeak, word: str, *, phonemes: bool = False) -> list[str]:
    events: list[list[Any]] = []
    espeak.speak(word, lambda _: None, events.extend, phonemes=phonemes)
    return [event[1] for event in events if event[0] == "phoneme" and event[1]]


def _print_event(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what, separators=(",", ":")) + "\n")


def main(*arguments: str) -> None:
    """Run the command of the arguments; see the module's docstring."""
    espeak = Espeak(arguments[1], arguments[2])
    if arguments[0] == "voices":
        variants = [voice[1:4:2] for voice in espeak.voices("variant")]
        voices = list(espeak.voices(None))
        _print_event({"version": espeak.version(), "voices": voices, "variants": variants})
        return
    request = json.loads(Path(arguments[3]).read_text(encoding="utf-8"))
    _speak(espeak, request, Path(arguments[4]))


if __name__ == "__main__":
    main(*sys.argv[1:])
