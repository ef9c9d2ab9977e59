"""espeak-ng, from its pip wheel: small, in 140 voices, with exact times; it always works."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing, InvalidRequest, RenderFailed
from gala_renderer.engine.plan import Report
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.speech.espeak.word_times import words_of
from gala_renderer.speech.protocol import Speech, Utterance, Voice
from gala_renderer.speech.word_tokens import written_words

_PROGRAM: Final = str(Path(__file__).with_name("program.py"))
_LIST_SECONDS: Final = 20.0
_SPEAK_SECONDS: Final = 60.0
_SECONDS_A_CHARACTER: Final = 0.005
_USUAL: Final = "en-us"
_MBROLA: Final = "mb/"

_ALIASES: Final = {"en": "en-us", "fil": "tl", "iw": "he", "in": "id", "nn": "nb", "zh": "cmn"}
"""Languages that people name otherwise than espeak-ng does."""
_CHINESE: Final = {"zh-hk": "yue", "zh-mo": "yue", "zh-yue": "yue"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the library has: its voices by name, and variants of timbre by name."""

    version: str
    voices: Mapping[str, Voice]
    identifiers: Mapping[str, str]
    """How the library calls each voice."""
    by_language: Mapping[str, str]
    """The voice of each language that has one."""
    variants: Mapping[str, str | None]
    """Each variant's gender."""


class EspeakEngine:
    """Speaks in a process of its own each time, so that calls never wait for each other.

    Voices are called by their language (``en-us``, ``es-419``, ``cmn``), optionally with a variant
    (``en-us+f3``, ``es+whisper``).
    """

    name = "espeak"

    def __init__(self, sandbox: Sandbox):
        self._sandbox = sandbox
        self._listing = asyncio.Lock()
        self._catalogue: Catalogue | None = None

    @cached_property
    def version(self) -> str:
        """Of the wheel that the library comes in."""
        return version("espeakng-loader")

    def available(self) -> str | None:
        """``None`` if the library is installed."""
        if find_spec("espeakng_loader") is None:
            return 'espeak-ng is not installed: pip install "gala[renderer]".'
        return None

    async def voices(self) -> Sequence[Voice]:
        """A voice for each language; each also takes a variant."""
        return tuple((await self.catalogue()).voices.values())

    async def catalogue(self) -> Catalogue:
        """What the library has, asked once."""
        async with self._listing:
            if self._catalogue is None:
                told = await self._run(["voices", *self._library()], Path("/"), _LIST_SECONDS)
                self._catalogue = _catalogue(told[-1])
            return self._catalogue

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak; every written word gets the time at which it is heard."""
        identifier = _chosen(await self.catalogue(), utterance.voice, utterance.language)
        text = utterance.text.translate(_CONTROLS)
        spans = written_words(text, utterance.language)
        request = scratch / f"{target.stem}.espeak.json"
        asked = {"text": text, "voice": identifier, "speed": utterance.speed, "words": spans}
        request.write_text(json.dumps(asked))
        command = ["speak", *self._library(), str(request), str(target)]
        limit = _SPEAK_SECONDS + len(text) * _SECONDS_A_CHARACTER
        told = await self._run(command, scratch, limit, report, len(text))
        request.unlink()
        done = told[-1]["done"]
        words = await asyncio.to_thread(
            words_of,
            text,
            spans,
            [event for line in told for event in line.get("events", ())],
            told[-2]["alone"],
            rate=done["rate"],
            samples=done["samples"],
        )
        seconds = done["samples"] / done["rate"]
        return Speech(path=target, rate=done["rate"], seconds=seconds, words=words)

    def _library(self) -> tuple[str, str]:
        if reason := self.available():
            raise EngineMissing(reason)
        import espeakng_loader  # noqa: PLC0415 - an operator may have removed it

        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()

    async def _run(
        self,
        arguments: Sequence[str],
        cwd: Path,
        seconds: float,
        report: Report = lambda _: None,
        characters: int = 1,
    ) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []

        def on_line(line: str) -> None:
            told.append(json.loads(line))
            for kind, position, _ in told[-1].get("events", ()):
                if kind == "word":
                    report(min(1.0, position / characters))

        command = [sys.executable, "-I", "-S", _PROGRAM, *arguments]
        try:
            finished = await self._sandbox.run(command, cwd=cwd, seconds=seconds, on_line=on_line)
        except TimeoutError as error:
            raise RenderFailed("espeak-ng took too long for this text.") from error
        if not finished.ok or not told:
            said = finished.stderr.strip().splitlines()
            raise RenderFailed(f"espeak-ng could not speak: {said[-1] if said else 'it ended'}")
        return told


_CONTROLS: Final = dict.fromkeys((*range(32), *range(127, 160)), " ")
"""Some of them are commands to espeak-ng."""


def _catalogue(told: Mapping[str, Any]) -> Catalogue:
    voices: dict[str, Voice] = {}
    identifiers: dict[str, str] = {}
    best: dict[str, tuple[int, str]] = {}
    for title, identifier, languages, gender in told["voices"]:
        if identifier.startswith(_MBROLA):
            continue
        own = languages[0][0]
        name = own.lower()
        if name in voices:
            name = identifier.rpartition("/")[2].lower()
        voices[name] = Voice(
            name=name, language=_tagged(own), gender=gender, description=title.strip()
        )
        identifiers[name] = identifier
        for language, priority in languages:
            ranked = (priority, name)
            best[language.lower()] = min(best.get(language.lower(), ranked), ranked)
    variants = {
        identifier.removeprefix("!v/"): gender
        for identifier, gender in told["variants"]
        if identifier.startswith("!v/")
    }
    by_language = {language: name for language, (_, name) in best.items()}
    return Catalogue(told["version"], voices, identifiers, by_language, variants)


def _tagged(language: str) -> str:
    """``en-us`` → ``en-US``, as BCP 47 is usually written."""
    first, *rest = language.split("-")
    return "-".join([first, *(part.upper() if len(part) == 2 else part for part in rest)])


def _chosen(catalogue: Catalogue, voice: str | None, language: str | None) -> str:
    if voice is None:
        return catalogue.identifiers[_spoken(catalogue, language or _USUAL)]
    base, plus, variant = voice.partition("+")
    name = base.lower().replace("_", "-")
    if name not in catalogue.voices:
        raise InvalidRequest(
            f"params.voice: espeak has no voice {base!r}; it has "
            f"{', '.join(catalogue.voices)}, each also with a variant (es+f3).",
            field="params.voice",
        )
    if not plus:
        return catalogue.identifiers[name]
    known = {other.lower(): other for other in catalogue.variants}
    if variant.lower() not in known:
        raise InvalidRequest(
            f"params.voice: espeak has no variant {variant!r}; it has {', '.join(known.values())}.",
            field="params.voice",
        )
    return f"{catalogue.identifiers[name]}+{known[variant.lower()]}"


def _spoken(catalogue: Catalogue, language: str) -> str:
    """The voice for a language, by the longest part of its tag that there is one for."""
    tag = language.lower().replace("_", "-")
    tag = _CHINESE.get(tag, tag)
    while tag:
        tag = _ALIASES.get(tag, tag)
        if tag in catalogue.by_language:
            return catalogue.by_language[tag]
        tag = tag.rpartition("-")[0]
    raise InvalidRequest(
        f"params.language: espeak does not speak {language!r}; it speaks "
        f"{', '.join(catalogue.by_language)}.",
        field="params.language",
    )
