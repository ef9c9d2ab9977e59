"""``gala trim``, ``gala concat`` and ``gala merge``: parts of clips, and clips put together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.commands.caption import QualityOption
from gala.cli.rendering.input_files import kind_of
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
    frame,
    param_options,
    with_params,
)
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import make_files, single_output
from gala.media import MediaClass
from gala.render_types.concatenate import Transition
from gala.render_types.params.framing import Fit
from gala.render_types.trim import TrimMode

FitOption = Annotated[
    Fit | None, typer.Option("--fit", help="How clips of another shape come into the frame.")
]


def trim(
    media: Annotated[Path, typer.Argument(metavar="MEDIA", help="A video or a sound.")],
    start: Annotated[str, typer.Argument(metavar="START", help="Where it begins: 83.5 or 1:23.5.")],
    end: Annotated[
        str | None,
        typer.Argument(metavar="END", help="Where it ends; by default where MEDIA does."),
    ] = None,
    *,
    duration: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long it is, instead of END.")
    ] = None,
    mode: Annotated[
        TrimMode | None, typer.Option(help="exact to the frame, or from a key frame, faster.")
    ] = None,
    quality: QualityOption = None,
    out: Out = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Keep one part of a video (as .mp4) or a sound (as .m4a), exact to the frame.

    Without -o it goes to MEDIA-trimmed.mp4 or .m4a in this folder.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    options = param_options(end=end, duration=duration, mode=mode, quality=quality)
    command = RenderCommand(
        type="trim",
        params=with_params({"start": start, **options.params}, param),
        inputs={"media": [media]},
        labels={**options.labels, **_TRIM_LABELS},
    )
    stem = f"{media.stem}-trimmed"
    roles = ("audio",) if kind_of(media, "MEDIA") is MediaClass.AUDIO else ("video", "audio")
    make_files(command, single_output(command, out, stem, roles=roles), common)


_TRIM_LABELS: Final = {
    "params.start": "START",
    "params.end": "END",
    "inputs.media_asset_id": "MEDIA",
    "inputs.media": "MEDIA",
}


def concat(
    clips: Annotated[
        list[Path], typer.Argument(metavar="CLIPS", help="Videos and pictures, in this order.")
    ],
    *,
    transition: Annotated[
        Transition | None, typer.Option(help="How one gives way to the next.")
    ] = None,
    transition_seconds: Annotated[float | None, typer.Option(help="How long that takes.")] = None,
    still_seconds: Annotated[
        float | None, typer.Option(help="How long a picture is shown.")
    ] = None,
    fit: FitOption = None,
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
    """Put clips one after the other: copied if they agree, else on the first one's frame.

    Without -o it goes to CLIP-joined.mp4 in this folder, CLIP being the first.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    options = param_options(
        transition=transition,
        transition_seconds=transition_seconds,
        still_seconds=still_seconds,
        fit=fit,
        quality=quality,
    )
    command = RenderCommand(
        type="concatenate",
        params=with_params(options.params, param),
        inputs={"clips": clips},
        format=frame(ratio, size, fps),
        labels={
            **options.labels,
            "inputs.clips_asset_ids": "CLIPS",
            "inputs.clips": "CLIPS",
        },
    )
    stem = f"{clips[0].stem}-joined"
    make_files(command, single_output(command, out, stem), common)


def merge(
    videos: Annotated[
        list[Path], typer.Argument(metavar="VIDEOS", help="The videos, in this order.")
    ],
    *,
    music: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Repeated or cut to the length.")
    ] = None,
    music_volume: Annotated[
        float | None, typer.Option(help="0 is silent, 1 as it is; 0.5 by default.")
    ] = None,
    music_fade: Annotated[float | None, typer.Option(help="Seconds to fade in and out.")] = None,
    ducking_db: Annotated[
        float | None, typer.Option(help="How far it falls while somebody speaks, in decibels.")
    ] = None,
    fit: FitOption = None,
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
    """Join videos and lay music under them.

    Without -o it goes to VIDEO-merged.mp4 in this folder, VIDEO being the first.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    options = param_options(
        music_volume=music_volume,
        music_fade=music_fade,
        ducking_db=ducking_db,
        fit=fit,
        quality=quality,
    )
    command = RenderCommand(
        type="merge",
        params=with_params(options.params, param),
        inputs={"videos": videos, **({"music": [music]} if music else {})},
        format=frame(ratio, size, fps),
        labels={
            **options.labels,
            "inputs.videos_asset_ids": "VIDEOS",
            "inputs.videos": "VIDEOS",
            "inputs.music_asset_id": "--music",
            "inputs.music": "--music",
        },
    )
    stem = f"{videos[0].stem}-merged"
    make_files(command, single_output(command, out, stem), common)
