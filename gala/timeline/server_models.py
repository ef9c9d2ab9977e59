"""Presenters that are models: only a server knows them, and puts their bodies in their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
                "Render it on the server that has the model (--url), or give a portrait as src,"
                " or a character.",
            )


def without_models(composition: Any) -> Any:
    """Return a composition, as JSON, in which drawn characters stand for models.

    It can be checked where models are not known.
    """
    if isinstance(composition, list):
        return [without_models(one) for one in composition]
    if not isinstance(composition, dict):
        return composition
    found = {name: without_models(value) for name, value in composition.items()}
    if found.get("type") == "presenter" and isinstance(found.pop("model", None), str):
        found.setdefault("character", {})
    return found
