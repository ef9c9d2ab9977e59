"""Random kills while jobs run; see ``__main__``."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from bench.platform.report import Figure, Section
from bench.platform.setup import wait_until
from bench.reliability import leftovers
from bench.reliability.load import LIVE_JOBS, Load
from bench.reliability.machine import SETTINGS, Machine
from bench.reliability.victims import KINDS, Kill

_TICK_SECONDS = 0.1
_PAUSE_SECONDS = (0.3, 2.5)
_UNRECOVERED_SECONDS = 90.0
_AT_ONCE = 2
"""A third kill waits until one of two others is over."""
_DRAIN_SECONDS = 240.0
_TIDY_SECONDS = 150.0
"""The housekeeper of the workers makes a round every minute."""

_METHOD = (
    "Real processes under the supervisor of `gala up`, one worker for each lane, {live} jobs queued"
    " or running at any time: films, speech, cuts, inspections{whisper}; and uploads. SIGKILL for"
    " a random victim every {pause[0]:g} to {pause[1]:g} s, also while others still recover;"
    " `connections` are cut by the database. Shorter times than in production: {settings}.\n"
    "Recovery: from the kill until the successor works and every attempt that it hit has ended or"
    " been taken up by another attempt. Failed: by whatever. Left behind: files in staging,"
    " uploads or storage that belong to nothing, {tidy:g} s after the last job at most. Still"
    " running, temporary files: after the last stop."
)


@dataclass
class Outcome:
    """All kills of a run, and the checks after it."""

    kills: list[Kill] = field(default_factory=list)
    jobs: int = 0
    problems: dict[str, list[str]] = field(default_factory=dict)
    reserved: int = 0


def measure(
    folder: Path,
    console: Console,
    *,
    kills: int,
    kinds: Sequence[str] = tuple(KINDS),
    seed: int,
    whisper: Path | None,
) -> Section:
    """Kill victims of these kinds and check; what went wrong is printed with its details."""
    settings = {"WHISPER_MODEL": str(whisper)} if whisper else {}
    machine = Machine(folder, **settings)
    outcome = Outcome()
    try:
        machine.wait_ready()
        with _load(machine, seed=seed, whisper=whisper is not None) as load:
            victims = _Victims(machine, kinds, random.Random(seed))
            _kill(victims, outcome, kills, console)
        outcome.jobs = len(load.submitted)
        _check(machine, load, outcome)
    finally:
        machine.stop()
    outcome.problems["still running"] = _still_running(machine)
    # Only now: warm models keep their folders while the renderer runs.
    outcome.problems["temporary files"] = leftovers.temporary_files(machine)
    _tell(outcome, console)
    return _section(outcome, whisper=whisper is not None)


@contextmanager
def _load(machine: Machine, *, seed: int, whisper: bool) -> Iterator[Load]:
    load = Load(machine, seed=seed, whisper=whisper)
    load.start()
    try:
        yield load
    finally:
        load.stop()


class _Victims:
    """Chooses and kills."""

    def __init__(self, machine: Machine, kinds: Sequence[str], chance: random.Random):
        self.machine = machine
        self._finders = [KINDS[kind] for kind in kinds]
        self._chance = chance

    def kill(self) -> Kill | None:
        """Kill one of a random kind; return None if there is none at the moment."""
        weights = [weight for _, weight in self._finders]
        ((finder, _),) = self._chance.choices(self._finders, weights=weights)
        return finder(self.machine)

    def pause(self) -> float:
        """Return the seconds until the next kill."""
        return self._chance.uniform(*_PAUSE_SECONDS)


def _kill(victims: _Victims, outcome: Outcome, count: int, console: Console) -> None:
    machine = victims.machine
    pending: list[Kill] = []
    due = time.monotonic()
    while len(outcome.kills) < count or pending:
        machine.keep_running()
        pending = [kill for kill in pending if not _is_over(machine, kill)]
        more = len(outcome.kills) < count and len(pending) < _AT_ONCE
        if more and time.monotonic() >= due and (kill := victims.kill()):
            outcome.kills.append(kill)
            pending.append(kill)
            due = time.monotonic() + victims.pause()
            if len(outcome.kills) % 10 == 0:
                console.print(f"{len(outcome.kills)} kills", highlight=False)
        time.sleep(_TICK_SECONDS)


def _is_over(machine: Machine, kill: Kill) -> bool:
    return kill.check(machine) or time.monotonic() - kill.at > _UNRECOVERED_SECONDS


def _check(machine: Machine, load: Load, outcome: Outcome) -> None:
    machine.wait_ready()
    _until(lambda: not leftovers.live_jobs(machine), _DRAIN_SECONDS)
    _until(lambda: not leftovers.left_behind(machine), _TIDY_SECONDS)
    outcome.problems = {
        "failed": leftovers.failed_jobs(machine),
        "stuck": leftovers.live_jobs(machine),
        "lost": leftovers.lost_jobs(machine, load.submitted),
        "doubled": leftovers.doubled_jobs(machine),
        "without bytes": leftovers.missing_objects(machine),
        "left behind": leftovers.left_behind(machine),
        "not recovered": [kill.kind for kill in outcome.kills if kill.seconds is None],
    }
    outcome.reserved = leftovers.reserved_objects(machine)


def _until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for the condition; its absence is reported by the checks."""
    try:
        wait_until(condition, timeout_seconds=seconds)
    except TimeoutError:
        return


def _still_running(machine: Machine) -> list[str]:
    _until(lambda: not machine.processes(), 15)
    return [str(process) for process in machine.processes()]


def _tell(outcome: Outcome, console: Console) -> None:
    for problem, found in outcome.problems.items():
        for one in found[:20]:
            console.print(f"[red]{problem}[/]: {one}", highlight=False)


def _section(outcome: Outcome, *, whisper: bool) -> Section:
    return Section(
        title=f"{len(outcome.kills)} random kills, {outcome.jobs} jobs",
        method=_METHOD.format(
            live=LIVE_JOBS,
            whisper=", transcriptions" if whisper else "",
            pause=_PAUSE_SECONDS,
            tidy=_TIDY_SECONDS,
            settings=", ".join(f"{name}={value}" for name, value in SETTINGS.items()),
        ),
        figures=[*_recoveries(outcome.kills), *_totals(outcome)],
    )


def _recoveries(kills: Sequence[Kill]) -> Iterator[Figure]:
    counts = Counter(kill.kind for kill in kills)
    seconds: dict[str, list[float]] = defaultdict(list)
    for kill in kills:
        if kill.seconds is not None:
            seconds[kill.kind].append(kill.seconds)
    for kind, count in counts.most_common():
        if seconds[kind]:
            median, longest = statistics.median(seconds[kind]), max(seconds[kind])
            yield Figure(what=f"{kind} ({count}): recovery, median", unit="s", ours=median)
            yield Figure(what=f"{kind}: longest", unit="s", ours=longest)


def _totals(outcome: Outcome) -> Iterator[Figure]:
    for problem, found in outcome.problems.items():
        yield Figure(what=problem, unit="", ours=len(found), below=1)
    yield Figure(what="objects that wait for their deletion", unit="", ours=outcome.reserved)
