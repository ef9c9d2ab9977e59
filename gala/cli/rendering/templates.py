"""A template on this machine: what it is filled for, and the film that it becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from pydantic import BaseModel, ValidationError

from gala.brand_kits import BrandColors, BrandFonts, BrandKit
from gala.cli.console import print_status
from gala.cli.rendering.engines import load_engine
from gala.cli.rendering.options import USUAL_FRAME
from gala.cli.rendering.request import RenderCommand, did_you_mean
from gala.cli.sample_media import paint_photo, play_song
from gala.engine import MediaOrder
from gala.errors import InvalidRequest, NotFound
from gala.files import atomic_file
from gala.media import Format
from gala.name_suggestions import suggestion
from gala.render_types.params.voice import VoiceParams
from gala.targets import TARGETS, TargetName
from gala.templates.builtin import builtin_templates
from gala.templates.filling import Composition, InvalidComposition, Setting
from gala.templates.folder import read_folder
from gala.templates.params_schema import expand
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.document.subtitles import CaptionLook
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.problems import InvalidTimeline
from gala.timeline.reader import read_timeline
from gala.validation import locate

PREVIEW_FPS: Final = 10
_PREVIEW_WIDTH: Final = 540
_KIT_PARTS: Final[Mapping[tuple[str, ...], type[BaseModel]]] = {
    (): BrandKit,
    ("colors",): BrandColors,
    ("fonts",): BrandFonts,
    ("captions",): CaptionLook,
    ("voice",): VoiceParams,
}
_NO_TEXTS: Final = frozenset({"number", "integer", "boolean"})


@dataclass(frozen=True, slots=True)
class ChosenTemplate:
    """A template on this machine."""

    name: str
    composition: Composition
    format: Format | None
    example: Mapping[str, Any] = field(default_factory=dict)
    """Params that show what it does."""

    @classmethod
    def of(cls, named: str) -> Self:
        """Return the template in a folder, or the built-in one of that name."""
        built_in = builtin_templates().get(named)
        if built_in is not None:
            return cls(named, built_in.composition, built_in.format, built_in.example)
        folder = Path(named)
        if folder.is_dir():
            found = read_folder(folder)
            return cls(str(found.fields["name"]), found.composition, found.format)
        raise NotFound(
            f"There is no template {named!r}, nor a folder of that name.",
            hint=f"{suggestion(named, builtin_templates())} A server makes films from its own"
            " templates: `gala submit --template NAME`.",
        )

    def with_numbers(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return params with numbers, true, false and lists in place of texts, as in the schema."""
        properties = expand(self.composition.params_schema).get("properties", {})
        return {name: _as_declared(one, properties.get(name)) for name, one in params.items()}


def _as_declared(value: Any, schema: Any) -> Any:
    """Return the number or boolean that a text is, where the schema has no text.

    An object whose keys are 0, 1, 2 … is a list, as ``--set products.0.name=Tea`` writes it.
    """
    if isinstance(value, Mapping) and isinstance(schema, Mapping):
        entries = [value.get(str(number)) for number in range(len(value))]
        if schema.get("type") == "array" and value and None not in entries:
            return [_as_declared(one, schema.get("items")) for one in entries]
        inner = schema.get("properties", {})
        return {name: _as_declared(one, inner.get(name)) for name, one in value.items()}
    kinds = schema.get("type", ()) if isinstance(schema, Mapping) else ()
    listed = {kinds} if isinstance(kinds, str) else set(kinds)
    if not isinstance(value, str) or "string" in listed or not listed & _NO_TEXTS:
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, int | float) else value


def setting_of(
    chosen: ChosenTemplate, kit: BrandKit, target: TargetName | None, wanted: Format | None
) -> Setting:
    """Return what a template is filled for, by the options of a command."""
    place = None if target is None else TARGETS[target]
    usual = chosen.format or USUAL_FRAME
    size = wanted or (usual if place is None else place.format)
    return Setting(format=size, brand=kit, target=place)


def check_length(document: Mapping[str, Any], setting: Setting) -> None:
    """Raise InvalidRequest if the film is too long for its target; warn if it may be."""
    if setting.target is None:
        return
    compiled = compile_timeline(
        read_timeline(document, setting.format.fps), setting.format, KnownMeasurements({})
    )
    problem = setting.target.length_problem(float(compiled.length))
    if problem is not None and not compiled.is_estimate:
        raise InvalidRequest(f"--target: {problem}", field="--target")
    if problem is not None:
        print_status(f"warning: {problem} (an estimate)")


@contextmanager
def all_problems(template: str, *, as_json: bool) -> Iterator[None]:
    """Report all problems, not only the first, as lines under the error."""
    try:
        yield
    except (InvalidTimeline, InvalidComposition) as error:
        if as_json:
            raise
        others = [str(problem) for problem in error.problems[1:]]
        raise InvalidRequest(f"{template}: {error.message}", log=others) from error


def read_kit(file: Path) -> BrandKit:
    """Return the brand kit in a JSON file. Raise InvalidRequest, naming the field."""
    try:
        return BrandKit.parse(json.loads(file.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        where, problem = locate(found)
        if found["type"] == "extra_forbidden":
            part = _KIT_PARTS.get(where[:-1])
            known = "" if part is None else f"; {did_you_mean(where[-1], part.model_fields)}"
            problem = f"there is no such field{known}"
        raise InvalidRequest(f"{file}: {'.'.join(where)}: {problem}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{file} is not valid JSON: {error}") from error


@contextmanager
def sample_params(chosen: ChosenTemplate) -> Iterator[dict[str, Any]]:
    """Yield params that show a template, with a generated photo and song where it needs files."""
    schema = chosen.composition.schema
    with TemporaryDirectory() as folder:
        photo, song = Path(folder) / "photo.jpg", Path(folder) / "song.wav"
        paint_photo(photo)
        play_song(song)
        files = {"image": str(photo), "audio": str(song)}
        yield schema.with_files({**schema.samples, **chosen.example}, files)


def save_frame(command: RenderCommand, file: Path) -> None:
    """Make a film, and keep its thumbnail."""
    engine = load_engine()
    with TemporaryDirectory() as folder, atomic_file(file) as partial:
        thumbnail = Path(folder) / "thumbnail.jpg"
        engine.make(command.order({"video": Path(folder) / "film.mp4", "thumbnail": thumbnail}))
        engine.make(
            MediaOrder(
                type="thumbnail",
                params={"width": _PREVIEW_WIDTH},
                inputs={"video": thumbnail},
                outputs={"thumbnail": partial},
            )
        )
