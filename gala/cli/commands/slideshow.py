"""``gala slideshow``: makes a video of pictures."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.commands.caption import QualityOption
from gala.cli.commands.edit import FitOption
from gala.cli.rendering.branding import BrandOption, with_brand
from gala.cli.rendering.options import (
    AsJson,
    CommonOptions,
    Force,
    Fps,
    Local,
    Out,
    Param,
    Ratio,
    Remote,
    Size,
    param_options,
    with_params,
)
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import make_files, single_output
from gala.cli.rendering.targets import TargetOption, for_target, target_frame
from gala.render_types.params.transitions import TransitionName
from gala.render_types.slideshow import SlideshowParams


class SlideMotion(StrEnum):
    """Names of motions: those of all films, and those of slideshows."""

    NONE = "none"
    KEN_BURNS = "ken-burns"
    ZOOM_IN = "zoom-in"
    ZOOM_OUT = "zoom-out"
    PAN_LEFT = "pan-left"
    PAN_RIGHT = "pan-right"
    PAN_UP = "pan-up"
    PAN_DOWN = "pan-down"
    STILL = "still"
    KEN_BURNS_EFFECT = "ken_burns"
    PAN = "pan"


def slideshow(
    pictures: Annotated[
        list[Path], typer.Argument(metavar="PICTURES", help="The pictures, in this order.")
    ],
    *,
    seconds: Annotated[
        float | None, typer.Option(help="Seconds that each picture is shown. Default: 3.")
    ] = None,
    transition: Annotated[
        TransitionName | None, typer.Option(help="Transition between pictures.")
    ] = None,
    transition_seconds: Annotated[
        float | None,
        typer.Option(help="Duration of a transition; at most half of --seconds."),
    ] = None,
    motion: Annotated[
        SlideMotion | None, typer.Option(help="Camera motion over the pictures.")
    ] = None,
    music: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Background music, repeated or cut to the length."),
    ] = None,
    music_volume_db: Annotated[
        float | None, typer.Option(help="Gain of the music in decibels.")
    ] = None,
    fit: FitOption = None,
    brand: BrandOption = None,
    target: TargetOption = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    quality: QualityOption = None,
    out: Out = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Make a video of pictures, with transitions, motion and music.

    1080x1920 unless --target, --size or --aspect-ratio is given. Without -o, writes slideshow.mp4.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    if (
        transition_seconds is None
        and seconds is not None
        and seconds < 2 * _default_transition_seconds()
    ):
        transition_seconds = seconds / 2
    options = param_options(
        seconds_each=seconds,
        transition=transition,
        transition_seconds=transition_seconds,
        motion={"effect": motion} if motion else None,
        music_volume_db=music_volume_db,
        fit=fit,
        quality=quality,
    )
    wanted = target_frame(target, ratio, size, fps)
    command = RenderCommand(
        type="slideshow",
        params=for_target(with_params(options.params, param), target, wanted, "slideshow"),
        inputs={"pictures": pictures, **({"music": [music]} if music else {})},
        format=wanted,
        labels={**options.labels, **_LABELS},
    )
    command = with_brand(command, brand, common)
    make_files(command, single_output(command, out, "slideshow"), common)


def _default_transition_seconds() -> float:
    """Return the render type's default, which is too long for pictures shown briefly."""
    return float(SlideshowParams.model_fields["transition_seconds"].default)


_LABELS: Final = {
    "seconds_each": "--seconds",
    "params.seconds_each": "--seconds",
    "inputs.pictures_asset_ids": "PICTURES",
    "inputs.pictures": "PICTURES",
    "inputs.music_asset_id": "--music",
    "inputs.music": "--music",
}
