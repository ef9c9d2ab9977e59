"""Where a command has its orders made, and tells what came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import typer

from gala.cli.console import print_json, say, visible
from gala.cli.progress import progress_bar
from gala.cli.rendering.engines import Maker, engine, maker
from gala.cli.rendering.options import Manner
from gala.cli.rendering.output_files import AtomicOutputs
from gala.cli.rendering.output_paths import OUT, STDOUT, ending, single_target
from gala.cli.rendering.request import RenderCommand
from gala.engine import Made, MediaOrder, OnProgress
from gala.errors import GalaError, InvalidRequest
from gala.media import MediaClass, media_class
from gala.mime import SUFFIXES, suffix_of

_MIMES: Final = {suffix: mime for mime, suffix in SUFFIXES.items()}
_PLAYED: Final = frozenset({MediaClass.AUDIO, MediaClass.VIDEO})


@dataclass(frozen=True, slots=True)
class Finished:
    """A file that was made for a target."""

    role: str
    target: Path
    mime: str
    size: int


@dataclass(slots=True)
class RenderSession:
    """One command's work: its orders go through one maker, its files are delivered together."""

    manner: Manner
    maker: Maker
    delivery: AtomicOutputs
    show: OnProgress
    files: list[Finished] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    job_id: str | None = None

    def make(
        self,
        command: RenderCommand,
        targets: Mapping[str, Path] | None = None,
        read: Sequence[str] = (),
    ) -> Made:
        """Have it made; ``targets`` by role. Of optional outputs, those that there are."""
        wanted = targets or {}
        places = {role: self.delivery.place(target, role) for role, target in wanted.items()}
        with command.own_words():
            work = self.maker.make(command.order(places, read), self.show)
        self.job_id = self.job_id or work.job_id
        self.warnings += work.made.warnings
        _check_made(command, wanted, work.made)
        for role, made in work.made.files.items():
            self.files.append(Finished(role, wanted[role], made.mime, made.size))
        return work.made

    def write(self, role: str, target: Path, text: str) -> None:
        """Deliver a text that came from what was made."""
        place = self.delivery.place(target)
        place.write_text(text, encoding="utf-8")
        mime = _MIMES.get(ending(target), "text/plain")
        self.files.append(Finished(role, target, mime, place.stat().st_size))

    def deliver(self) -> None:
        """Put everything where it belongs, and tell the paths, or all about them as JSON."""
        told = [self._about(one) for one in self.files]
        self.delivery.settle(one.target for one in self.files)
        self.tell_warnings()
        if self.manner.as_json:
            print_json({**told[0], "files": told, **self.about_work()})
            return
        for one in self.files:
            if one.target != STDOUT:
                # A program gets the name as it is, a terminal nothing that steers it.
                name = str(one.target)
                typer.echo(visible(name) if sys.stdout.isatty() else name)

    def tell_warnings(self) -> None:
        """On standard error, unless they are part of the JSON."""
        if not self.manner.as_json:
            for warning in self.warnings:
                say(f"warning: {warning}")

    def about_work(self) -> dict[str, Any]:
        """What the JSON says of the work itself."""
        job = {"job_id": self.job_id} if self.job_id else {}
        return {**job, "warnings": self.warnings}

    def _about(self, one: Finished) -> dict[str, Any]:
        about = {"role": one.role, "path": str(one.target), "mime": one.mime, "bytes": one.size}
        if self.manner.as_json and media_class(one.mime) in _PLAYED:
            seconds = _seconds(self.delivery.place(one.target, one.role))
            about |= {"duration": seconds} if seconds is not None else {}
        return about


@contextmanager
def at_work(manner: Manner, targets: Sequence[Path] = ()) -> Iterator[RenderSession]:
    """A desk for what goes to ``targets``: if they can be written, and only then."""
    if manner.as_json and STDOUT in targets:
        raise InvalidRequest(f"{OUT} -: standard output holds the JSON", field=OUT)
    with AtomicOutputs(force=manner.force) as delivery:
        delivery.refuse_taken(targets)
        with maker(manner.remote) as chosen, progress_bar() as show:
            try:
                yield RenderSession(
                    manner, chosen, delivery, lambda news: show(news.step, news.fraction)
                )
            except KeyboardInterrupt:
                if not chosen.may_go_on:
                    say("stopped: nothing was made")
                raise


def one_file(
    command: RenderCommand, out: Path | None, stem: str, roles: Sequence[str] = ("video",)
) -> dict[str, Path]:
    """Where the one file of a command goes: to ``out``, or to this folder as ``stem``."""
    return single_target(command.render_type, command.params, out, stem=stem, roles=roles)


def make_files(command: RenderCommand, targets: Mapping[str, Path], manner: Manner) -> None:
    """The whole of most commands: check, make, deliver, tell."""
    command.check()
    with at_work(manner, list(targets.values())) as session:
        session.make(command, targets)
        session.deliver()


def _check_made(command: RenderCommand, wanted: Mapping[str, Path], made: Made) -> None:
    """Whether what was made is what the files are called."""
    optional = {one.role for one in command.render_type.outputs if not one.required}
    missing = [role for role in wanted if role not in made.files]
    if missing and (len(missing) == len(wanted) or not optional.issuperset(missing)):
        others = [
            suffix_of(one.mime)
            for one in command.render_type.outputs
            if one.role in optional.difference(missing)
        ]
        raise InvalidRequest(
            f"{OUT} {wanted[missing[0]]}: of this, {command.type} makes no {missing[0]}",
            field=OUT,
            hint=f"end the name in {' or '.join(others)}" if others else None,
        )
    for role, file in made.files.items():
        target = wanted[role]
        if target != STDOUT and suffix_of(file.mime) != ending(target):
            raise InvalidRequest(
                f"{OUT} {target}: {command.type} makes {file.mime} of this",
                field=OUT,
                hint=f"end the name in {suffix_of(file.mime)}",
            )


def _seconds(path: Path) -> float | None:
    """How long it is, if there is an engine here to tell."""
    order = MediaOrder(type="probe", inputs={"media": path}, read=("info",))
    try:
        found: float | None = json.loads(engine().make(order).texts["info"])["duration"]
    except (GalaError, OSError):
        # The work is done; that nobody can measure it here, whatever the reason, is no failure.
        return None
    return found
