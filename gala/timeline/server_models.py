"""Presenters that are models: only a server knows them, and puts their bodies in their place."""

from __future__ import annotations

from collections.abc import Iterator

from gala.timeline.compilation.tree import Tree
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.problems import Problem, pointer


def unknown_models(tree: Tree) -> Iterator[Problem]:
    """Yield the models that no server has replaced; a film with them can only be planned."""
    for slot in tree.slots:
        if isinstance(slot.element, PresenterElement) and slot.element.model is not None:
            yield Problem(
                pointer((*slot.path, "model")),
                "Models are known to a server only, which replaces them when it makes the job.",
                "Give a portrait as src, or a character.",
            )
