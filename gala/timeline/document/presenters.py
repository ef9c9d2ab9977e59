"""Presenters: elements that speak."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gala.ids import Prefix, pattern
from gala.presenter_looks import Framing
from gala.render_types.params.colors import Color
from gala.render_types.params.presenters import ActingParams, MovementSeed, PresenterBackground
from gala.render_types.params.sprites import (
    SPRITES_HELP,
    NameOfSprite,
    SpriteLayout,
    missing_sprite,
)
from gala.render_types.params.voice import SpokenText, VoiceParams
from gala.timeline.document.placement import SoundingParams, VisibleParams
from gala.timeline.document.values import Name, Source
from gala.timeline.problems import broken_rule

_BODIES: Final = ("model", "src", "sprites", "character")
_OF_PICTURES: Final = ("face", "points")
"""Fields that say something about the picture of a portrait."""


class SpriteSources(SpriteLayout):
    """The sprites of a presenter: files that show the parts of its body."""

    pictures: dict[NameOfSprite, Source] = Field(
        description=f"The file of each sprite. {SPRITES_HELP}",
        examples=[{"base": "base.png", "mouth_x": "mouth_x.png", "mouth_d": "mouth_d.png"}],
    )

    @model_validator(mode="after")
    def _check_pictures(self) -> Self:
        missing = missing_sprite(self.pictures)
        if missing is None:
            return self
        rule, remedy = (f"{text[0].upper()}{text[1:]}." for text in (missing.rule, missing.remedy))
        raise broken_rule(rule, remedy, f"pictures.{missing.name}")


class PresenterElement(VisibleParams, VoiceParams, SoundingParams, ActingParams):
    """A presenter that speaks: a model, the face of a picture, sprites, or a drawn character."""

    type: Literal["presenter"]
    text: SpokenText | None = Field(
        default=None, description="What the presenter says.", examples=["Welcome."]
    )
    of: Name | None = Field(
        default=None,
        description="Instead of `text`: name of the voice whose words the lips follow.",
    )
    model: Annotated[str, StringConstraints(pattern=pattern(Prefix.MODEL))] | None = Field(
        default=None,
        description="A model (`mdl_…`), with its body, voice and look; what is set here wins.",
    )
    src: Source | None = Field(default=None, description="Instead of a model: a portrait.")
    sprites: SpriteSources | None = Field(
        default=None, description="Instead of a model or a portrait: a body made of pictures."
    )
    framing: Annotated[Framing, Field(strict=False)] = Field(
        default=Framing.BUST, description="`full`, `bust` or `face`."
    )
    background: Annotated[PresenterBackground, Field(strict=False)] = Field(
        default=PresenterBackground.NONE,
        description=(
            "`none` cuts the presenter out, so that what is below is seen; `keep` keeps the"
            " picture's own background, `blur` blurs it, `replace` shows `background_color`."
        ),
    )
    background_color: Color = Field(
        default="#47688a",
        description="Color of a replaced background, and of one that a drawn body does not have.",
    )
    seed: MovementSeed = 0

    @property
    def is_character(self) -> bool:
        """Whether it is a drawn character, rather than made of pictures."""
        return self.model is None and self.src is None and self.sprites is None

    @model_validator(mode="after")
    def _one_body_and_voice(self) -> Self:
        if (self.text is None) == (self.of is None):
            raise broken_rule(
                "A presenter says a text, or the words of a voice.",
                'Give one of "text" and "of" (the name of a voice element).',
            )
        bodies = [name for name in _BODIES if getattr(self, name) is not None]
        if len(bodies) > 1:
            raise broken_rule(
                f"A presenter has one body, not {' and '.join(bodies)}.",
                f"Leave out {bodies[1]}, or {bodies[0]}.",
                bodies[1],
            )
        self._check_picture(bodies)
        return self

    def _check_picture(self, bodies: list[str]) -> None:
        if {"model", "src"} & set(bodies):
            return
        for name in _OF_PICTURES:
            if name in self.model_fields_set and getattr(self, name) not in (1, {}):
                raise broken_rule(
                    f"{name} is about a picture, and this presenter has none.",
                    f'Add "src": a portrait, or leave out {name}.',
                    name,
                )

    def sprite_files(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield the place in the element, and the file, of each sprite."""
        if self.sprites is not None:
            for name, source in self.sprites.pictures.items():
                yield ("sprites", "pictures", name.value), source
