"""Limits of a template's params schema, which users write and the API compiles and runs.

With references that fan out (`a` twice `b`, `b` twice `c`, …), validating against a page of JSON
Schema can take hours, and with recursive ones the time grows with the depth of the params. So all
references are followed here first, and the schema is rejected if it is too large when expanded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gala.errors import InvalidRequest

MAX_SCHEMA_BYTES: Final = 64 * 1024
MAX_SUBSCHEMAS: Final = 1000
"""The number of objects and lists in a schema after its references are expanded."""

# Compiling a pattern takes as long as this many subschemas.
_PATTERN_WEIGHT: Final = 20
_MAX_DEPTH: Final = 50
_FORBIDDEN_KEYWORDS: Final = ("$dynamicRef", "$recursiveRef")


def check_cost(schema: Mapping[str, Any]) -> None:
    """Raise InvalidRequest if a schema is too large, recursive, or refers outside itself."""
    if _Counter(schema).count(schema) > MAX_SUBSCHEMAS:
        raise _too_large()


class _Counter:
    """Counts subschemas; the target of each reference is counted once and cached."""

    def __init__(self, root: Mapping[str, Any]):
        self._root = root
        self._counted: dict[str, int] = {}
        self._path: list[str] = []

    def count(self, node: Any) -> int:
        match node:
            case dict():
                nested = sum(self.count(item) for item in node.values())
                return 1 + nested + self._references(node) + _patterns(node)
            case list():
                return 1 + sum(self.count(item) for item in node)
            case _:
                return 0

    def _references(self, node: Mapping[str, Any]) -> int:
        for keyword in _FORBIDDEN_KEYWORDS:
            if isinstance(node.get(keyword), str):
                raise rejection(f"{keyword} is not supported; use $ref.", "reference")
        pointer = node.get("$ref")
        return self._target_count(pointer) if isinstance(pointer, str) else 0

    def _target_count(self, pointer: str) -> int:
        if pointer in self._counted:
            return self._counted[pointer]
        if pointer in self._path or pointer == "#":
            raise rejection(f"{pointer!r} is recursive.", "recursive")
        if len(self._path) == _MAX_DEPTH:
            raise _too_large()
        self._path.append(pointer)
        self._counted[pointer] = self.count(self._find(pointer))
        self._path.pop()
        return self._counted[pointer]

    def _find(self, pointer: str) -> Any:
        found: Any = self._root
        if not pointer.startswith("#/"):
            raise rejection(
                f"{pointer[:80]!r} is outside this schema; refer to '#/$defs/…'.", "reference"
            )
        for part in pointer.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                raise rejection(f"There is nothing at {pointer[:80]!r}.", "reference")
            found = found[name]
        return found


def _patterns(node: Mapping[str, Any]) -> int:
    by_name = node.get("patternProperties")
    number = len(by_name) if isinstance(by_name, dict) else 0
    return _PATTERN_WEIGHT * (number + isinstance(node.get("pattern"), str))


def rejection(message: str, rule: str) -> InvalidRequest:
    """Return the error about a params schema."""
    return InvalidRequest(f"params_schema: {message}", field="params_schema", rule=rule)


def _too_large() -> InvalidRequest:
    return rejection(
        f"At most {MAX_SUBSCHEMAS} subschemas are allowed, with references expanded; a pattern"
        f" counts as {_PATTERN_WEIGHT}.",
        "too_large",
    )
