"""``gala trim``, ``gala concat`` and ``gala merge``: cut and join clips."""

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
    Fit | None, typer.Option("--fit", help="How clips of another aspect ratio fill the frame.")
]


def trim(
    media: Annotated[Path, typer.Argument(metavar="MEDIA", help="A video or an audio file.")],
    start: Annotated[str, typer.Argument(metavar="START", help="Start time: 83.5 or 1:23.5.")],
    end: Annotated[
        str | None,
        typer.Argument(metavar="END", help="End time. Default: the end of MEDIA."),
    ] = None,
    *,
    duration: Annotated[
        str | None, typer.Option(metavar="TIME", help="Length of the part, instead of END.")
    ] = None,
    mode: Annotated[
        TrimMode | None,
        typer.Option(help="exact to the frame, or from the nearest key frame (faster)."),
    ] = None,
    quality: QualityOption = None,
    out: Out = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Cut a part out of a video (.mp4) or an audio file (.m4a), exact to the frame.

    Without -o, writes MEDIA-trimmed.mp4 or .m4a to the current folder. -o selects another audio
    format by its ending: wav, mp3, ogg or flac.
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
    transition: Annotated[Transition | None, typer.Option(help="Transition between clips.")] = None,
    transition_seconds: Annotated[
        float | None, typer.Option(help="Duration of a transition in seconds.")
    ] = None,
    still_seconds: Annotated[
        float | None, typer.Option(help="Seconds that a picture is shown.")
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
    """Join clips: copied if their formats agree, otherwise encoded in the first one's frame size.

    Without -o, writes CLIP-joined.mp4 to the current folder; CLIP is the first clip.
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
        Path | None,
        typer.Option(metavar="FILE", help="Background music, repeated or cut to the length."),
    ] = None,
    music_volume: Annotated[
        float | None, typer.Option(help="0 is silent, 1 unchanged. Default: 0.5.")
    ] = None,
    music_fade: Annotated[
        float | None, typer.Option(help="Seconds of fade-in and fade-out.")
    ] = None,
    ducking_db: Annotated[
        float | None, typer.Option(help="Decibels by which music is lowered during speech.")
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
    """Join videos and add background music.

    Without -o, writes VIDEO-merged.mp4 to the current folder; VIDEO is the first video.
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
