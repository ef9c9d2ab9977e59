"""A missing package is one line that names the extra it belongs to, and how to install it."""

from __future__ import annotations

import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from gala import installation
from tests.support.partial_installation import install, run_python


def remedy(done: subprocess.CompletedProcess[str], extra: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert f'".[{extra}]"' in done.stderr + done.stdout
    assert len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize(
    ("extras", "command", "extra"),
    [
        ("", "demo", "standalone"),
        ("", "keys list", "db"),
        ("", "mcp", "mcp"),
        ("renderer", "up", "standalone"),
        ("db", "openapi", "api"),
        ("embedded", "doctor", "renderer"),
        ("worker", "licenses --sbom sbom.json", "sbom"),
    ],
)
def test_a_command_names_the_extra_that_it_needs(
    extras: str, command: str, extra: str, tmp_path: Path
) -> None:
    folder, home = tmp_path / "venv", tmp_path / "home"
    install(folder, *extras.split())
    done = run_python(folder, "-m", "gala.cli", *command.split(), GALA_HOME=str(home))
    remedy(done, extra)


@pytest.mark.parametrize(
    ("service", "extra"),
    [
        ("gala_api", "api"),
        ("gala_api.swagger_ui", "api"),
        ("gala_worker", "worker"),
        ("gala_renderer", "renderer"),
    ],
)
def test_a_service_names_the_extra_that_it_needs(service: str, extra: str, tmp_path: Path) -> None:
    install(tmp_path)
    remedy(run_python(tmp_path, "-m", service), extra)


def test_the_extra_of_every_package_is_known_by_its_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Read once for all packages: the metadata are parsed each time.
    listed = installation._requirements()
    monkeypatch.setattr(installation, "_requirements", lambda: listed)
    modules: dict[str, list[str]] = {}
    for module, packages in packages_distributions().items():
        for package in packages:
            modules.setdefault(installation._normalized(package), []).append(module)
    requirements = {extra: names for extra, names in listed.items() if extra != "dev"}
    assert {"standalone", "renderer", "embedded", "s3", "mcp"} <= {*requirements}
    for packages in requirements.values():
        for package in packages & {*modules}:
            found = {installation.extra_of(module) for module in modules[package]} - {None}
            assert found, package
            assert any(package in requirements[str(extra)] for extra in found)


def test_a_missing_module_of_ours_is_a_defect_and_stays_one() -> None:
    with pytest.raises(ModuleNotFoundError), installation.importing("api"):
        raise ModuleNotFoundError("no", name="gala_api.nothing")
    assert installation.explained(ModuleNotFoundError("no", name="gala.x")) is None


def test_the_extra_that_a_program_needs_is_preferred_to_the_smallest() -> None:
    assert installation.extra_of("sqlalchemy") == "db"
    assert installation.extra_of("sqlalchemy", "worker") == "worker"
    assert installation.extra_of("faster_whisper.audio", "renderer") == "whisper"
    found = installation.explained(ModuleNotFoundError("no", name="starlette.routing"), "api")
    assert found is not None
    assert "extra api" in found[0]
