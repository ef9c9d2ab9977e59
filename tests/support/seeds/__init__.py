"""The Python code of the seeds, word for word in the pages beside, and what runs it.

Imports lead to where those names are today. Addresses, names of files and ids are a test's own: it
gives what it changes in a block, and every change has to be of something that is there.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

MODULES: Final[Mapping[str, str]] = {
    "src.services.media": "gala",
    "src.media_local": "gala_renderer",
    "src.media_local.config": "gala_renderer",
    "src.media_local.ffmpeg": "gala_renderer",
    "src.media_local.storage": "gala_renderer",
    "src.media_local.tts": "gala_renderer",
    "src.media_local.video": "gala_renderer",
    "factories.media": "gala.factory",
}
"""The seeds' modules, and ours."""

_IMPORT: Final = re.compile(r"^from (\S+) import", re.MULTILINE)
_BLOCK: Final = re.compile(r"^## (.+?)\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(seed: str) -> dict[str, str]:
    """The seed's blocks by their headings."""
    page = Path(__file__).with_name(f"{seed}.md").read_text(encoding="utf-8")
    return dict(_BLOCK.findall(page))


def adapted(seed: str, heading: str, changes: Mapping[str, str] | None = None) -> str:
    """That block with today's imports and these changes."""
    code = blocks(seed)[heading]
    for old, new in (changes or {}).items():
        assert old in code, f"{old} is not in the seed's code"
        code = code.replace(old, new)
    return _IMPORT.sub(lambda found: f"from {MODULES[found[1]]} import", code)


async def run(
    seed: str, heading: str, changes: Mapping[str, str] | None = None, **names: Any
) -> dict[str, Any]:
    """Run that block, which may ``await`` outside of functions; gives the names that it has then.

    ``names`` are those that it takes for granted.
    """
    file = f"seed {seed}: {heading}"
    code = adapted(seed, heading, changes)
    compiled = compile(code, file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    names = {"__name__": "seed", **names}
    ended = eval(compiled, names)
    if inspect.isawaitable(ended):
        await ended
    return names
