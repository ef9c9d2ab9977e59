"""Providers: one module each in ``gala_storage.providers``, found by looking."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from types import MappingProxyType

from gala_storage import providers
from gala_storage.contract import Storage
from gala_storage.errors import StorageConfigError
from gala_storage.settings import StorageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What a provider's module says of itself, as ``PROVIDER``."""

    name: str
    open: Callable[[StorageSettings], Storage]
    """Raises :class:`StorageConfigError` if settings or the SDK are missing; calls nobody."""


@contextmanager
def sdk_of(extra: str) -> Iterator[None]:
    """Around the late import of a vendor's SDK: if it is missing, say what to install."""
    try:
        yield
    except ImportError as missing:
        raise StorageConfigError(
            f'storage provider {extra} needs its SDK: pip install "gala[{extra}]" ({missing})'
        ) from missing


@cache
def all_providers() -> Mapping[str, Provider]:
    """Every provider, by name, whether or not its SDK is installed."""
    found: dict[str, Provider] = {}
    for module in pkgutil.iter_modules(providers.__path__):
        provider = importlib.import_module(f"{providers.__name__}.{module.name}").PROVIDER
        found[provider.name] = provider
    return MappingProxyType(found)


class StorageRegistry:
    """The configured providers, each opened when first asked for and kept from then on."""

    def __init__(self, settings: StorageSettings) -> None:
        self._settings = settings
        self._open: dict[str, Storage] = {}
        self._lock = Lock()

    @property
    def current(self) -> Storage:
        """The provider that takes new objects."""
        return self.get(self._settings.storage_provider)

    def get(self, provider: str) -> Storage:
        """The provider of that name, e.g. the one that an older asset was stored with.

        :raises StorageConfigError: unknown, or not configured (names the variables).
        """
        with self._lock:
            if provider not in self._open:
                self._open[provider] = _find(provider).open(self._settings)
            return self._open[provider]


def _find(name: str) -> Provider:
    known = all_providers()
    if name not in known:
        raise StorageConfigError(
            f"there is no storage provider {name!r}; "
            f"STORAGE_PROVIDER is one of {', '.join(sorted(known))}"
        )
    return known[name]


def open_storage(settings: StorageSettings) -> Storage:
    """The provider that takes new objects, freshly opened."""
    return StorageRegistry(settings).current
