"""Prepares the presenters of a film: their bodies, and how they move while they speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final, TypeAlias, cast

import numpy as np

from gala.errors import EngineMissing, GalaError, OutOfDisk
from gala.installation import install_hint
from gala.render_types.params.presenters import Driver
from gala.timeline.compilation.layers import Layer
from gala.timeline.compilation.tree import build
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import pointer
from gala_renderer.avatars.bodies import BodySpec, PortraitSpec, is_drawn
from gala_renderer.avatars.places import within
from gala_renderer.avatars.preparation import PreparedPortrait, drawn_body, prepare_portrait
from gala_renderer.avatars.sprite_preparation import prepare_sprites
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.plan import Canvas
from gala_renderer.probe.media import Media
from gala_renderer.timeline.conversation import Conversation, number_in_scene, speaker_of
from gala_renderer.timeline.studio import Person, Studio


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of presenters by source, as files and as media."""

    files: Mapping[str, InputFile]
    media: Mapping[str, Media]


Portraits: TypeAlias = Mapping[str, PreparedPortrait]
"""Prepared portraits by the JSON pointer of their presenter."""
NO_PORTRAITS: Final[Portraits] = MappingProxyType({})


async def prepare_portraits(
    context: RenderContext, params: TimelineParams, pictures: Pictures
) -> dict[str, PreparedPortrait]:
    """Prepare the portraits of a composition: they need neither its times nor its sound.

    Raise UnprocessableMedia naming a picture without a face that can speak, InvalidRequest naming
    points that do not fit, or EngineMissing.
    """
    found = {}
    for slot in build(params).slots:
        element, at = slot.element, pointer(slot.path)
        if isinstance(element, PresenterElement):
            _require_drawing()
            if element.src is not None:
                found[at] = await _portrait(context, element, pictures, at)
    return found


def _require_drawing() -> None:
    if find_spec("cv2") is None or find_spec("thorvg_python") is None:
        raise EngineMissing("Presenters need OpenCV and ThorVG.", hint=install_hint("avatars"))


async def prepare_people(
    context: RenderContext,
    studio: Studio,
    pictures: Pictures,
    sounds: Mapping[str, Media],
    portraits: Portraits = NO_PORTRAITS,
) -> list[BodySpec]:
    """Prepare all presenters of the film, and return their bodies.

    ``sounds`` are voices by the JSON pointer of what speaks, ``portraits`` those that are prepared.
    Raise as :func:`prepare_portraits`, or InvalidRequest naming a sprite that does not fit.
    """
    layers = [one for one in studio.compiled.layers if isinstance(one.element, PresenterElement)]
    if layers:
        _require_drawing()
    conversation = Conversation(context, studio, sounds)
    bodies = []
    for layer in layers:
        body = await _body(context, layer, pictures, portraits, studio)
        motion = studio.path(layer, "-motion.npy")
        curves = await conversation.motion(layer, drawn=is_drawn(body))
        np.save(motion, curves, allow_pickle=False)
        body = await _driven(conversation, layer, body, pictures)
        studio.people[layer.number] = Person(body, motion)
        bodies.append(body)
    return bodies


async def _body(
    context: RenderContext,
    layer: Layer,
    pictures: Pictures,
    portraits: Portraits,
    studio: Studio,
) -> BodySpec:
    element = cast(PresenterElement, layer.element)
    if element.sprites is not None:
        return await prepare_sprites(
            context,
            element.sprites,
            {name: pictures.media[source] for name, source in element.sprites.pictures.items()},
            field=within(layer.pointer, "sprites"),
            folder=studio.path(layer, "-sprites"),
        )
    if element.src is None:
        return drawn_body(element.character, number_in_scene(layer, studio.film))
    portrait = portraits.get(layer.pointer)
    if portrait is None:
        portrait = await _portrait(context, element, pictures, layer.pointer)
    studio.warnings.update(dict.fromkeys(portrait.warnings))
    return portrait.spec


async def _portrait(
    context: RenderContext, element: PresenterElement, pictures: Pictures, at: str
) -> PreparedPortrait:
    source = str(element.src)
    file, media = pictures.files[source], pictures.media[source]
    return await prepare_portrait(context, file, media, element, field=at)


async def _driven(
    conversation: Conversation, layer: Layer, body: BodySpec, pictures: Pictures
) -> BodySpec:
    """Return the body as the operator's service animates it, where that is wanted and works.

    A single frame is drawn at once, so that GALA moves the portrait there.
    """
    element, studio = cast(PresenterElement, layer.element), conversation.studio
    if element.driver is not Driver.SERVICE or studio.seen is not None:
        return body
    from gala_renderer.avatars.driving.animation import Animation, unsuited  # noqa: PLC0415 - imports HTTP

    field = within(layer.pointer, "driver")
    problem = unsuited(body, element.background)
    if speaker_of(layer) not in conversation.sounds:
        problem = "nothing is heard that it could speak"
    if problem is not None or not isinstance(body, PortraitSpec) or element.src is None:
        studio.warnings[f"{field}: {problem}; GALA moves the presenter itself"] = None
        return body
    frame = studio.compiled.frame
    animation = Animation(
        portrait=body,
        face=element.face,
        picture=pictures.media[element.src],
        color=element.background_color,
        audio=await conversation.sound(layer),
        canvas=Canvas(frame.width, frame.height, frame.fps, layer.end_frame - layer.first_frame),
        name=f"{layer.number}",
    )
    try:
        found = await animation.made(conversation.context, lambda _: None)
    except OutOfDisk:
        raise
    except GalaError as error:
        reason = error.message.rstrip(".")
        studio.warnings[f"{field}: {reason}; GALA moves the portrait itself"] = None
        return body
    studio.notes[f"{layer.pointer} was animated by the operator's service"] = None
    return found
