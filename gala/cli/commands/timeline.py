"""``gala timeline``: plans and renders compositions, and shows how they are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.commands.timeline_export import export
from gala.cli.commands.timeline_frame import draw_frame
from gala.cli.commands.timeline_import import import_file
from gala.cli.console import AsJson, print_json, print_status, print_table
from gala.cli.rendering.branding import BrandOption, branded_composition
from gala.cli.rendering.composition_file import (
    all_problems,
    beside,
    is_of_server,
    media_of,
    missing_file,
    read_json,
    written_as,
)
from gala.cli.rendering.engines import catalogue_of, load_engine
from gala.cli.rendering.options import (
    USUAL_FRAME,
    CommonOptions,
    Force,
    Fps,
    Local,
    Out,
    Ratio,
    Remote,
    Size,
)
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import RenderSession, make_files, open_session, single_output
from gala.cli.rendering.targets import (
    TargetOption,
    check_target,
    for_target,
    misfits,
    target_frame,
)
from gala.engine import KnowsFeatures
from gala.errors import GalaError
from gala.media import Format, MediaFacts
from gala.mime import SUFFIXES
from gala.targets import TargetName
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import PlanWarning
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.drawn_files import DRAWN, DrawnFile, read_drawn_file
from gala.timeline.measurements import KnownMeasurements, Media
from gala.timeline.plan import PlannedWarning, TimelinePlan, timeline_schema
from gala.timeline.problems import InvalidTimeline, Problem
from gala.timeline.reader import read_timeline
from gala.timeline.refusals import (
    feature_warnings,
    needs_features,
    voice_warnings,
    voices_of,
)
from gala.timeline.render_time import render_seconds
from gala.timeline.server_models import without_models
from gala.timeline.sources import NamedFile, named_files

app = typer.Typer(
    help="Plan and render compositions of scenes or tracks, and show how they are written.",
    no_args_is_help=True,
)

_INSPECTED: Final = frozenset({"video", "image", "audio", "voice", "waveform"})
"""Types of elements whose files are inspected."""
_MIMES: Final = {suffix: mime for mime, suffix in SUFFIXES.items()}

CompositionFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A composition, as JSON."),
]


@app.command()
def plan(
    file: CompositionFile,
    *,
    brand: BrandOption = None,
    target: TargetOption = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    as_json: AsJson = False,
) -> None:
    """Show what a composition will be, without rendering it: times, places, warnings.

    Files that it names are inspected, if they are on this machine; their paths are relative to
    FILE. The length of speech is an estimate.
    """
    wanted = target_frame(target, ratio, size, fps) or USUAL_FRAME
    with all_problems(file, as_json=as_json):
        data = branded_composition(read_json(file), brand, None, wanted, target)
        timeline = read_timeline(data, wanted.fps)
        known = KnownMeasurements(_inspect(timeline, file.parent))
        film = compile_timeline(timeline, wanted, known)
    warnings = (*film.warnings, *_refused(timeline), *misfits(film, target))
    found = TimelinePlan.of(
        replace(film, warnings=warnings), render_seconds=render_seconds(timeline, film, known)
    )
    if as_json:
        print_json(found)
        return
    _print(found)


@app.command()
def render(
    file: CompositionFile,
    *,
    out: Out = None,
    brand: BrandOption = None,
    target: TargetOption = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Small and fast: 360 pixels, quality draft.")
    ] = False,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Render a composition.

    Files that it names are on this machine; their paths are relative to FILE. With --url, they may
    also be assets (ast_…) and URLs, and models (mdl_…) may present. Without -o, the film is written
    beside FILE's name in the current folder. The ending of -o is that of the format: .mp4, .webm,
    .mov, .gif, .webp, .m4a, .mp3, .wav, .jpg, .png, .zip (HLS). A poster, a contact sheet and
    subtitles, if the composition wants them, are written beside the film.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    wanted = target_frame(target, ratio, size, fps)
    with all_problems(file, as_json=as_json):
        data = branded_composition(read_json(file), brand, common.server, wanted, target)
        data = for_target(data, target, wanted, "timeline")
        data = written_as(out, data, preview=preview)
        timeline = read_timeline(data, (wanted or USUAL_FRAME).fps)
        media = media_of(timeline, file.parent, on_server=common.server is not None)
        _warn_of_misfits(timeline, wanted or USUAL_FRAME, target)
    command = RenderCommand(
        type="timeline",
        params=data,
        inputs=media,
        format=wanted,
        checked=without_models(data) if common.server is not None else None,
    )
    with all_problems(file, as_json=as_json):
        film = single_output(command, out, stem=file.stem)
        make_files(command, {**film, **beside(film["video"], data)}, common)


@app.command()
def schema() -> None:
    """Print the JSON Schema of compositions."""
    print_json(timeline_schema())


app.command("frame")(draw_frame)
app.command("import")(import_file)
app.command("export")(export)


def _warn_of_misfits(timeline: TimelineParams, wanted: Format, target: TargetName | None) -> None:
    if target is None:
        return
    film = compile_timeline(timeline, wanted, KnownMeasurements({}))
    _print_warnings(_written(one) for one in check_target(film, target))


def _refused(timeline: TimelineParams) -> Iterator[PlanWarning]:
    """Yield what the renderer of this machine would refuse."""
    names_voices = any(voice.voice is not None for voice in voices_of(timeline))
    engine: Any = load_engine() if names_voices or needs_features(timeline) else None
    if names_voices:
        yield from voice_warnings(timeline, catalogue_of(engine.voices()))
    if isinstance(engine, KnowsFeatures) and needs_features(timeline):
        yield from feature_warnings(timeline, engine.features())


def _inspect(timeline: TimelineParams, folder: Path) -> dict[str, Media]:
    """Return what is known of the files that are on this machine, by the names they have."""
    files: dict[str, NamedFile] = {}
    known: dict[str, Media] = {}
    problems: list[Problem] = []
    for named in named_files(timeline):
        if is_of_server(named.source):
            continue
        found = _read(named, folder)
        if found.problem is not None:
            problems.append(found.problem)
        elif found.media is not None:
            known[named.key] = found.media
        elif named.type in _INSPECTED:
            files.setdefault(named.source, named)
    if problems:
        raise InvalidTimeline(problems)
    if files:
        with open_session(CommonOptions.of(None, local=True, as_json=True)) as session:
            known |= {name: _probe(session, folder / name, named) for name, named in files.items()}
    return known


def _read(named: NamedFile, folder: Path) -> DrawnFile:
    """Return what is wrong with a file, or what it is if it is a drawing."""
    path = folder / named.source
    missing = missing_file(named, folder)
    if missing is not None:
        return DrawnFile(problem=missing)
    problem = named.check(_MIMES.get(path.suffix.lower(), ""))
    if problem is None and named.type in DRAWN:
        return read_drawn_file(named, path)
    return DrawnFile(problem=problem)


def _probe(session: RenderSession, path: Path, named: NamedFile) -> Media:
    command = RenderCommand(type="probe", inputs={"media": [path]})
    try:
        facts = json.loads(session.make(command, read=("info",)).texts["info"])
    except GalaError as error:
        remedy = "Name a video, a picture or an audio file."
        rule = error.message.removeprefix("inputs.media: ")
        rule = f"{rule[:1].upper()}{rule[1:]}"
        raise InvalidTimeline([Problem(named.pointer, rule, remedy)]) from error
    return Media.of(_facts(facts))


def _facts(found: Mapping[str, Any]) -> MediaFacts:
    seconds = found.get("duration")
    return MediaFacts(
        duration_ms=None if seconds is None else round(seconds * 1000),
        width=found.get("width"),
        height=found.get("height"),
    )


def _print(found: TimelinePlan) -> None:
    print_table(
        ("START", "END", "TYPE", "PLACE", "ELEMENT"),
        ([f"{one.start:.3f}", f"{one.end:.3f}", one.type, _place(one.box), _called(one)]
         for one in found.layers),
    )  # fmt: skip
    about = "about " if found.estimate else ""
    size = f"{found.format.width}x{found.format.height}"
    typer.echo(f"{about}{found.duration:.3f} s, {size}, {found.format.fps} frames per second")
    typer.echo(f"takes about {found.render_seconds:.1f} s to render on two processor cores")
    _print_warnings(_written(one) for one in found.warnings)


def _written(warning: PlanWarning | PlannedWarning) -> str:
    return f"{warning.pointer}: {warning.message}" if warning.pointer else warning.message


def _print_warnings(messages: Iterable[str]) -> None:
    for message in messages:
        print_status(f"warning: {message}")


def _called(layer: Any) -> str:
    return f"{layer.name} ({layer.pointer})" if layer.name else str(layer.pointer)


def _place(box: Any) -> str:
    if box is None:
        return "-"
    return f"{box.width:.0f}x{box.height:.0f}+{box.left:.0f}+{box.top:.0f}"
