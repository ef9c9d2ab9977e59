"""Assigns outputs to files by the files' endings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final

from gala.cli.rendering.input_files import check_name
from gala.errors import InvalidRequest
from gala.media import MediaClass, media_class
from gala.mime import suffix_of
from gala.render_types import OutputSpec, RenderType
from gala.render_types.params.audio_formats import AudioFormat

STDOUT: Final = Path("-")
OUT: Final = "-o"
_ALIASES: Final[Mapping[str, str]] = {
    ".jpeg": ".jpg",
    ".opus": ".ogg",
    ".oga": ".ogg",
    ".tif": ".tiff",
}
"""Alternative endings, and the ones that :mod:`gala.mime` uses."""
_AUDIO_ENDINGS: Final = frozenset(f".{one}" for one in AudioFormat)


def ending(path: Path) -> str:
    """Return the path's ending in the form that :mod:`gala.mime` uses."""
    suffix = path.suffix.lower()
    return _ALIASES.get(suffix, suffix)


def targets(
    spec: RenderType, params: Mapping[str, Any], outs: Sequence[Path], stem: str
) -> dict[str, Path]:
    """Return the target of each requested output, by role.

    ``outs`` are files, or one folder for all outputs. If it is empty, every output goes to the
    current folder under a name that starts with ``stem``.
    """
    for out in outs:
        check_name(out, OUT)
    if not outs or (len(outs) == 1 and _is_folder(outs[0])):
        folder = outs[0] if outs else Path()
        return {
            one.role: folder / f"{stem}-{one.role}{_suffix(spec, one, params)}"
            for one in spec.outputs
        }
    found: dict[str, Path] = {}
    for out in outs:
        for role in _roles(spec, out):
            if role in found:
                raise InvalidRequest(
                    f"{OUT}: {found[role]} and {out} are for the same output, {role}", field=OUT
                )
            found[role] = out
    return found


def single_target(
    spec: RenderType,
    params: Mapping[str, Any],
    out: Path | None,
    *,
    stem: str,
    roles: Iterable[str],
) -> dict[str, Path]:
    """Like :func:`targets`, for a command that makes one file with one of these ``roles``."""
    folder = Path() if out is None else out
    check_name(folder, OUT)
    if out is None or out.is_dir():
        specs = [one for one in spec.outputs if one.role in roles]
        return {one.role: folder / f"{stem}{_suffix(spec, one, params)}" for one in specs}
    return dict.fromkeys(_roles(spec, out, roles), out)


def fill_format(
    spec: RenderType, params: Mapping[str, Any], files: Iterable[Path]
) -> Mapping[str, Any]:
    """Return the params with the format param, if the type has one, set from the endings."""
    name = _format_param(spec)
    if name is None or name in params:
        return params
    endings = {ending(path) for path in files if path != STDOUT}
    for choice in _choices(spec.params.model_fields[name].annotation):
        if _ending_of(choice) in endings:
            return {**params, name: choice}
    return params


def is_converted(one: OutputSpec, target: Path) -> bool:
    """Return True if the output is audio, and has to be converted to the target's format."""
    return ending(target) in _further_endings(one)


def _choices(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(one.value) for one in annotation)


def _is_folder(path: Path) -> bool:
    return path != STDOUT and (path.is_dir() or not path.suffix)


def _format_param(spec: RenderType) -> str | None:
    """Return the name of the param that selects an output's format, if there is one."""
    return next((one for one in spec.params.model_fields if one.endswith("_format")), None)


def _ending_of(choice: object) -> str:
    """``jpeg`` → ``.jpg``."""
    return ending(Path(f"x.{choice}"))


def _suffix(spec: RenderType, one: OutputSpec, params: Mapping[str, Any]) -> str:
    """Return the ending that the output will have."""
    name = _format_param(spec)
    suffix = None if name is None else _ending_of(params.get(name))
    return suffix if suffix in _endings(one) else suffix_of(one.mime)


def _roles(spec: RenderType, out: Path, roles: Iterable[str] | None = None) -> list[str]:
    """Return the output for a target; for standard output, all alternatives."""
    possible = [one for one in spec.outputs if roles is None or one.role in roles]
    if out == STDOUT:
        alternatives = [one.role for one in possible if not one.required]
        return [possible[0].role] if possible[0].required else alternatives
    for one in possible:
        if ending(out) in _endings(one):
            return [one.role]
    for one in possible:
        if is_converted(one, out):
            return [one.role]
    known = dict.fromkeys(
        suffix
        for endings in (_endings, _further_endings)
        for one in possible
        for suffix in sorted(endings(one))
    )
    problem = f"{out.suffix} is none of its endings" if out.suffix else f"{out} has no ending"
    raise InvalidRequest(
        f"{OUT} {out}: {problem}", field=OUT, hint=f"{spec.name} makes {', '.join(known)}"
    )


def _further_endings(one: OutputSpec) -> set[str]:
    """Return the endings of the formats that the output can be converted to."""
    is_audio = media_class(one.mime) is MediaClass.AUDIO
    return set(_AUDIO_ENDINGS - _endings(one)) if is_audio else set()


def _endings(one: OutputSpec) -> set[str]:
    return {suffix_of(mime) for mime in (one.mime, *one.also)}
