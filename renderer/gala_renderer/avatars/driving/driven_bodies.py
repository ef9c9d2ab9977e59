"""Replaces the bodies of presenters that a service is to animate, where it succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gala.errors import GalaError, OutOfDisk
from gala.render_types.params.presenters import Driver
from gala_renderer.avatars.bodies import BodySpec, PortraitSpec
from gala_renderer.avatars.driving.animation import Animation, unsuited
from gala_renderer.avatars.performance import speaker_sound
from gala_renderer.avatars.preparation import Pictures, portrait_of
from gala_renderer.avatars.stage import Stage
from gala_renderer.avatars.voicing import PresenterVoices
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report


@dataclass(frozen=True, slots=True)
class DrivenBodies:
    """The bodies of all presenters, and lines for the job's log."""

    bodies: tuple[BodySpec, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


async def drive_bodies(
    context: RenderContext,
    stage: Stage,
    voices: PresenterVoices,
    *,
    bodies: Sequence[BodySpec],
    portraits: Pictures,
    report: Report,
) -> DrivenBodies:
    """Return the bodies; where the service cannot be used or fails, they stay as they are."""
    driven, warnings, notes = list(bodies), [], []
    for number, presenter in enumerate(stage.params.presenters):
        if presenter.driver is not Driver.SERVICE:
            continue
        field, body = f"params.presenters.{number}.driver", bodies[number]
        problem = unsuited(body, stage.behind)
        if problem is not None or not isinstance(body, PortraitSpec):
            warnings.append(f"{field}: {problem}; GALA moves the presenter itself")
            continue
        index = portrait_of(presenter, number, len(portraits.media)) or 0
        try:
            animation = Animation(
                portrait=body,
                face=presenter.face,
                picture=portraits.media[index],
                color=stage.params.background_color,
                audio=await speaker_sound(context, voices, number, stage.canvas.seconds),
                canvas=stage.canvas,
                name=str(number),
            )
            driven[number] = await animation.made(context, report)
            notes.append(f"presenter {number + 1} was animated by the operator's service")
        except OutOfDisk:
            raise
        except GalaError as error:
            reason = error.message.rstrip(".")
            warnings.append(f"{field}: {reason}; GALA moves the portrait itself")
    return DrivenBodies(tuple(driven), tuple(warnings), tuple(notes))
