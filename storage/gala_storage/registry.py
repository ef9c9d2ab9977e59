"""Registry of providers: each is a module in ``gala_storage.providers``."""

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
    """Name and constructor of a provider; its module has one as ``PROVIDER``."""

    name: str
    open: Callable[[StorageSettings], Storage]
    """Raises :class:`StorageConfigError` if settings or the SDK are missing; sends no request."""


@contextmanager
def sdk_of(extra: str) -> Iterator[None]:
    """Raise :class:`StorageConfigError` with the extra to install if the import of an SDK fails."""
    try:
        yield
    except ImportError as missing:
        raise StorageConfigError(
            f"storage provider {extra} needs its SDK ({missing}):"
            f' pip install "gala-platform[{extra}]"'
        ) from missing


@cache
def all_providers() -> Mapping[str, Provider]:
    """Return all providers by name, whether or not their SDKs are installed."""
    found: dict[str, Provider] = {}
    for module in pkgutil.iter_modules(providers.__path__):
        provider = importlib.import_module(f"{providers.__name__}.{module.name}").PROVIDER
        found[provider.name] = provider
    return MappingProxyType(found)


class StorageRegistry:
    """The configured providers; each is opened at its first use and then reused."""

    def __init__(self, settings: StorageSettings) -> None:
        self._settings = settings
        self._open: dict[str, Storage] = {}
        self._lock = Lock()

    @property
    def current(self) -> Storage:
        """The provider for new objects."""
        return self.get(self._settings.storage_provider)

    def get(self, provider: str) -> Storage:
        """Return the provider with that name, for example that of an older asset.

        :raises StorageConfigError: unknown, or not configured; names the variables.
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
    """Open and return the provider for new objects."""
    return StorageRegistry(settings).current
