"""Speech by espeak-ng from its wheel: small, 140 voices, exact times, always available."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing, InvalidRequest, RenderFailed
from gala.installation import install_hint
from gala.name_suggestions import VOICE_LISTING, language_suggestion
from gala.render_types.params.espeak_voices import VOICES, split_voice
from gala.voice_gender import VoiceGender
from gala_renderer.engine.plan import Report
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.speech.espeak import greenlandic_zeros
from gala_renderer.speech.espeak.mnemonics import phoneme_request
from gala_renderer.speech.espeak.word_times import words_of
from gala_renderer.speech.protocol import Speech, Utterance, Voice
from gala_renderer.speech.word_tokens import written_words

_PROGRAM: Final = str(Path(__file__).with_name("program.py"))
_LIST_SECONDS: Final = 20.0
_SPEAK_SECONDS: Final = 60.0
_SECONDS_PER_CHARACTER: Final = 0.005
_DEFAULT_LANGUAGE: Final = "en-us"
_MBROLA: Final = "mb/"
_USUAL_VARIANTS: Final = ("f3", "m3", "f5", "m7")
_SILENT: Final = frozenset({"fo", "kaa", "xex"})
"""Voices that speak nothing, because the wheel lacks their dictionaries."""

_ALIASES: Final = {"en": "en-us", "fil": "tl", "iw": "he", "in": "id", "nn": "nb", "zh": "cmn"}
"""Common language tags that espeak-ng calls otherwise."""
_CHINESE: Final = {"zh-hk": "yue", "zh-mo": "yue", "zh-yue": "yue"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The library's voices by name, and its variants of timbre by name."""

    version: str
    voices: Mapping[str, Voice]
    identifiers: Mapping[str, str]
    """The library's identifier of each voice."""
    by_language: Mapping[str, str]
    """The name of the default voice of each language."""
    variants: Mapping[str, str | None]
    """The gender of each variant, if known."""

    def named(self, identifier: str) -> tuple[str, str]:
        """Return the name of a voice, with its variant if it has one, and its language."""
        base, plus, variant = identifier.partition("+")
        name = next(name for name, known in self.identifiers.items() if known == base)
        return f"{name}{plus}{variant}", self.voices[name].language


class EspeakEngine:
    """Speaks in a new process per call, so that calls never wait for each other.

    Voices are named by their language (``en-us``, ``es-419``, ``cmn``), optionally with a variant
    (``en-us+f3``, ``es+whisper``).
    """

    name = "espeak"
    licence = "GPL-3.0-or-later"
    takes_ipa = True

    def __init__(self, sandbox: Sandbox):
        self._sandbox = sandbox
        self._listing = asyncio.Lock()
        self._catalogue: Catalogue | None = None

    @cached_property
    def version(self) -> str:
        """The version of the wheel with the library."""
        return version("espeakng-loader")

    def available(self) -> str | None:
        """Return None if the library is installed."""
        if find_spec("espeakng_loader") is None:
            return f"espeak-ng is not installed: {install_hint('renderer')}."
        return None

    async def voices(self) -> Sequence[Voice]:
        """Return a voice for each language; each may be combined with a variant."""
        return tuple((await self.catalogue()).voices.values())

    async def variants(self) -> Sequence[tuple[str, str | None]]:
        """Return the name and the gender, if known, of each variant."""
        return tuple((await self.catalogue()).variants.items())

    def owns(self, voice: str) -> bool:
        """Return True for a language, optionally with a variant: ``es``, ``es-419+f3``."""
        return voice.partition("+")[0].lower().replace("_", "-") in VOICES

    def voice_language(self, voice: str | None) -> str | None:
        """Return the language that names the voice."""
        return (voice or _DEFAULT_LANGUAGE).partition("+")[0]

    async def voice_in(self, language: str, like: str | None) -> str | None:
        """Return the language's voice, with the variant of the other one."""
        try:
            name = _voice_of(await self.catalogue(), language)
        except InvalidRequest:
            return None
        _, plus, variant = (like or "").partition("+")
        return f"{name}{plus}{variant}"

    async def usual_voices(self, language: str | None) -> Sequence[Voice]:
        """Return the language's voice, as it is and with variants."""
        catalogue = await self.catalogue()
        try:
            voice = catalogue.voices[_voice_of(catalogue, language or _DEFAULT_LANGUAGE)]
        except InvalidRequest:
            return ()
        plain = replace(voice, gender=voice.gender or VoiceGender.MALE)
        variants = [
            replace(voice, name=f"{voice.name}+{name}", gender=catalogue.variants[name])
            for name in _USUAL_VARIANTS
        ]
        return (plain, *variants)

    async def catalogue(self) -> Catalogue:
        """Return the library's catalogue, read once."""
        async with self._listing:
            if self._catalogue is None:
                events = await self._run(["voices", *self._library()], Path("/"), _LIST_SECONDS)
                self._catalogue = _catalogue(events[-1])
            return self._catalogue

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak; every written word gets its exact time."""
        catalogue = await self.catalogue()
        identifier = _identifier(catalogue, utterance.voice, utterance.language)
        text = utterance.text.translate(_CONTROLS)
        spans = written_words(text, utterance.language)
        voice, language = catalogue.named(identifier)
        ipa = utterance.ipa
        if language == greenlandic_zeros.LANGUAGE:
            ipa = greenlandic_zeros.with_zeros_spoken(text, ipa)
        request = scratch / f"{target.stem}.espeak.json"
        body = {
            "text": text,
            "voice": identifier,
            "speed": utterance.speed,
            "words": spans,
            "continues": utterance.continues,
            "ipa": [phoneme_request(one) for one in ipa],
        }
        request.write_text(json.dumps(body))
        command = ["speak", *self._library(), str(request), str(target)]
        limit = _SPEAK_SECONDS + len(text) * _SECONDS_PER_CHARACTER
        events = await self._run(command, scratch, limit, report, len(text))
        request.unlink()
        done = events[-1]["done"]
        words = await asyncio.to_thread(
            words_of,
            text,
            spans,
            [event for line in events for event in line.get("events", ())],
            events[-2]["alone"],
            rate=done["rate"],
            samples=done["samples"],
        )
        seconds = done["samples"] / done["rate"]
        return Speech(
            path=target,
            rate=done["rate"],
            seconds=seconds,
            words=words,
            voice=voice,
            language=language,
        )

    def _library(self) -> tuple[str, str]:
        if reason := self.available():
            raise EngineMissing(reason)
        import espeakng_loader  # noqa: PLC0415 - may not be installed

        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()

    async def _run(
        self,
        arguments: Sequence[str],
        cwd: Path,
        seconds: float,
        report: Report = lambda _: None,
        characters: int = 1,
    ) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []

        def on_line(line: str) -> None:
            events.append(json.loads(line))
            for kind, position, _ in events[-1].get("events", ()):
                if kind == "word":
                    report(min(1.0, position / characters))

        command = [sys.executable, "-I", "-S", _PROGRAM, *arguments]
        try:
            finished = await self._sandbox.run(command, cwd=cwd, seconds=seconds, on_line=on_line)
        except TimeoutError as error:
            raise RenderFailed("espeak-ng took too long to speak this text.") from error
        if not finished.ok or not events:
            raise RenderFailed(
                f"espeak-ng could not speak: {_last_line(finished.stderr) or _CRASHED}"
            )
        return events


_CRASHED: Final = "it crashed on this text; change the text, or use another engine."


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


_CONTROLS: Final = dict.fromkeys((*range(32), *range(127, 160)), " ")
"""Some control characters are commands to espeak-ng."""


def _catalogue(events: Mapping[str, Any]) -> Catalogue:
    voices: dict[str, Voice] = {}
    identifiers: dict[str, str] = {}
    best: dict[str, tuple[int, str]] = {}
    for title, identifier, languages, gender in events["voices"]:
        own = languages[0][0]
        if identifier.startswith(_MBROLA) or own in _SILENT:
            continue
        name = own.lower()
        if name in voices:
            name = identifier.rpartition("/")[2].lower()
        voices[name] = Voice(name=name, language=_bcp47(own), gender=gender, title=title.strip())
        identifiers[name] = identifier
        for language, priority in languages:
            ranked = (priority, name)
            best[language.lower()] = min(best.get(language.lower(), ranked), ranked)
    variants = {
        identifier.removeprefix("!v/"): gender
        for identifier, gender in events["variants"]
        if identifier.startswith("!v/")
    }
    by_language = {language: name for language, (_, name) in best.items()}
    return Catalogue(events["version"], voices, identifiers, by_language, variants)


def _bcp47(language: str) -> str:
    """Return a tag in the usual case of BCP 47: ``en-us`` → ``en-US``."""
    first, *rest = language.split("-")
    return "-".join([first, *(part.upper() if len(part) == 2 else part for part in rest)])


def _identifier(catalogue: Catalogue, voice: str | None, language: str | None) -> str:
    if voice is None:
        return catalogue.identifiers[_voice_of(catalogue, language or _DEFAULT_LANGUAGE)]
    name, variant = split_voice(voice, voices=catalogue.voices, variants=catalogue.variants)
    own = catalogue.identifiers[name]
    return own if variant is None else f"{own}+{variant}"


def _voice_of(catalogue: Catalogue, language: str) -> str:
    """Return the voice for a language, by the longest known prefix of its tag."""
    tag = language.lower().replace("_", "-")
    tag = _CHINESE.get(tag, tag)
    while tag:
        tag = _ALIASES.get(tag, tag)
        if tag in catalogue.by_language:
            return catalogue.by_language[tag]
        tag = tag.rpartition("-")[0]
    raise InvalidRequest(
        f"params.language: espeak does not speak {language!r}."
        f" {language_suggestion(language, catalogue.by_language, listing=VOICE_LISTING)}",
        field="params.language",
    )
