"""A command's session with an engine: it makes orders and delivers their outputs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import typer

from gala.cli.console import print_json, print_status, visible
from gala.cli.progress import progress_bar
from gala.cli.rendering.engines import load_engine, may_continue, open_engine
from gala.cli.rendering.options import CommonOptions
from gala.cli.rendering.output_files import AtomicOutputs
from gala.cli.rendering.output_paths import OUT, STDOUT, ending, is_converted, single_target
from gala.cli.rendering.request import RenderCommand
from gala.engine import Engine, Made, MediaOrder, OnProgress
from gala.errors import GalaError, InvalidRequest
from gala.media import MediaClass, SpokenBy, media_class
from gala.mime import SUFFIXES, suffix_of
from gala.render_protocol import Progress

_MIMES: Final = {suffix: mime for mime, suffix in SUFFIXES.items()}
_TIMED: Final = frozenset({MediaClass.AUDIO, MediaClass.VIDEO})


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A finished file and the target that it belongs to; ``size`` in bytes."""

    role: str
    target: Path
    mime: str
    size: int


@dataclass(slots=True)
class RenderSession:
    """One command's work: all its orders use one engine, and its files are delivered together."""

    common: CommonOptions
    engine: Engine
    outputs: AtomicOutputs
    files: list[OutputFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    job_id: str | None = None
    speech: dict[SpokenBy, None] = field(default_factory=dict)

    def make(
        self,
        command: RenderCommand,
        targets: Mapping[str, Path] | None = None,
        read: Sequence[str] = (),
    ) -> Made:
        """Make the command's order; ``targets`` by role. Optional outputs may be missing.

        Audio that the render type makes in another format than its target's is converted.
        """
        targets = targets or {}
        paths = {role: self.outputs.path(target, role) for role, target in targets.items()}
        unconverted = _unconverted(command, targets, paths)
        # The bar is removed before anything is printed, such as the paths of the files.
        with command.option_names(), progress_bar() as show:

            def on_progress(news: Progress) -> None:
                show(news.step, news.fraction)

            made = self.engine.make(command.order(paths | unconverted, read), on_progress)
            for role, path in unconverted.items():
                if role in made.files:
                    made = self._converted(made, role, path, paths[role], on_progress)
        self.job_id = self.job_id or made.job_id
        self.warnings += map(command.in_option_names, made.warnings)
        self.speech.update(dict.fromkeys(made.speech))
        _check_outputs(command, targets, made)
        for role, file in made.files.items():
            self.files.append(OutputFile(role, targets[role], file.mime, file.size))
        return made

    def _converted(
        self, made: Made, role: str, made_path: Path, target: Path, on_progress: OnProgress
    ) -> Made:
        """Return what was made with the audio of this role in the format of ``target``."""
        order = MediaOrder(
            type="audio_convert",
            params={"audio_format": ending(target)[1:]},
            inputs={"audio": made_path},
            outputs={"audio": target},
        )
        converted = self.engine.make(order, on_progress)
        return replace(
            made,
            files={**made.files, role: converted.files["audio"]},
            warnings=(*made.warnings, *converted.warnings),
        )

    def write(self, role: str, target: Path, text: str) -> None:
        """Add a text file to the outputs."""
        path = self.outputs.path(target)
        path.write_text(text, encoding="utf-8")
        mime = _MIMES.get(ending(target), "text/plain")
        self.files.append(OutputFile(role, target, mime, path.stat().st_size))

    def deliver(self) -> None:
        """Move all files to their targets, and print their paths, or a description as JSON."""
        described = [self._describe(file) for file in self.files]
        self.outputs.commit(file.target for file in self.files)
        self.print_warnings()
        # Not in a pipe, whose programs should be silent.
        piped = any(file.target == STDOUT for file in self.files)
        if self.speech and not piped and not self.common.as_json:
            print_status(f"spoken by {'; '.join(map(str, self.speech))}")
        if self.common.as_json:
            print_json({**described[0], "files": described, **self.about_work()})
            return
        for file in self.files:
            if file.target != STDOUT:
                # A program gets the exact name; a terminal gets no control characters.
                name = str(file.target)
                typer.echo(visible(name) if sys.stdout.isatty() else name)

    def print_warnings(self) -> None:
        """Print the warnings to standard error, unless they are part of the JSON."""
        if not self.common.as_json:
            for warning in self.warnings:
                print_status(f"warning: {warning}")

    def about_work(self) -> dict[str, Any]:
        """Return the JSON fields that describe the work rather than its files."""
        job = {"job_id": self.job_id} if self.job_id else {}
        speech = [spoken.model_dump() for spoken in self.speech]
        return {**job, "warnings": self.warnings, **({"speech": speech} if speech else {})}

    def _describe(self, file: OutputFile) -> dict[str, Any]:
        about = {
            "role": file.role,
            "path": str(file.target),
            "mime": file.mime,
            "bytes": file.size,
        }
        if self.common.as_json and media_class(file.mime) in _TIMED:
            seconds = _seconds(self.outputs.path(file.target, file.role))
            about |= {"duration": seconds} if seconds is not None else {}
        return about


@contextmanager
def open_session(common: CommonOptions, targets: Sequence[Path] = ()) -> Iterator[RenderSession]:
    """Yield a session; raise ``InvalidRequest`` first if one of the targets cannot be written."""
    if common.as_json and STDOUT in targets:
        raise InvalidRequest(
            f"{OUT} -: with --json, standard output is used for the JSON", field=OUT
        )
    with AtomicOutputs(force=common.force) as outputs:
        outputs.check_writable(targets)
        with open_engine(common.server) as engine:
            try:
                yield RenderSession(common, engine, outputs)
            except KeyboardInterrupt:
                if not may_continue(engine):
                    print_status("stopped: nothing was made")
                raise


def single_output(
    command: RenderCommand, out: Path | None, stem: str, roles: Sequence[str] = ("video",)
) -> dict[str, Path]:
    """Return the target by role: ``out``, or a file named ``stem`` in the current folder."""
    return single_target(command.render_type, command.params, out, stem=stem, roles=roles)


def make_files(command: RenderCommand, targets: Mapping[str, Path], common: CommonOptions) -> None:
    """Run a command that makes one order: check it, make it, deliver its files."""
    command.check()
    with open_session(common, list(targets.values())) as session:
        session.make(command, targets)
        session.deliver()


def _unconverted(
    command: RenderCommand, targets: Mapping[str, Path], paths: Mapping[str, Path]
) -> dict[str, Path]:
    """Return the paths for outputs that are converted afterwards, in the format they have first."""
    found = {}
    for one in command.render_type.outputs:
        if one.role in targets and is_converted(one, targets[one.role]):
            path = paths[one.role]
            found[one.role] = path.with_name(f"{path.stem}-{one.role}{suffix_of(one.mime)}")
    return found


def _check_outputs(command: RenderCommand, targets: Mapping[str, Path], made: Made) -> None:
    """Raise ``InvalidRequest`` if an output is missing or its format differs from the ending."""
    optional = {one.role for one in command.render_type.outputs if not one.required}
    missing = [role for role in targets if role not in made.files]
    if missing and (len(missing) == len(targets) or not optional.issuperset(missing)):
        others = [
            suffix_of(one.mime)
            for one in command.render_type.outputs
            if one.role in optional.difference(missing)
        ]
        raise InvalidRequest(
            f"{OUT} {targets[missing[0]]}: {command.type} makes no {missing[0]} of this input",
            field=OUT,
            hint=f"end the name in {' or '.join(others)}" if others else None,
        )
    for role, file in made.files.items():
        target = targets[role]
        if target != STDOUT and suffix_of(file.mime) != ending(target):
            raise InvalidRequest(
                f"{OUT} {target}: {command.type} makes {file.mime} of this input",
                field=OUT,
                hint=f"end the name in {suffix_of(file.mime)}",
            )


def _seconds(path: Path) -> float | None:
    """Return the duration of a file; ``None`` if no engine on this machine can measure it."""
    order = MediaOrder(type="probe", inputs={"media": path}, read=("info",))
    try:
        found: float | None = json.loads(load_engine().make(order).texts["info"])["duration"]
    except (GalaError, OSError):
        # The work is finished; the duration is optional in the JSON.
        return None
    return found
