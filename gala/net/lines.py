"""Lines of a response that is read as it arrives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a text in UTF-8, without their ends.

    Lines end with LF or CR LF only. httpx's ``iter_lines`` also breaks them at the line separators
    of Unicode, which JSON may have in its strings.
    """
    pending: list[bytes] = []
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            pending.append(line)
            yield _text(pending)
            pending = []
        pending.append(rest)
    if any(pending):
        yield _text(pending)


def _text(pieces: Iterable[bytes]) -> str:
    return b"".join(pieces).removesuffix(b"\r").decode(errors="replace")
