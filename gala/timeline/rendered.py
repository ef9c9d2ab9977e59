"""What of a composition is rendered so far; the rest can be planned only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gala.timeline.compilation.tree import Slot, Tree
from gala.timeline.document.elements import PresenterElement
from gala.timeline.problems import Problem, pointer

RENDERED: Final = frozenset(
    {
        "video",
        "image",
        "svg",
        "text",
        "countdown",
        "chart",
        "lottie",
        "html",
        "waveform",
        "shape",
        "audio",
        "voice",
        "caption",
        "group",
        "presenter",
    }
)
"""Types of elements that are rendered."""


def not_rendered(tree: Tree) -> Iterator[Problem]:
    """Yield what is valid in a composition, but not rendered yet."""
    for slot in tree.slots:
        yield from _of_element(slot)


def _of_element(slot: Slot) -> Iterator[Problem]:
    element = slot.element
    if element.type not in RENDERED:
        where = slot.path if slot.path[-1] == "captions" else (*slot.path, "type")
        yield _problem(where, f"Elements of type {element.type} are")
        return
    if isinstance(element, PresenterElement):
        yield from _of_presenter(slot, element)


def _of_presenter(slot: Slot, element: PresenterElement) -> Iterator[Problem]:
    if element.model is not None:
        remedy = "Give a portrait as src, or a character."
        rule = "Models are known to a server only, which replaces them when it makes the job."
        yield Problem(pointer((*slot.path, "model")), rule, remedy)


def _problem(path: tuple[str | int, ...], what: str) -> Problem:
    return Problem(
        pointer(path),
        f"{what} planned, but not rendered yet.",
        "Leave it out; `gala timeline plan` takes it.",
    )
