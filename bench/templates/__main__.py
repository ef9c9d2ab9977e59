"""``python3 run.py bench templates``: every built-in template with texts of many lengths.

Twelve templates in three formats, with five lengths of text (one word to five times too long) in
Spanish, Arabic and Japanese, with emoji, and in Spanish for four targets: 780 films, of which each
is compiled with the renderer's fonts. Printed is what overflows, overlaps, is cut or small, or lies
under the controls of a target's player, what no font has, and what was not resolved. With ``--out``
a contact sheet of each template is written, to be looked at. Emoji are checked if ``--fonts`` (or
the system) has a color font with them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from bench.templates import sheet
from bench.templates.matrix import all_cases, fonts, problems
from gala.templates.builtin import builtin_templates


def main(arguments: Sequence[str] | None = None) -> None:
    """Check, draw and print."""
    options = _options(arguments)
    registry = fonts(options.fonts)
    found: Counter[str] = Counter()
    cases = list(all_cases(options.only))
    for case in cases:
        for problem in problems(case, registry):
            found[case.template.name] += 1
            print(f"{case}: {problem}")
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        for name, same in groupby(cases, key=lambda case: case.template.name):
            sheet.draw(list(same), registry, options.out / f"{name}.png")
            print(f"{options.out / name}.png")
    print(f"{len(cases)} films, {sum(found.values())} problems {dict(found) or ''}")
    sys.exit(1 if found else 0)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench templates", description=__doc__)
    parser.add_argument("--out", type=Path, help="a folder for contact sheets")
    parser.add_argument("--fonts", type=Path, help="a folder with more fonts, such as emoji")
    parser.add_argument("--only", action="append", default=[], choices=list(builtin_templates()))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
