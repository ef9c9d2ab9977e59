"""Lottie files: checked and cleaned before a library draws them. Pure except for reading."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gala.errors import UnprocessableMedia
from gala.timeline.dotlottie import NoSuchAnimation, is_dotlottie, read_dotlottie
from gala.timeline.sources import NamedFile

MAX_BYTES: Final = 8 * 1024**2
MAX_SECONDS: Final = 600.0
MAX_LAYERS: Final = 2000
MAX_DEPTH: Final = 60
MAX_SIDE: Final = 16_384
MAX_RATE: Final = 240.0
_LARGEST: Final = 1e300


@dataclass(frozen=True, slots=True)
class LottieFile:
    """A Lottie animation: its size in pixels, its length, and its cleaned JSON."""

    width: float
    height: float
    rate: float
    frames: float
    text: str

    @property
    def seconds(self) -> float:
        """Length of one play."""
        return self.frames / self.rate


def read_lottie(path: Path, animation: str | None = None) -> LottieFile:
    """Return an animation without programs and without names of other files.

    ``animation`` is its id in a dotLottie file. Raise ``ValueError`` saying what is wrong with it.
    """
    content = _content(path, animation)
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("layers"), list):
        raise ValueError("it has no layers")  # noqa: TRY004 - as of all that is wrong
    layers = _Cleaner().clean(document)
    if layers > MAX_LAYERS:
        raise ValueError(f"it has more than {MAX_LAYERS} layers")
    first, last = _number(document, "ip", 0, None), _number(document, "op", None, None)
    rate = _number(document, "fr", None, MAX_RATE)
    width, height = (_number(document, side, None, MAX_SIDE) for side in ("w", "h"))
    if min(rate, width, height) <= 0 or last <= first:
        raise ValueError("it has no length or no size")
    found = LottieFile(width, height, rate, last - first, json.dumps(document, allow_nan=False))
    if found.seconds > MAX_SECONDS:
        raise ValueError(f"it is longer than {MAX_SECONDS:.0f} seconds")
    return found


def _content(path: Path, animation: str | None) -> bytes:
    """Return the JSON of an animation."""
    if is_dotlottie(path):
        return read_dotlottie(path, animation)
    if animation is not None:
        raise NoSuchAnimation(
            "A Lottie file in JSON has one animation without a name.",
            "Leave animation out, or name a file .lottie.",
        )
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1024**2} MiB")
    return path.read_bytes()


def read_animation(file: NamedFile, path: Path) -> LottieFile:
    """Return the animation of an element. Raise UnprocessableMedia naming it."""
    try:
        return read_lottie(path, file.animation)
    except NoSuchAnimation as error:
        rule, remedy = error.args
        where = file.pointer.removesuffix("src") + "animation"
        raise UnprocessableMedia(f"{where}: {rule}", hint=remedy, field=where) from error
    except ValueError as error:
        raise UnprocessableMedia(
            f"{file.pointer}: this is not a Lottie animation: {error}.",
            hint="Export it as Lottie JSON, or as dotLottie with its pictures.",
            field=file.pointer,
        ) from error


def _number(document: dict[str, Any], name: str, usual: float | None, most: float | None) -> float:
    value = document.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"it has no number {name!r}")  # noqa: TRY004 - as of all that is wrong
    # Whole numbers may be too large for floats.
    if not -_LARGEST < value < _LARGEST:
        raise ValueError(f"it has no number {name!r}")
    if most is not None and value > most:
        raise ValueError(f"its {name!r} is more than {most:g}")
    return float(value)


class _Cleaner:
    def __init__(self) -> None:
        self._layers = 0

    def clean(self, document: dict[str, Any]) -> int:
        """Clean a document; return the number of its layers."""
        self._within(document, 0)
        return self._layers

    def _within(self, value: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        if isinstance(value, dict):
            self._object(value)
            for inner in value.values():
                self._within(inner, depth + 1)
        elif isinstance(value, list):
            for inner in value:
                self._within(inner, depth + 1)

    def _object(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("layers"), list):
            self._layers += len(value["layers"])
        # Expressions: programs in JavaScript.
        if isinstance(value.get("x"), str):
            del value["x"]
        # Pictures: only those that are in the file itself.
        path = value.get("p")
        if isinstance(path, str) and not path.startswith("data:image/"):
            value.update(p="", u="", e=0)
