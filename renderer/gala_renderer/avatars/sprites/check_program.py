"""Checks decoded sprites before they are drawn.

Run as a separate program in the sandbox: ``python -m gala_renderer.avatars.sprites.check_program
<spec.json>``. The argument is a :class:`SpritesSpec`; a line of JSON is printed, a
:class:`SpritesAnswer`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gala.errors import InvalidRequest
from gala_renderer.avatars.bodies import SpritesSpec, open_body
from gala_renderer.avatars.sprites.answer import SpritesAnswer
from gala_renderer.program_jobs import read_job


def answer(spec: SpritesSpec) -> SpritesAnswer:
    """Return what is wrong with the sprites, if anything is."""
    try:
        open_body(spec)
    except InvalidRequest as error:
        return SpritesAnswer(refused=error.message, field=error.details.get("field"))
    return SpritesAnswer()


def main(arguments: Sequence[str]) -> None:
    """Check the sprites of a file."""
    spec = read_job(SpritesSpec, Path(arguments[0]).read_bytes())
    print(answer(spec).model_dump_json(), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(sys.argv[1:])
