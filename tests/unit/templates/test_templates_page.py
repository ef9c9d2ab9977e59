"""The examples of docs/templates.md are valid, and their mistakes are answered as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gala.brand_kits import BrandKit
from gala.media import Format
from gala.targets import TARGETS
from gala.templates.builtin import builtin_templates
from gala.templates.filling import Composition, InvalidParams, Setting, check_composition, fill

PAGE = (Path(__file__).parents[3] / "docs" / "templates.md").read_text()
TEMPLATE, JOB, KIT = map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
PRICES = Composition(document=TEMPLATE["composition"], params_schema=TEMPLATE["params_schema"])
SETTING = Setting(format=Format(width=1080, height=1920, fps=30), brand=BrandKit.parse(KIT))


def test_the_template_can_be_filled_as_the_page_does() -> None:
    check_composition(PRICES)
    (scene,) = fill(PRICES, JOB["params"], SETTING).document["scenes"]
    assert [one["text"] for one in scene["elements"]] == ["Green tea", "3.5 €"]


def test_the_python_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["film"]["scenes"]


@pytest.mark.parametrize(
    "change",
    [{"products": [{"name": "x", "price": "3"}]}, {"Name 2": "x"}, {"color": "blurple"}],
)
def test_mistakes_are_answered_as_on_the_page(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidParams) as raised:
        fill(PRICES, {"products": JOB["params"]["products"], **change}, SETTING)
    assert f"\n{raised.value}\n" in PAGE


def test_all_built_in_templates_and_targets_are_on_the_page() -> None:
    for name in (*builtin_templates(), *TARGETS):
        assert f"| `{name}` |" in PAGE
