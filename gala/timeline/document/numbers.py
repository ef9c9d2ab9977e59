"""Numbers as they are written in a language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

_SEPARATORS: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(("de", "es", "it", "nl", "pt", "tr", "id", "da", "el", "ro", "hr"), (".", ",")),
    **dict.fromkeys(("fr",), ("\u202f", ",")),
    **dict.fromkeys(
        ("ru", "uk", "pl", "cs", "sk", "sv", "nb", "no", "fi", "hu", "bg"), ("\u00a0", ",")
    ),
}
"""What separates thousands and decimals, by language, from CLDR; "," and "." in all others."""
_LATE_GROUPS: Final = frozenset({"es", "pt", "pl", "bg"})
"""Languages that write 1000 without a separator, but 10 000 with one."""
_BY_REGION: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(("de-ch", "it-ch", "de-li"), ("\u2019", ".")),
    **dict.fromkeys(("es-mx", "es-us", "es-419", "es-gt", "es-do", "es-pr"), (",", ".")),
    "de-at": ("\u00a0", ","),
    "fr-ch": ("\u202f", ","),
    "pt-br": (".", ","),
}
"""Varieties of languages with other separators, which they use from 1000 on."""


_PERCENT_SPACES: Final = {
    **dict.fromkeys(
        ("de", "es", "ru", "uk", "cs", "sk", "sv", "nb", "no", "fi", "bg", "da", "ro", "hr"),
        "\u00a0",
    ),
    "fr": "\u202f",
}
"""What is between a number and its %, from CLDR; nothing in all others."""
_PERCENT_BEFORE: Final = frozenset({"tr", "eu"})
MINUS: Final = "\u2212"


def written(value: float, decimals: int, language: str | None) -> str:
    """Return a number with the separators of a language (BCP 47)."""
    tag = (language or "en").replace("_", "-").lower()
    name = tag.partition("-")[0]
    group, point = _BY_REGION.get(tag) or _SEPARATORS.get(name, (",", "."))
    text = f"{abs(value):,.{decimals}f}"
    whole, _, rest = text.partition(".")
    is_late = name in _LATE_GROUPS and tag not in _BY_REGION
    if is_late and len(whole) == len("1,000"):
        whole = whole.replace(",", "")
    is_zero = not any(character in "123456789" for character in text)
    sign = MINUS if value < 0 and not is_zero else ""
    return sign + whole.replace(",", group) + (point + rest if rest else "")


def decimals_of(values: Iterable[float]) -> int:
    """Return the number of decimals that the values have, at most 3."""
    return max((_decimals(value) for value in values), default=0)


def _decimals(value: float) -> int:
    return next((at for at in range(3) if math.isclose(value, round(value, at), abs_tol=1e-9)), 3)


def rounded_shares(values: Sequence[float], decimals: int) -> list[float]:
    """Return the values in per cent of their sum, rounded so that together they are 100.

    The values are not negative, and one is above 0.
    """
    whole, steps = math.fsum(values), 100 * 10**decimals
    exact = [one / whole * steps for one in values]
    rounded = [math.floor(one) for one in exact]
    by_rest = sorted(range(len(values)), key=lambda at: rounded[at] - exact[at])
    for at in by_rest[: steps - sum(rounded)]:
        rounded[at] += 1
    return [one / 10**decimals for one in rounded]


def percent(value: float, decimals: int, language: str | None) -> str:
    """Return a number of per cent as it is written in a language (BCP 47)."""
    name = (language or "en").replace("_", "-").lower().partition("-")[0]
    number = written(value, decimals, language)
    if name in _PERCENT_BEFORE:
        return f"%{number}"
    space = _PERCENT_SPACES.get(name, "")
    return f"{number}{space}%"
