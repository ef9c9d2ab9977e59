"""Expand a composition with variables: replace, repeat, leave out. Pure functions on JSON data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic_core import to_json

from gala.templates.expression_functions import ExpressionError, Work
from gala.templates.expressions import Bound, DataPath, Expression, Scope, parse
from gala.timeline.problems import MAX_PROBLEMS, Problem, pointer

MAX_VALUES: Final = 50_000
"""The number of values in an expanded composition."""
MAX_CHARACTERS: Final = 2_000_000
"""The number of characters that params add to a composition: a long one can be used often."""
ITERATE: Final = "iterate"
AS: Final = "as"
CONDITION: Final = "condition"
USUAL_ITEM: Final = "item"
_PLACEHOLDER: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TEXTS: Final = frozenset({"text", "name"})
"""Fields in which a number is meant as text."""
_LEFT_OUT: Final = object()
_Found = tuple[Expression, frozenset[str]]
"""An expression, and the names that loops around it set."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value of the expanded composition is from."""

    written: DataPath
    """Its place in the template's composition."""
    params: tuple[DataPath, ...] = ()
    """The params that it was made of."""


@dataclass(slots=True)
class Expanded:
    """An expanded composition."""

    document: dict[str, Any]
    origins: dict[DataPath, Origin] = field(default_factory=dict)
    """By place in the document."""
    problems: list[Problem] = field(default_factory=list)
    """What could not be expanded; pointers are those of the template's composition."""

    def origin(self, path: DataPath) -> Origin:
        """Return where the value at a place, or the object around it, is from."""
        for length in range(len(path), -1, -1):
            found = self.origins.get(path[:length])
            if found is not None:
                return Origin((*found.written, *path[length:]), found.params)
        return Origin(path)


def expand(composition: Mapping[str, Any], scope: Scope) -> Expanded:
    """Return the composition with all expressions replaced by their values.

    A text that is one expression takes its value with its type (in ``text`` and ``name``, a number
    becomes text), and is left out, with its key, if the value is null. Objects in lists are
    repeated by ``iterate`` and left out by ``condition``.
    """
    return _Expansion().run(composition, scope)


def variables_of(value: Any) -> frozenset[str]:
    """Return the names that the expressions of a composition read, without those of loops.

    Raise ExpressionError if one cannot be parsed.
    """
    return frozenset(name for found, bound in _expressions(value, frozenset())
                     for name in found.names - bound)  # fmt: skip


def _expressions(value: Any, bound: frozenset[str]) -> Iterator[_Found]:
    if isinstance(value, str):
        for source in _sources(value):
            yield parse(source), bound
    elif isinstance(value, list):
        for one in value:
            yield from _expressions(one, bound)
    elif isinstance(value, Mapping):
        yield from _of_object(value, bound)


def _sources(text: str) -> Iterable[str]:
    """Return the expressions of a text as they are written."""
    found: list[str] = _PLACEHOLDER.findall(_closed(text))
    return found


def _closed(text: str) -> str:
    """Return the text up to the last end of an expression.

    In what follows, the search would go to the end of the text from each "{{": a text of many takes
    hours.
    """
    return text[: text.rfind("}}") + 2] if "}}" in text else ""


def _of_object(value: Mapping[str, Any], bound: frozenset[str]) -> Iterator[_Found]:
    inner = bound
    if isinstance(value.get(ITERATE), str):
        yield _bare(value[ITERATE]), bound
        inner = bound | {str(value.get(AS, USUAL_ITEM)), *_LOOP}
    if isinstance(value.get(CONDITION), str):
        yield _bare(value[CONDITION]), inner
    for key, one in value.items():
        if key not in {ITERATE, AS, CONDITION}:
            yield from _expressions(one, inner)


_LOOP: Final = ("index", "number", "count", "first", "last")
"""The names that ``iterate`` sets, beside the item's."""


def _bare(text: str) -> Expression:
    """Return the expression of ``iterate`` and ``condition``, for which braces are optional."""
    found = _PLACEHOLDER.fullmatch(text.strip())
    return parse(found[1] if found else text)


class _Expansion:
    """One expansion, with what it found so far."""

    def __init__(self) -> None:
        self._origins: dict[DataPath, Origin] = {}
        self._problems: list[Problem] = []
        self._values = 0
        self._characters = 0
        self._work = Work()

    def run(self, composition: Mapping[str, Any], scope: Scope) -> Expanded:
        try:
            document = self._object(composition, scope, (), ())
        except _TooManyError:
            document = {}
        return Expanded(document, self._origins, self._problems)

    def _any(self, value: Any, scope: Scope, written: DataPath, path: DataPath) -> Any:
        self._count(written)
        if isinstance(value, str):
            return self._text(value, scope, written, path)
        if isinstance(value, Mapping):
            return self._object(value, scope, written, path)
        if isinstance(value, list):
            return self._list(value, scope, written, path)
        return value

    def _object(
        self, value: Mapping[str, Any], scope: Scope, written: DataPath, path: DataPath
    ) -> dict[str, Any]:
        self._origins[path] = Origin(written)
        found = {}
        for key, one in value.items():
            if key == CONDITION and isinstance(one, str):
                continue
            if not self._is_wanted(one, scope, (*written, key)):
                continue
            result = self._any(one, scope, (*written, key), (*path, key))
            if result is not _LEFT_OUT:
                found[key] = result
        return found

    def _list(
        self, values: list[Any], scope: Scope, written: DataPath, path: DataPath
    ) -> list[Any]:
        self._origins[path] = Origin(written)
        found: list[Any] = []
        for number, one in enumerate(values):
            at = (*written, number)
            for item, inner in self._repeated(one, scope, at):
                if self._is_wanted(item, inner, at):
                    result = self._any(item, inner, at, (*path, len(found)))
                    if result is not _LEFT_OUT:
                        found.append(result)
        return found

    def _repeated(self, value: Any, scope: Scope, written: DataPath) -> Iterable[tuple[Any, Scope]]:
        """Yield an entry of a list as often as its ``iterate`` says, each time with its scope."""
        if not isinstance(value, Mapping) or ITERATE not in value:
            yield value, scope
            return
        rest = {key: one for key, one in value.items() if key not in {ITERATE, AS}}
        at = (*written, ITERATE)
        found = self._evaluated(lambda: _loop(value, scope, self._work), at, _LEFT_OUT)
        if found is _LEFT_OUT:
            return
        items, base = found
        for index, item in enumerate(items):
            # Also what a condition leaves out takes time.
            self._count(written)
            bound = {
                str(value.get(AS, USUAL_ITEM)): Bound(item, base and (*base, index)),
                "index": Bound(index),
                "number": Bound(index + 1),
                "count": Bound(len(items)),
                "first": Bound(index == 0),
                "last": Bound(index == len(items) - 1),
            }
            yield rest, {**scope, **bound}

    def _is_wanted(self, value: Any, scope: Scope, written: DataPath) -> bool:
        if not isinstance(value, Mapping) or not isinstance(value.get(CONDITION), str):
            return True
        text: str = value[CONDITION]
        at = (*written, CONDITION)
        return bool(self._evaluated(lambda: _bare(text).evaluate(scope, self._work), at, False))

    def _text(self, text: str, scope: Scope, written: DataPath, path: DataPath) -> Any:
        if "{{" not in text:
            return text
        # Also what cannot be evaluated has params: the error is then reported there.
        self._origins[path] = Origin(written, tuple(_params_of(text, scope)))
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None and "{{" not in whole[1]:
            value = self._evaluated(
                lambda: parse(whole[1]).evaluate(scope, self._work), written, None
            )
            if written[-1] in _TEXTS and type(value) in {int, float}:
                value = _as_text(value, whole[1])
            self._count_characters(value, written)
            return _LEFT_OUT if value is None else value
        most = MAX_CHARACTERS - self._characters
        found = self._evaluated(lambda: _interpolated(text, scope, most, self._work), written, text)
        self._count_characters(found, written)
        return found

    def _evaluated(self, evaluate: Callable[[], Any], written: DataPath, instead: Any) -> Any:
        """Return the value, or ``instead`` if there is none, which is noted as a problem."""
        try:
            return evaluate()
        except ExpressionError as error:
            if len(self._problems) < MAX_PROBLEMS:
                self._problems.append(Problem(pointer(written), error.rule, error.remedy))
            return instead

    def _count(self, written: DataPath) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._too_many(f"{MAX_VALUES} values", written)

    def _count_characters(self, value: Any, written: DataPath) -> None:
        if isinstance(value, str | list | Mapping):
            self._characters += len(value if isinstance(value, str) else to_json(value))
        if self._characters > MAX_CHARACTERS:
            raise self._too_many(f"{MAX_CHARACTERS} characters", written)

    def _too_many(self, what: str, written: DataPath) -> _TooManyError:
        rule = f"The composition has more than {what} after its variables are replaced."
        self._problems.append(Problem(pointer(written), rule, "Use shorter lists and texts."))
        return _TooManyError()


class _TooManyError(Exception):
    """The expanded composition is too large."""


def _loop(value: Mapping[str, Any], scope: Scope, work: Work) -> tuple[list[Any], DataPath | None]:
    """Return the list that is iterated over, and its place in the params."""
    written = value[ITERATE]
    if not isinstance(written, str):
        raise ExpressionError("iterate is the name of a list.", 'Write "iterate": "items".')
    expression = _bare(written)
    items = expression.evaluate(scope, work)
    if not isinstance(items, list):
        raise ExpressionError(f"{expression.source} is not a list.", "Iterate over a list.")
    paths = expression.paths(scope)
    return items, paths[0] if len(paths) == 1 else None


def _params_of(text: str, scope: Scope) -> Iterable[DataPath]:
    for source in _sources(text):
        try:
            yield from parse(source).paths(scope)
        except ExpressionError:
            return


def _interpolated(text: str, scope: Scope, most: int, work: Work) -> str:
    """Return a text with its expressions replaced by at most so many characters."""
    length = 0

    def written(found: re.Match[str]) -> str:
        nonlocal length
        value = _as_text(parse(found[1]).evaluate(scope, work), found[1].strip())
        length += len(value)
        if length > most:
            raise ExpressionError("The text is too long.", "Use a shorter value.")
        return value

    closed = _closed(text)
    rest = text[len(closed) :]
    result = _PLACEHOLDER.sub(written, closed) + rest
    if "{{" in _PLACEHOLDER.sub("", closed) + rest:
        raise ExpressionError('"{{" has no end.', 'Close it: "{{title}}".')
    return result


def _as_text(value: Any, source: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, str | int):
        return str(value)
    raise ExpressionError(
        f"{{{{{source[:60]}}}}} is a {'list' if isinstance(value, list) else 'object'}, which has"
        " no form as text.",
        "Name one of its members.",
    )
