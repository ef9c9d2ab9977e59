"""Options whose value may be left out: ``--corner`` and ``--corner bottom-left``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence


def with_usual_value(
    args: Sequence[str], option: str, values: Collection[str], usual: str
) -> Iterator[str]:
    """Yield the arguments of a command with a value for each ``option``.

    The value is the next argument if it is one of ``values``, else ``usual``: what follows an
    option without a value may be an argument of the command.
    """
    end = args.index("--") if "--" in args else len(args)
    number = 0
    while number < end:
        word, following = args[number], args[number + 1 : end][:1]
        number += 1
        if word != option:
            yield word
        elif following and following[0] in values:
            yield f"{option}={following[0]}"
            number += 1
        else:
            yield f"{option}={usual}"
    yield from args[end:]
