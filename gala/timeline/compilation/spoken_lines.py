"""What is spoken in a composition, and by whom."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import cast

from gala.presenter_looks import CharacterOptions
from gala.render_types.params.characters import CharacterParams
from gala.render_types.params.voice import VoiceParams
from gala.timeline.compilation.tree import Slot, Tree, voice_of
from gala.timeline.document.elements import VoiceElement
from gala.timeline.document.presenters import PresenterElement


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A text that is spoken."""

    text: str
    voice: VoiceParams
    speaker: Hashable = None
    """Who is seen speaking; None for a voice alone. Speakers whose voice has no name have
    different ones."""


def lines_of(tree: Tree) -> list[SpokenLine]:
    """Return what is spoken, each line once."""
    found = (line_of(slot, tree) for slot in tree.slots)
    return list(dict.fromkeys(line for line in found if line is not None))


def line_of(slot: Slot, tree: Tree) -> SpokenLine | None:
    """Return what an element says, if it does; recordings are not spoken."""
    element = slot.element
    if not isinstance(element, VoiceElement | PresenterElement) or element.text is None:
        return None
    if isinstance(element, VoiceElement) and element.src is not None:
        return None
    voice, seen = voice_of(tree.timeline, element), _seen_with(slot, tree)
    if seen is None:
        return SpokenLine(element.text, voice)
    body = _body(seen, tree)
    if isinstance(body, CharacterOptions) and voice.gender is None and voice.voice is None:
        voice = voice.model_copy(update={"gender": body.voice_gender})
    return SpokenLine(element.text, voice, body)


def _seen_with(slot: Slot, tree: Tree) -> Slot | None:
    """Return the presenter whose lips move with a voice: itself, or the first that names it."""
    if isinstance(slot.element, PresenterElement):
        return slot
    return next(
        (one for one in tree.slots if one.of is slot and isinstance(one.element, PresenterElement)),
        None,
    )


def _body(slot: Slot, tree: Tree) -> Hashable:
    """Return what tells one presenter from another: those of several scenes may be the same."""
    element = cast(PresenterElement, slot.element)
    if element.model is not None:
        return element.model
    if element.src is not None:
        return element.src, element.face
    if element.sprites is not None:
        return tuple(element.sprites.pictures.values())
    return (element.character or CharacterParams()).options(_number(slot, tree))


def _number(slot: Slot, tree: Tree) -> int:
    """Return the number of a presenter in its scene, or in the tracks, from 0 on."""
    return sum(1 for one in _presenters_before(slot, tree) if one.scene is slot.scene)


def _presenters_before(slot: Slot, tree: Tree) -> Iterator[Slot]:
    for one in tree.slots:
        if one is slot:
            return
        if isinstance(one.element, PresenterElement):
            yield one
