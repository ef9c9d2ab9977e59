"""``.env.example`` names every variable that is read, and no other."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

import gala
import gala_api
import gala_renderer
import gala_storage
import gala_worker
from tests.unit.infra.infrafiles import INFRA

EXAMPLE = (INFRA / ".env.example").read_text()
COMPOSE = (INFRA / "docker-compose.yml").read_text()
VALUES = dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE))
EXPLAINED = set(VALUES)
# Lines that show a better value than the default, or a default that depends on the machine.
EXAMPLES = {"DATA_ROOT"}
# Read by Compose itself.
OF_COMPOSE = {"COMPOSE_PROFILES"}


def settings_classes() -> Iterator[type[BaseSettings]]:
    for package in (gala, gala_api, gala_worker, gala_renderer, gala_storage):
        for module in _settings_modules(package):
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, BaseSettings):
                    yield value


def _settings_modules(package: ModuleType) -> Iterator[ModuleType]:
    # By their files: pkgutil.walk_packages imports every package, in each process that collects
    # the tests.
    (root,) = map(Path, package.__path__)
    for file in sorted(root.rglob("settings.py")):
        folders = file.relative_to(root.parent).with_suffix("").parts
        yield importlib.import_module(".".join(folders))


def variables(settings: type[BaseSettings]) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{field}".upper() for field in settings.model_fields}


READ = {name for settings in settings_classes() for name in variables(settings)}
IN_COMPOSE = set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE))


def test_the_settings_of_every_service_are_found() -> None:
    found = {settings.__module__.split(".")[0] for settings in settings_classes()}
    assert {"gala_api", "gala_worker", "gala_renderer", "gala_storage"} <= found


def test_every_variable_that_is_read_is_explained() -> None:
    assert READ | IN_COMPOSE <= EXPLAINED, sorted((READ | IN_COMPOSE) - EXPLAINED)


def test_nothing_is_explained_that_nobody_reads() -> None:
    known = READ | IN_COMPOSE | OF_COMPOSE
    assert known >= EXPLAINED, sorted(EXPLAINED - known)


def test_every_variable_has_words_of_its_own_or_shares_its_neighbours() -> None:
    for block in re.split(r"\n\n+", EXAMPLE):
        if re.search(r"^(?:# )?[A-Z][A-Z0-9_]+=", block, re.MULTILINE):
            assert re.match(r"# .*[a-z]{2} ?", block), block


def defaults() -> Iterator[tuple[type[BaseSettings], str]]:
    for settings in settings_classes():
        for name, field in settings.model_fields.items():
            if field.default not in (None, PydanticUndefined) and name.upper() not in EXAMPLES:
                yield settings, name


@pytest.mark.parametrize(
    ("settings", "name"), list(defaults()), ids=lambda v: getattr(v, "__name__", v)
)
def test_the_default_that_is_named_is_the_default(
    settings: type[BaseSettings], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in READ:
        monkeypatch.delenv(variable, raising=False)
    for variable in ("DATABASE_URL", "REDIS_URL", "DATA_ROOT"):
        monkeypatch.setenv(variable, VALUES[variable])
    monkeypatch.setenv(name.upper(), VALUES[name.upper()])
    assert getattr(settings(), name) == settings.model_fields[name].default


@pytest.mark.parametrize("line", re.findall(r"^[A-Z].*$", EXAMPLE, re.MULTILINE))
def test_what_is_set_out_of_the_box_is_harmless(line: str) -> None:
    assert line == "STORAGE_PROVIDER=localfs"
