"""Each param of the built-in templates is described, in its schema and on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gala.templates.builtin import builtin_templates
from gala.templates.params_schema import expand

_PAGE = Path(__file__).parents[3] / "docs" / "templates.md"
_EVERYWHERE = {"logo", "music"}


def _described(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, schema in properties.items():
        yield name, str(schema.get("description", ""))
        yield from _described(schema.get("items", {}).get("properties", {}))


@pytest.mark.parametrize("name", list(builtin_templates()))
def test_each_param_is_described_in_one_line(name: str) -> None:
    schema = expand(builtin_templates()[name].composition.params_schema)
    for param, description in _described(schema["properties"]):
        assert 10 < len(description) < 100, param
        assert description.endswith("."), param


@pytest.mark.parametrize("name", list(builtin_templates()))
def test_the_page_says_what_each_param_is(name: str) -> None:
    page = _PAGE.read_text(encoding="utf-8")
    listed = page[page.index(f"\n`{name}`\n") :]
    for param, schema in builtin_templates()[name].composition.params_schema.items():
        assert param in _EVERYWHERE or f"`{param}`" in listed
        assert param in _EVERYWHERE or schema["description"] in listed
