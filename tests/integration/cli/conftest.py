"""The command line in this process, as fast as its engine is, and sample files to give it."""

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
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, if that is JSON and nothing else."""
        return json.loads(self.out)


class Gala(Protocol):
    """Runs ``gala`` with these arguments, in the test's own folder."""

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Ran: ...


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the sample file of a name; see ``tests/support/samples.py``."""
    folder = tmp_path_factory.mktemp("samples")
    return lambda name: sample(name, folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """GALA's home, as new; its engine ends with the module."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GALA_HOME", str(home))
        # Where there is no engine yet, this makes one: in this home, in nobody else's.
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
    """The command line of :class:`Gala`; a process of its own would load the engine each time."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["gala", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GALA_URL", raising=False)
    engine_log = logging.getLogger("gala_renderer")
    level = engine_log.level
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}
    yield run
    engine_log.setLevel(level)
    for signum, handler in handlers.items():
        signal.signal(signum, handler)
