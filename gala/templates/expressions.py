"""The expressions between ``{{`` and ``}}``: names, arithmetic, comparisons, a few functions."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from gala.name_suggestions import nearest
from gala.templates.expression_functions import FUNCTIONS, ExpressionError, Work

MAX_CHARACTERS: Final = 500
MAX_NODES: Final = 100
_MAX_NUMBER: Final = 1e12
_CONSTANTS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}

DataPath = tuple[str | int, ...]


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

    def evaluate(self, scope: Scope, work: Work | None = None) -> Any:
        """Return its value. Raise ExpressionError, also if there is too much ``work``."""
        return _Evaluator(scope, work or Work()).value(self.tree)

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


def parse(source: str) -> Expression:
    """Return a parsed expression. Raise ExpressionError."""
    text = source.strip()
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            "The expression is too long.", f"Write at most {MAX_CHARACTERS} characters."
        )
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Expression:
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
        if isinstance(node.value, float):
            return math.isfinite(node.value)  # 1e999 is not
        return node.value is None or isinstance(node.value, str | int)
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

    def __init__(self, scope: Scope, work: Work):
        self._scope = scope
        self._work = work

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
            self._work.add(first, second)
            return first + second
        try:
            result = _ARITHMETIC[type(op)](_number(first, left), _number(second, right))
        except ZeroDivisionError as error:
            raise ExpressionError(
                f"{ast.unparse(right)} is zero, and something is divided by it.",
                "Give another number.",
            ) from error
        except OverflowError:
            result = math.inf
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
                if not self._compares(op, first, second):
                    return False
            except TypeError as error:
                raise ExpressionError(
                    f"{ast.unparse(left)} and {ast.unparse(other)} cannot be compared.",
                    "Compare numbers with numbers, and texts with texts.",
                ) from error
            left, first = other, second
        return True

    def _compares(self, op: ast.cmpop, first: Any, second: Any) -> bool:
        """Return True if two values compare. Raise TypeError if they cannot be compared."""
        if isinstance(first, list | Mapping) and isinstance(second, list | Mapping):
            raise TypeError
        if isinstance(first, str) and isinstance(second, str):
            self._work.add(min(first, second, key=len))
        return bool(_COMPARISONS[type(op)](first, second))

    def call(self, node: ast.Call) -> Any:
        """Return what a function returns."""
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        function = FUNCTIONS.get(name)
        if function is None or node.keywords:
            raise ExpressionError(
                f"There is no function {name[:60]!r}.", f"There are: {', '.join(FUNCTIONS)}."
            )
        values = [self.value(one) for one in node.args]
        self._work.add(*values)
        try:
            return function(*values)
        except (TypeError, ValueError, LookupError, OverflowError) as error:
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
    if isinstance(value, Mapping) and isinstance(key, str) and key in value:
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
