"""Reading of composition files for commands, and how their mistakes are reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gala.errors import InvalidRequest
from gala.timeline.problems import InvalidTimeline


@contextmanager
def all_problems(file: Path, *, as_json: bool) -> Iterator[None]:
    """Report all problems of the composition, not only the first, as lines under the error."""
    try:
        yield
    except InvalidTimeline as error:
        if as_json:
            raise
        others = [str(problem) for problem in error.problems[1:]]
        raise InvalidRequest(f"{file}: {error.message}", log=others) from error


def read_json(file: Path) -> dict[str, Any]:
    """Return the JSON object of a file. Raise InvalidRequest, naming the file, if it has none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file} is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{file} is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise InvalidRequest(f"{file}: a composition is an object: {{…}}")
    return data
