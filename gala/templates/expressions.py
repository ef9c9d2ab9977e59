"""The expressions between ``{{`` and ``}}``: names, arithmetic, comparisons, a few functions."""

from __future__ import annotations

import ast
import operator
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from gala.name_suggestions import nearest

MAX_CHARACTERS: Final = 500
MAX_NODES: Final = 100
MAX_RANGE: Final = 1000
_MAX_NUMBER: Final = 1e12
_CONSTANTS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}

DataPath = tuple[str | int, ...]


class ExpressionError(Exception):
    """An expression cannot be evaluated; ``rule`` and ``remedy`` are sentences."""

    def __init__(self, rule: str, remedy: str):
        self.rule = rule
        self.remedy = remedy
        super().__init__(f"{rule} {remedy}")


@dataclass(frozen=True, slots=True)
class Bound:
    """The value of a name, and where it is in the params; None for what is not a param."""

    value: Any
    path: DataPath | None = None


Scope = Mapping[str, Bound]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    source: str
    tree: ast.expr

    def evaluate(self, scope: Scope) -> Any:
        """Return its value. Raise ExpressionError."""
        return _Evaluator(scope).value(self.tree)

    def paths(self, scope: Scope) -> list[DataPath]:
        """Return the places in the params that it reads, in its order."""
        found = (_path(node, scope) for node in _chains(self.tree))
        return list(dict.fromkeys(path for path in found if path is not None))

    @property
    def names(self) -> frozenset[str]:
        """The variables that it reads."""
        found = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        called = {
            node.func.id
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        return frozenset(found - called - _CONSTANTS.keys())


@lru_cache(maxsize=4096)
def parse(source: str) -> Expression:
    """Return a parsed expression. Raise ExpressionError."""
    text = source.strip()
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            "The expression is too long.", f"Write at most {MAX_CHARACTERS} characters."
        )
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _not_an_expression(text) from error
    nodes = list(ast.walk(tree))
    if len(nodes) > MAX_NODES:
        raise ExpressionError("The expression is too complex.", "Use several params instead.")
    if not all(_is_allowed(node) for node in nodes):
        raise _not_an_expression(text)
    return Expression(text, tree)


def _is_allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None or isinstance(node.value, str | int | float)
    return isinstance(node, _ALLOWED)


def _not_an_expression(text: str) -> ExpressionError:
    return ExpressionError(
        f"{{{{{text[:60]}}}}} is not an expression.",
        "Write a name such as {{title}} or {{item.price}}, or a calculation such as"
        " {{10 + 5 * index}}.",
    )


_ALLOWED: Final = (
    ast.Name,
    ast.Load,
    ast.Attribute,
    ast.Subscript,
    ast.UnaryOp,
    ast.Not,
    ast.USub,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.IfExp,
    ast.Call,
)


def _range(first: float, end: float | None = None) -> list[int]:
    start, stop = (0, int(first)) if end is None else (int(first), int(end))
    if abs(stop - start) > MAX_RANGE:
        raise ExpressionError("The range is too long.", f"At most {MAX_RANGE} numbers.")
    return list(range(start, stop, 1 if stop >= start else -1))


def _largest(*values: Any) -> Any:
    return max(values[0] if len(values) == 1 and isinstance(values[0], list) else values)


def _smallest(*values: Any) -> Any:
    return min(values[0] if len(values) == 1 and isinstance(values[0], list) else values)


def _each(values: list[Any], name: str) -> list[Any]:
    return [one[name] for one in values]


def _start(text: Any) -> str:
    """Return the side on which a text begins: ``right`` for Arabic and Hebrew, else ``left``."""
    for character in str(text or ""):
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return "left" if direction == "L" else "right"
    return "left"


def _rounded(value: float, digits: int = 0) -> float:
    return round(value, digits) if digits else round(value)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "len": len,
    "round": _rounded,
    "min": _smallest,
    "max": _largest,
    "abs": abs,
    "upper": str.upper,
    "lower": str.lower,
    "range": _range,
    "each": _each,
    "start": _start,
}
"""The functions of expressions. ``each(items, "price")`` lists a member of all items."""
_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class _Evaluator:
    """Evaluates the nodes that :func:`parse` lets through."""

    def __init__(self, scope: Scope):
        self._scope = scope

    def value(self, node: ast.expr) -> Any:
        """Return the value of a node."""
        return _VALUES[type(node)](self, node)

    def constant(self, node: ast.Constant) -> Any:
        """Return a number, text, true, false or null."""
        return node.value

    def name(self, node: ast.Name) -> Any:
        """Return the value of a variable."""
        name = node.id
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        found = self._scope.get(name)
        if found is None:
            meant = nearest(name, self._scope)
            raise ExpressionError(
                f"There is no variable {name[:60]!r}.",
                f"Did you mean {meant!r}?" if meant else f"There are: {', '.join(self._scope)}.",
            )
        return found.value

    def attribute(self, node: ast.Attribute) -> Any:
        """Return a member by its name."""
        return _member(self.value(node.value), node.attr, ast.unparse(node))

    def subscript(self, node: ast.Subscript) -> Any:
        """Return a member by its key or number."""
        return _member(self.value(node.value), self.value(node.slice), ast.unparse(node))

    def unary(self, node: ast.UnaryOp) -> Any:
        """Return the opposite."""
        found = self.value(node.operand)
        return not found if isinstance(node.op, ast.Not) else -_number(found, node.operand)

    def choice(self, node: ast.IfExp) -> Any:
        """Return one of two values."""
        return self.value(node.body if self.value(node.test) else node.orelse)

    def calculation(self, node: ast.BinOp) -> Any:
        """Return the result of arithmetic, or two texts joined."""
        left, op, right = node.left, node.op, node.right
        first, second = self.value(left), self.value(right)
        if isinstance(op, ast.Add) and isinstance(first, str) and isinstance(second, str):
            return first + second
        try:
            result = _ARITHMETIC[type(op)](_number(first, left), _number(second, right))
        except ZeroDivisionError as error:
            raise ExpressionError(
                f"{ast.unparse(right)} is zero, and something is divided by it.",
                "Give another number.",
            ) from error
        if abs(result) > _MAX_NUMBER:
            raise ExpressionError("The result is too large.", "Use smaller numbers.")
        return result

    def either(self, node: ast.BoolOp) -> Any:
        """Return the first value that decides, as in Python."""
        stop_at = isinstance(node.op, ast.Or)
        found: Any = None
        for one in node.values:
            found = self.value(one)
            if bool(found) is stop_at:
                break
        return found

    def comparison(self, node: ast.Compare) -> bool:
        """Return True if each value compares to the next."""
        left = node.left
        first = self.value(left)
        for op, other in zip(node.ops, node.comparators, strict=True):
            second = self.value(other)
            try:
                if not _COMPARISONS[type(op)](first, second):
                    return False
            except TypeError as error:
                raise ExpressionError(
                    f"{ast.unparse(left)} and {ast.unparse(other)} cannot be compared.",
                    "Compare numbers with numbers, and texts with texts.",
                ) from error
            left, first = other, second
        return True

    def call(self, node: ast.Call) -> Any:
        """Return what a function returns."""
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        function = FUNCTIONS.get(name)
        if function is None or node.keywords:
            raise ExpressionError(
                f"There is no function {name[:60]!r}.", f"There are: {', '.join(FUNCTIONS)}."
            )
        try:
            return function(*(self.value(one) for one in node.args))
        except (TypeError, ValueError, LookupError) as error:
            raise ExpressionError(
                f"{name}() does not take these values: {error}.", "Correct them."
            ) from error


_VALUES: Final[Mapping[type[ast.expr], Callable[[_Evaluator, Any], Any]]] = {
    ast.Constant: _Evaluator.constant,
    ast.Name: _Evaluator.name,
    ast.Attribute: _Evaluator.attribute,
    ast.Subscript: _Evaluator.subscript,
    ast.UnaryOp: _Evaluator.unary,
    ast.BinOp: _Evaluator.calculation,
    ast.BoolOp: _Evaluator.either,
    ast.Compare: _Evaluator.comparison,
    ast.IfExp: _Evaluator.choice,
    ast.Call: _Evaluator.call,
}
"""What evaluates each kind of node; all that :func:`parse` lets through are here."""


def _member(value: Any, key: Any, written: str) -> Any:
    if isinstance(value, Mapping) and key in value:
        return value[key]
    if isinstance(value, list) and type(key) is int and -len(value) <= key < len(value):
        return value[key]
    if isinstance(value, Mapping):
        meant = nearest(str(key), map(str, value))
        remedy = f"Did you mean {meant!r}?" if meant else f"It has: {', '.join(map(str, value))}."
        raise ExpressionError(f"{written} does not exist.", remedy)
    raise ExpressionError(f"{written} does not exist.", "Declare it in params_schema.")


def _number(value: Any, node: ast.expr) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionError(
            f"{ast.unparse(node)} is not a number.", "Calculate with numbers only."
        )
    return value


def _chains(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the names, with the members that follow each, as a chain."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _chains(child)


def _path(node: ast.expr, scope: Scope) -> DataPath | None:
    match node:
        case ast.Name(id=name):
            return scope[name].path if name in scope else None
        case ast.Attribute(value=inner, attr=name):
            base = _path(inner, scope)
            return None if base is None else (*base, name)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str() | int() as key)):
            base = _path(inner, scope)
            return None if base is None else (*base, key)
    return None
