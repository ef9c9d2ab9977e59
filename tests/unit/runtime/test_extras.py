"""Each service's extra contains the packages that the service imports."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.partial_installation import OURS, ROOT, closure, normalized

OPTIONAL = {
    "gala_renderer": {
        *(
            "chatterbox",
            "cv2",
            "faster_whisper",
            "huggingface_hub",
            "kokoro",
            "misaki",
            "onnxruntime",
        ),
        *("resvg_py", "thorvg_python", "torch"),
    },
    "gala_api": {"requests", "youtube_transcript_api"},
    "gala_worker": set[str](),
}
"""Modules of other extras, which are imported late and whose absence is reported."""


@pytest.mark.parametrize("package", OPTIONAL)
def test_the_extra_of_a_service_has_all_that_it_imports(package: str) -> None:
    name = package.removeprefix("gala_")
    installed = {found for root in requirements(name) for found in closure(*root)}
    distributions = packages_distributions()
    missing = {
        module: file.name
        for file in (ROOT / name / package).rglob("*.py")
        for module in imported(file)
        if module not in OPTIONAL[package]
        and not {normalized(one) for one in distributions.get(module, ())} & installed
    }
    assert missing == {}


def requirements(extra: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the packages of an extra with their own extras; those of GALA's are resolved."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    waiting = [*project["dependencies"], *extras[extra]]
    while waiting:
        one = Requirement(waiting.pop())
        if one.name == project["name"]:
            waiting += [further for inner in one.extras for further in extras[inner]]
        else:
            yield one.name, tuple(one.extras)


def imported(file: Path) -> Iterator[str]:
    """Yield the top-level modules of other packages that a file imports, also late."""
    ours = {Path(one).name for one in OURS}
    for node in ast.walk(ast.parse(file.read_text())):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            module = name.partition(".")[0]
            if module not in sys.stdlib_module_names and module not in ours:
                yield module
