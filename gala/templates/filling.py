"""Fill a template: params to the composition that is rendered, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gala.brand_kits import NEUTRAL, BrandKit
from gala.errors import InvalidRequest
from gala.media import SIZES, USUAL_FPS, AspectRatio, Format
from gala.name_suggestions import nearest
from gala.targets import SafeArea, Target
from gala.templates.brand_looks import with_brand_look
from gala.templates.expansion import Expanded, expand, variables_of
from gala.templates.expression_functions import ExpressionError
from gala.templates.expressions import Bound, DataPath, Scope
from gala.templates.overrides import override
from gala.templates.params_schema import ParamsSchema
from gala.templates.target_captions import with_captions_for
from gala.timeline.compilation.tree import build
from gala.timeline.problems import InvalidTimeline, Problem, parts, pointer
from gala.timeline.reader import read_timeline

RESERVED: Final = ("brand", "frame")
"""The variables that are not params."""
_UNKNOWN_FIELD: Final = " has no field "
_USUAL_SAFE: Final = SafeArea(0.06, 0.06, 0.06, 0.06)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A composition with variables, and the schema of its params."""

    document: Mapping[str, Any]
    params_schema: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def schema(self) -> ParamsSchema:
        """The compiled schema. Raise InvalidRequest if it is not valid."""
        return ParamsSchema(self.params_schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a template is filled for, beside its params."""

    format: Format
    brand: BrandKit = NEUTRAL
    target: Target | None = None

    @property
    def scope(self) -> dict[str, Bound]:
        """The variables ``frame`` and ``brand``."""
        return {
            "frame": Bound(_frame(self.format, self.target)),
            "brand": Bound(self.brand.variables),
        }


class InvalidParams(InvalidTimeline):
    """The params of a template are not valid; pointers are those of the params."""


class InvalidComposition(InvalidRequest):
    """The composition of a template is not valid, whatever the params."""

    def __init__(self, problems: Sequence[Problem]):
        base = InvalidTimeline(problems)
        shown = {**base.details, "field": ".".join(("composition", *parts(problems[0].pointer)))}
        super().__init__(base.message, **shown)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Filled:
    """The composition that a template becomes with its params."""

    document: dict[str, Any]
    params: Mapping[str, Any]
    """All params, with the defaults."""
    expanded: Expanded

    def translated(self, error: InvalidTimeline) -> InvalidRequest:
        """Return an error about the document as one about the params, or about the template."""
        return _blamed(error.problems, self.expanded)


def fill(template: Composition, params: Mapping[str, Any], setting: Setting) -> Filled:
    """Return the composition of a template with these params.

    Raise InvalidParams, or InvalidComposition if it is the template that is wrong.
    """
    schema = template.schema
    variables = frozenset(schema.names)
    given = {**schema.defaults, **template.defaults, **_without_nulls(params, schema)}
    values = {name: value for name, value in given.items() if name in variables}
    problems = [*schema.unknown_members(values), *schema.problems(values)]
    if problems:
        raise InvalidParams(_misspelt_first(problems, given, variables))
    expanded = expand(template.document, scope_of(schema.completed(values), setting))
    problems = override(expanded, given, variables)
    if problems:
        raise InvalidParams(problems)
    if expanded.problems:
        raise InvalidComposition(expanded.problems)
    _drop_first_transitions(expanded.document)
    document = with_brand_look(setting.brand, setting.brand.applied_to(expanded.document))
    if setting.target is not None:
        document = with_captions_for(setting.target, document)
        document.setdefault("loudness_lufs", setting.target.loudness_lufs)
        document.setdefault("max_bit_rate_kbps", setting.target.most_kbps(setting.format))
    filled = Filled(document, given, expanded)
    try:
        _read(document, setting.format.fps)
    except InvalidTimeline as error:
        raise filled.translated(error) from error
    return filled


def _drop_first_transitions(document: Mapping[str, Any]) -> None:
    """Remove the transition of what comes first: it depends on the params what that is."""
    clips = [track.get("clips") for track in _objects(document.get("tracks"))]
    for listed in (document.get("scenes"), *clips):
        for first in _objects(listed)[:1]:
            first.pop("transition", None)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _read(document: Mapping[str, Any], fps: int) -> None:
    """Raise InvalidTimeline if a composition is not valid, or its names do not fit together."""
    problems = build(read_timeline(document, fps)).problems
    if problems:
        raise InvalidTimeline(problems)


def _without_nulls(params: Mapping[str, Any], schema: ParamsSchema) -> dict[str, Any]:
    """Return the params without each null that is no value of its variable: the default applies."""
    return {
        name: value
        for name, value in params.items()
        if value is not None or name not in schema.names or schema.has_null(name)
    }


def _misspelt_first(
    problems: Sequence[Problem], given: Mapping[str, Any], variables: frozenset[str]
) -> list[Problem]:
    """Return the problems, with a misspelt name in place of the param that it is missing."""
    missing = {name for name in variables if name not in given}
    meant = {nearest(name, missing): name for name in given if name not in variables}
    found = {pointer((name,)): word for name, word in meant.items() if name is not None}
    return [
        Problem(
            pointer((found[one.pointer][:80],)),
            f"The template has no variable {found[one.pointer][:40]!r}.",
            f"Write {parts(one.pointer)[0]!r}.",
        )
        if one.pointer in found
        else one
        for one in problems
    ]


def scope_of(values: Mapping[str, Any], setting: Setting) -> Scope:
    """Return the variables of expressions: the params, ``frame`` and ``brand``."""
    return {**setting.scope, **{name: Bound(value, (name,)) for name, value in values.items()}}


def check_composition(template: Composition, fps: int = USUAL_FPS) -> None:
    """Check that a template can be filled. Raise InvalidComposition or InvalidRequest.

    Params without a default get a sample value; mistakes that these cause are not reported. Its
    timecodes count ``fps`` frames per second.
    """
    schema = template.schema
    _check_variables(template, schema)
    sample = {**schema.samples, **schema.defaults, **template.defaults}
    known = frozenset(schema.names)
    own = {name: value for name, value in template.defaults.items() if name in known}
    schema.check(own, prefix="defaults", complete=False)
    sampled = known - template.defaults.keys() - schema.defaults.keys()
    for ratio in AspectRatio:
        width, height = SIZES[ratio]
        setting = Setting(format=Format(width=width, height=height, fps=fps))
        values = {name: value for name, value in sample.items() if name in known}
        expanded = expand(template.document, scope_of(schema.completed(values), setting))
        overrides = override(expanded, template.defaults, known)
        if overrides:
            raise _prefixed("defaults", overrides)
        if expanded.problems:
            raise InvalidComposition(expanded.problems)
        _drop_first_transitions(expanded.document)
        try:
            _read(expanded.document, setting.format.fps)
        except InvalidTimeline as error:
            _report(error, expanded, sampled)


def _report(error: InvalidTimeline, expanded: Expanded, sampled: frozenset[str]) -> None:
    own = []
    for problem in error.problems:
        origin = expanded.origin(_path(problem.pointer, expanded.document))
        # A field that does not exist is the template's mistake, whatever its value.
        is_structural = _UNKNOWN_FIELD in problem.rule
        if is_structural or not any(path[0] in sampled for path in origin.params):
            own.append(Problem(pointer(origin.written), problem.rule, problem.remedy))
    if own:
        raise InvalidComposition(own) from error


def _check_variables(template: Composition, schema: ParamsSchema) -> None:
    try:
        used = variables_of(template.document)
    except ExpressionError as error:
        raise InvalidComposition([Problem("", error.rule, error.remedy)]) from error
    taken = [name for name in schema.names if name in RESERVED]
    if taken:
        raise InvalidRequest(
            f"params_schema.{taken[0]}: {taken[0]!r} is a variable that GALA sets.",
            field=f"params_schema.{taken[0]}",
            rule="reserved",
        )
    unknown = sorted(used - {*schema.names, *RESERVED})
    if unknown:
        # Expanding finds the place of each.
        setting = Setting(format=Format(width=1080, height=1920, fps=30))
        values = {**schema.samples, **schema.defaults}
        found = expand(template.document, scope_of(schema.completed(values), setting)).problems
        listed = ", ".join(unknown)
        raise InvalidComposition(
            found or [Problem("", f"Not declared: {listed}.", "Declare it in params_schema.")]
        )


def _blamed(problems: Sequence[Problem], expanded: Expanded) -> InvalidRequest:
    """Return the error with each problem at the param that causes it."""
    of_params: list[Problem] = []
    of_template: list[Problem] = []
    for problem in problems:
        origin = expanded.origin(_path(problem.pointer, expanded.document))
        if origin.params:
            at = pointer(origin.params[0])
            of_params.append(Problem(at, problem.rule, problem.remedy))
        else:
            at = pointer(origin.written)
            of_template.append(Problem(at, problem.rule, problem.remedy))
    return InvalidParams(of_params) if of_params else InvalidComposition(of_template)


def _prefixed(prefix: str, problems: Sequence[Problem]) -> InvalidRequest:
    first = problems[0]
    field_ = ".".join((prefix, *parts(first.pointer)))
    return InvalidRequest(f"{field_}: {first.rule} {first.remedy}", field=field_, rule=first.rule)


def _path(pointer_text: str, document: Any) -> DataPath:
    """Return the path of a pointer, with the numbers of lists as numbers."""
    return tuple(_keys(parts(pointer_text), document))


def _keys(names: Sequence[str], value: Any) -> Iterator[str | int]:
    for name in names:
        key: str | int = int(name) if isinstance(value, list) and name.isdigit() else name
        yield key
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            value = None


def _frame(frame: Format, target: Target | None) -> dict[str, Any]:
    ratio = frame.width / frame.height
    safe = _USUAL_SAFE if target is None else target.safe_area
    return {
        "width": frame.width,
        "height": frame.height,
        "fps": frame.fps,
        "portrait": ratio < 0.9,
        "square": 0.9 <= ratio <= 1.1,
        "landscape": ratio > 1.1,
        "safe": {
            "top": 100 * safe.top,
            "right": 100 * safe.right,
            "bottom": 100 * safe.bottom,
            "left": 100 * safe.left,
        },
        "inner": _inner(safe),
    }


def _inner(safe: SafeArea) -> dict[str, float]:
    """Return the part of the frame that texts may fill, in per cent."""
    left, right = 100 * safe.left, 100 - 100 * safe.right
    top, bottom = 100 * safe.top, 100 - 100 * safe.bottom
    return {
        "left": left,
        "right": right,
        "width": right - left,
        "center": (left + right) / 2,
        "top": top,
        "bottom": bottom,
        "height": bottom - top,
        "middle": (top + bottom) / 2,
    }
