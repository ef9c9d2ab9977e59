"""The command line, run within the test process, and sample files."""

from __future__ import annotations

import io
import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from gala.cli import main
from gala_renderer import in_process
from tests.support.samples import sample


@dataclass(frozen=True, slots=True)
class Result:
    """The exit status and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, parsed as JSON."""
        return json.loads(self.out)


class Gala(Protocol):
    """Runs ``gala`` with the arguments in the test's temporary folder."""

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Result: ...


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the sample file of a name; see ``tests/support/samples.py``."""
    folder = tmp_path_factory.mktemp("samples")
    return lambda name: sample(name, folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home for GALA; its engine is closed at the end of the module."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GALA_HOME", str(home))
        # Closes an engine of another home; the next one uses this home.
        in_process.engine().close()
        yield home
        in_process.engine().close()


@pytest.fixture
def gala(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Gala]:
    """Return a :class:`Gala`; a separate process would load the engine for each command."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["gala", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return Result(int(ended.value.code or 0), output.out, output.err)

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GALA_URL", raising=False)
    engine_log = logging.getLogger("gala_renderer")
    level = engine_log.level
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}
    yield run
    engine_log.setLevel(level)
    for signum, handler in handlers.items():
        signal.signal(signum, handler)
