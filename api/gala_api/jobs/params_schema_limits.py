"""What a template's params schema may cost: written by users, it is compiled and run by the API.

References that fan out (`a` twice `b`, `b` twice `c`, …) make a page of JSON Schema cost hours, and
recursive ones do so with the depth of the params. So every reference is followed here first, and
the schema is refused unless it is small with all of them written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gala.errors import InvalidRequest

MAX_SCHEMA_BYTES: Final = 64 * 1024
MAX_SUBSCHEMAS: Final = 1000
"""Objects and lists of a schema, with every reference written out."""

# Compiling a pattern costs as much as this many subschemas.
_PATTERN_WEIGHT: Final = 20
_LONGEST_CHAIN: Final = 50
_ELSEWHERE: Final = ("$dynamicRef", "$recursiveRef")


def check_cost(schema: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for a schema that costs too much, recurs, or refers to elsewhere."""
    if _Measure(schema).of(schema) > MAX_SUBSCHEMAS:
        raise _too_large()


class _Measure:
    """Counts subschemas; what a reference leads to is counted once and remembered."""

    def __init__(self, root: Mapping[str, Any]):
        self._root = root
        self._counted: dict[str, int] = {}
        self._open: list[str] = []

    def of(self, node: Any) -> int:
        match node:
            case dict():
                inside = sum(self.of(item) for item in node.values())
                return 1 + inside + self._references(node) + _patterns(node)
            case list():
                return 1 + sum(self.of(item) for item in node)
            case _:
                return 0

    def _references(self, node: Mapping[str, Any]) -> int:
        for keyword in _ELSEWHERE:
            if isinstance(node.get(keyword), str):
                raise refused(f"{keyword} is not taken; write $ref.", "reference")
        pointer = node.get("$ref")
        return self._behind(pointer) if isinstance(pointer, str) else 0

    def _behind(self, pointer: str) -> int:
        if pointer in self._counted:
            return self._counted[pointer]
        if pointer in self._open or pointer == "#":
            raise refused(f"{pointer!r} leads back to itself.", "recursive")
        if len(self._open) == _LONGEST_CHAIN:
            raise _too_large()
        self._open.append(pointer)
        self._counted[pointer] = self.of(self._find(pointer))
        self._open.pop()
        return self._counted[pointer]

    def _find(self, pointer: str) -> Any:
        found: Any = self._root
        if not pointer.startswith("#/"):
            raise refused(
                f"{pointer[:80]!r} lies outside this schema; refer to '#/$defs/…'.", "reference"
            )
        for part in pointer.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                raise refused(f"There is nothing at {pointer[:80]!r}.", "reference")
            found = found[name]
        return found


def _patterns(node: Mapping[str, Any]) -> int:
    by_name = node.get("patternProperties")
    number = len(by_name) if isinstance(by_name, dict) else 0
    return _PATTERN_WEIGHT * (number + isinstance(node.get("pattern"), str))


def refused(message: str, rule: str) -> InvalidRequest:
    """The error that a params schema is refused with."""
    return InvalidRequest(f"params_schema: {message}", field="params_schema", rule=rule)


def _too_large() -> InvalidRequest:
    return refused(
        f"At most {MAX_SUBSCHEMAS} subschemas, with references written out; a pattern counts"
        f" {_PATTERN_WEIGHT}.",
        "too_large",
    )
