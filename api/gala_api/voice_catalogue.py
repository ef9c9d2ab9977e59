"""The voices of the renderer's engines, as the renderer lists them."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from gala.errors import InvalidRequest, Unavailable
from gala.net.tls import tls_context
from gala.render_types.params.language_tags import within
from gala.render_types.params.voice_names import Catalogue, EngineVoices, check_voices

_CACHE_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 1.0
"""An older listing is asked for again before a voice that is not in it is refused."""
_AWAY_SECONDS: Final = 5.0
"""How long a submission does not ask a renderer that did not answer."""
_SUBMISSION_SECONDS: Final = 0.5
_LISTING_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVoice:
    """A voice of an available engine."""

    name: str
    engine: str
    language: str
    gender: str | None
    title: str
    description: str
    licence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceListing:
    """All voices, those of the default engine first."""

    voices: tuple[ListedVoice, ...]
    variants: Mapping[str, tuple[str, ...]]
    """Names of variants that can be appended to voices, by engine."""
    default: str
    digest: str
    """A digest of the listing, in hexadecimal."""
    changed: datetime
    catalogue: Catalogue = field(default_factory=dict)

    def engine_of(self, name: str, engine: str | None = None) -> str | None:
        """Return the engine that has the voice, which may have a variant appended."""
        base, _, variant = name.partition("+")
        for voice in self.voices:
            if engine in {None, voice.engine} and (
                voice.name == name
                or (voice.name == base and variant in self.variants.get(voice.engine, ()))
            ):
                return voice.engine
        return None

    def select(
        self,
        *,
        language: str | None = None,
        engine: str | None = None,
        gender: str | None = None,
        q: str | None = None,
    ) -> Iterator[ListedVoice]:
        """Yield the voices that match all criteria; ``q`` is searched for in all texts."""
        for voice in self.voices:
            texts = (voice.name, voice.title, voice.description, voice.language)
            if (
                (language is None or within(voice.language, language))
                and engine in {None, voice.engine}
                and gender in {None, voice.gender}
                and (q is None or any(q.casefold() in text.casefold() for text in texts))
            ):
                yield voice


class VoiceCatalogue:
    """The renderer's listing of voices, cached for ten seconds. Safe to use in several threads."""

    def __init__(self, base_url: str):
        self._url = f"{base_url}/voices"
        self._lock = threading.Lock()
        self._listing: VoiceListing | None = None
        self._asked_at = float("-inf")
        self._failed_at = float("-inf")

    def current(self) -> VoiceListing:
        """Return the listing. Raise ``Unavailable`` if the renderer does not answer in time."""
        listing = self._read(_LISTING_SECONDS, max_age=_CACHE_SECONDS)
        if listing is None:
            raise Unavailable("The renderer does not answer now; try again.")
        return listing

    def at_hand(self) -> Catalogue | None:
        """Return the voices by engine; None if the renderer does not answer in half a second."""
        listing = self._at_hand(_CACHE_SECONDS)
        return None if listing is None else listing.catalogue

    def check(self, params: Any, inputs: frozenset[str]) -> None:
        """Raise ``InvalidRequest`` if params name a voice that no available engine has.

        Return without a check if the renderer does not answer within half a second: the engine
        then decides when the job runs.
        """
        listing = self._at_hand(_CACHE_SECONDS)
        if listing is None:
            return
        try:
            check_voices(params, inputs, listing.catalogue)
        except InvalidRequest:
            # It may have been installed just now.
            newer = self._at_hand(_RETRY_SECONDS)
            if newer is None or newer is listing:
                raise
            check_voices(params, inputs, newer.catalogue)

    def _at_hand(self, max_age: float) -> VoiceListing | None:
        if time.monotonic() - self._failed_at < _AWAY_SECONDS:
            return None
        return self._read(_SUBMISSION_SECONDS, max_age=max_age)

    def _read(self, seconds: float, *, max_age: float) -> VoiceListing | None:
        """Return the listing, at most ``max_age`` seconds old; None if there is no answer."""
        if not self._lock.acquire(timeout=seconds):
            return None
        try:
            if time.monotonic() - self._asked_at >= max_age:
                self._fetch(seconds)
            return self._listing
        finally:
            self._lock.release()

    def _fetch(self, seconds: float) -> None:
        import httpx  # noqa: PLC0415 - takes 0.1 s

        try:
            response = httpx.get(self._url, timeout=seconds, trust_env=False, verify=tls_context())
            listing = _parsed(response.raise_for_status().content)
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            self._listing, self._asked_at = None, float("-inf")
            self._failed_at = time.monotonic()
            return
        if self._listing is None or self._listing.digest != listing.digest:
            self._listing = listing
        self._asked_at, self._failed_at = time.monotonic(), float("-inf")


def sample_url(base_url: str, engine: str, voice: str) -> str:
    """Return the address of the sample of a voice."""
    return f"{base_url}/voices/{quote(voice, safe='')}/sample?engine={quote(engine, safe='')}"


def _parsed(content: bytes) -> VoiceListing:
    """Return the renderer's response as a listing."""
    body = json.loads(content)
    engines, about, default = body["engines"], body["about"], body["default"]
    variants = {
        name: tuple(variant["name"] for variant in about[name]["variants"]) for name in engines
    }
    return VoiceListing(
        voices=tuple(
            ListedVoice(
                name=voice["name"],
                engine=name,
                language=voice["language"],
                gender=voice["gender"],
                title=voice["title"] or voice["name"],
                description=voice["description"],
                licence=about[name]["licence"],
            )
            for name in sorted(engines, key=lambda name: name != default)
            for voice in engines[name]
        ),
        variants={name: found for name, found in variants.items() if found},
        default=default,
        digest=hashlib.sha256(content).hexdigest(),
        changed=datetime.now(UTC),
        catalogue={
            name: EngineVoices(tuple(voice["name"] for voice in voices), variants[name])
            for name, voices in engines.items()
        },
    )
