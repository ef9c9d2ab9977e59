"""Params that are no variables: named elements, and fields of the whole composition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gala.name_suggestions import nearest
from gala.templates.expansion import Expanded, Origin
from gala.templates.expressions import DataPath
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import Problem, pointer

_MAIN_FIELDS: Final[Mapping[str, str]] = {
    "text": "text",
    "countdown": "from",
    "voice": "text",
    "presenter": "text",
    "image": "src",
    "video": "src",
    "audio": "src",
    "caption": "src",
    "shape": "color",
    "html": "html",
}
"""The field that a param sets which is only a value, by the element's type."""
_SVG: Final = "<svg"
_WHOLE: Final = frozenset(TimelineParams.model_fields) - {"scenes", "tracks"}
_CAPTIONS: Final = "captions"
_SHOWN_NAMES: Final = 40


@dataclass(frozen=True, slots=True)
class NamedElement:
    """An element with a name, in an expanded composition."""

    element: dict[str, Any]
    path: DataPath


def named_elements(document: Any) -> Iterator[NamedElement]:
    """Yield the elements that have a name, in the order of the document."""
    for one, path in _objects(document):
        if isinstance(one.get("name"), str) and "type" in one:
            yield NamedElement(one, path)


def _objects(value: Any, path: DataPath = ()) -> Iterator[tuple[dict[str, Any], DataPath]]:
    """Yield all objects in a value with their paths, in the order of the document."""
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _objects(one, (*path, number))
    elif isinstance(value, dict):
        yield value, path
        for key, one in value.items():
            yield from _objects(one, (*path, key))


def override(
    expanded: Expanded, params: Mapping[str, Any], variables: frozenset[str]
) -> list[Problem]:
    """Apply the params that are no variables to an expanded composition, in place.

    Return a problem, with the pointer of the param, for each that names nothing.
    """
    elements = {one.element["name"]: one for one in named_elements(expanded.document)}
    problems: list[Problem] = []
    for name in sorted(params, key=lambda name: _turn(name, elements)):
        value = params[name]
        if name in variables:
            continue
        if name in elements:
            problems += _set(expanded, elements[name], name, value)
        elif name in _WHOLE:
            _put(expanded, (name,), value, (name,))
            if name == _CAPTIONS:
                _set_captions(expanded, value)
        else:
            problems.append(_unknown(name, variables, list(elements)))
    return problems


def _turn(name: str, elements: Mapping[str, NamedElement]) -> tuple[bool, int]:
    """Return what params are sorted by: groups before what is in them, captions last.

    Captions are taken out of their lists, so that elements after them have other places then.
    """
    return name == _CAPTIONS, len(elements[name].path) if name in elements else 0


def _set(expanded: Expanded, found: NamedElement, name: str, value: Any) -> Iterator[Problem]:
    if _value_at(expanded.document, found.path) is not found.element:
        yield Problem(
            pointer((name,)),
            f"The element {name!r} is in a part of the film that another param replaces.",
            "Leave one of these params out.",
        )
        return
    if isinstance(value, Mapping):
        for key, one in value.items():
            _put(expanded, (*found.path, key), one, (name, key))
        return
    kind = str(found.element["type"])
    main = _main_field(kind, value)
    if main is None:
        yield Problem(
            pointer((name,)),
            f"An element of type {kind} has no single value.",
            'Write its fields as an object, such as {"opacity": 0.5}.',
        )
        return
    other = {"src": "svg", "svg": "src"}.get(main) if kind == "svg" else None
    if other is not None:
        found.element.pop(other, None)
    if value is None:
        found.element.pop(main, None)
        return
    _put(expanded, (*found.path, main), value, (name,))


def _value_at(document: Any, path: DataPath) -> Any:
    """Return the value at a place, None if there is none."""
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _set_captions(expanded: Expanded, value: Any) -> None:
    """Give captions of scenes, and elements that are captions, the look of the param, or none."""
    scenes = expanded.document.get("scenes")
    for number, scene in enumerate(scenes if isinstance(scenes, list) else ()):
        own = scene.get(_CAPTIONS) if isinstance(scene, dict) else None
        if isinstance(own, dict):
            _look(expanded, ("scenes", number, _CAPTIONS), value)
        elif own is not None:
            _put(expanded, ("scenes", number, _CAPTIONS), value, (_CAPTIONS,))
    # From the last to the first, as those after one that is taken out have another place then.
    for path in reversed(list(_caption_elements(expanded.document))):
        if value is False:
            _take_out(expanded, path)
        else:
            _look(expanded, path, value)


def _look(expanded: Expanded, path: DataPath, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, one in value.items():
            _put(expanded, (*path, key), one, (_CAPTIONS, key))
    elif value is False:
        _put(expanded, path, value, (_CAPTIONS,))


def _caption_elements(document: Any) -> Iterator[DataPath]:
    """Yield where elements are that show the words of others."""
    for one, path in _objects(document):
        if one.get("type") == "caption" and "of" in one:
            yield path


def _take_out(expanded: Expanded, path: DataPath) -> None:
    """Take an element out of its list."""
    *above, number = path
    inner: Any = expanded.document
    for part in above:
        inner = inner[part]
    del inner[number]
    depth, origins = len(above), {}
    for at, origin in expanded.origins.items():
        place = at[depth] if at[:depth] == tuple(above) and len(at) > depth else None
        if isinstance(place, int) and place > int(number):
            origins[*above, place - 1, *at[depth + 1 :]] = origin
        elif place != number:
            origins[at] = origin
    expanded.origins.clear()
    expanded.origins.update(origins)


def _main_field(kind: str, value: Any) -> str | None:
    if kind == "svg":
        return "svg" if _SVG in str(value) else "src"
    return _MAIN_FIELDS.get(kind)


def _put(expanded: Expanded, path: DataPath, value: Any, param: DataPath) -> None:
    inner: Any = expanded.document
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    written = expanded.origin(path).written
    inside = [at for at in expanded.origins if at[: len(path)] == path]
    for at in inside:
        del expanded.origins[at]
    expanded.origins[path] = Origin(written, (param,))


def _unknown(name: str, variables: frozenset[str], elements: list[str]) -> Problem:
    known = [*sorted(variables), *elements]
    meant = nearest(name, [*known, *_WHOLE])
    listed = f"It has: {', '.join(known[:_SHOWN_NAMES]) or 'none'}."
    return Problem(
        pointer((name[:80],)),
        f"The template has no variable and no element {name[:40]!r}.",
        f"Did you mean {meant!r}? {listed}" if meant else listed,
    )
