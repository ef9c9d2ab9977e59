"""``gala caption``: captions on a video, a spoken picture, or an audio file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.commands.say import Engine, Language, Speed, Voice
from gala.cli.rendering.branding import BrandOption, with_brand
from gala.cli.rendering.font_files import with_font_file
from gala.cli.rendering.input_files import kind_of, read_text
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
from gala.errors import InvalidRequest
from gala.media import MediaClass
from gala.render_types.params.captions import CaptionStyle
from gala.render_types.params.video_encoding import Quality

LOOK: Final = "Appearance of the captions"
MEDIA: Final = "MEDIA"

QualityOption = Annotated[
    Quality | None, typer.Option("--quality", help="draft is fastest, production best.")
]


def caption(
    media: Annotated[
        Path, typer.Argument(metavar=MEDIA, help="A video, a picture or an audio file.")
    ],
    *,
    text: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="The spoken text; - reads standard input. Default: transcribe."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the text from a file.")
    ] = None,
    captions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Existing captions: .srt, .vtt, .ass, …")
    ] = None,
    language: Language = None,
    out: Out = None,
    style: Annotated[
        CaptionStyle | None,
        typer.Option(help="How words are shown as they are spoken.", rich_help_panel=LOOK),
    ] = None,
    position: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="top, center, bottom, or a fraction of the height: 0.6.",
            rich_help_panel=LOOK,
        ),
    ] = None,
    font: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Montserrat, Anton, …, or a file: acme.ttf.", rich_help_panel=LOOK
        ),
    ] = None,
    font_size: Annotated[
        float | None, typer.Option(help="In pixels of the video.", rich_help_panel=LOOK)
    ] = None,
    color: Annotated[
        str | None, typer.Option(metavar="COLOUR", help="white, #ffd60a", rich_help_panel=LOOK)
    ] = None,
    highlight_color: Annotated[
        str | None,
        typer.Option(
            metavar="COLOUR", help="Color of the word being spoken.", rich_help_panel=LOOK
        ),
    ] = None,
    max_words: Annotated[
        int | None, typer.Option(help="Words per caption.", rich_help_panel=LOOK)
    ] = None,
    voice: Voice = None,
    engine: Engine = None,
    speed: Speed = None,
    background: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Picture or video for an audio file.")
    ] = None,
    music: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Background music for a picture or an audio file."),
    ] = None,
    brand: BrandOption = None,
    target: TargetOption = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    quality: QualityOption = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Add captions that follow the speech word by word.

    VIDEO: uses --text (aligned with the audio) or --captions, otherwise transcribes (needs
    Whisper). PICTURE: speaks the --text. AUDIO: makes a video. Pictures and audio become vertical
    videos unless --target, --size or --aspect-ratio is given; videos keep their size.

    Without -o, writes MEDIA-captioned.mp4 to the current folder.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    kind = kind_of(media, MEDIA)
    look = param_options(
        within="params.captions",
        style=style,
        position=_parse_position(position),
        font=font,
        font_size=font_size,
        color=color,
        highlight_color=highlight_color,
        max_words=max_words,
    )
    spoken = param_options(voice=voice, engine=engine, speed=speed)
    request = _Request(
        media=media,
        text=read_text(text, file, text_label="--text"),
        files={"subtitles": captions, "background": background, "music": music},
        common=param_options(language=language, quality=quality).params,
        look=look.params,
        voice=spoken.params,
    )
    command = request.command(kind)
    wanted = target_frame(target, ratio, size, fps)
    follows_source = kind is MediaClass.VIDEO and (ratio, size, fps) == (None, None, None)
    command = replace(
        command,
        params=for_target(with_params(command.params, param), target, wanted, command.type),
        format=None if follows_source else wanted,
        labels={**look.labels, **spoken.labels, **_LABELS},
    )
    command = with_brand(with_font_file(command), brand, common)
    make_files(command, single_output(command, out, f"{media.stem}-captioned"), common)


_LABELS: Final = {
    "params.text": "--text",
    "params.language": "--language",
    "params.quality": "--quality",
    "params.words": "--param words",
    "inputs.video_asset_id": MEDIA,
    "inputs.video": MEDIA,
    "inputs.subtitles_asset_id": "--captions",
    "inputs.subtitles": "--captions",
    "inputs.font_asset_ids": "--font",
    "inputs.font": "--font",
    "inputs.background_asset_id": "--background",
    "inputs.background": "--background",
    "inputs.music_asset_id": "--music",
    "inputs.music": "--music",
    "inputs.voice_asset_id": MEDIA,
    "inputs.voice": MEDIA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """The given options; which render type is used depends on the kind of ``media``."""

    media: Path
    text: str | None
    files: Mapping[str, Path | None]
    common: Mapping[str, Any]
    look: Mapping[str, Any]
    voice: Mapping[str, Any]

    def command(self, kind: MediaClass) -> RenderCommand:
        """Return the command for a video, a picture or an audio file."""
        if self.text is not None and self.files["subtitles"] is not None:
            raise InvalidRequest("--text: give it, or --captions, not both", field="--text")
        params = dict(self.common)
        if self.text is not None:
            params["text"] = self.text
        if self.look:
            params["captions"] = self.look
        files = {name: [path] for name, path in self.files.items() if path is not None}
        match kind:
            case MediaClass.IMAGE:
                return self._picture(params, files)
            case MediaClass.TEXT:
                raise InvalidRequest(
                    f"{MEDIA}: {self.media} is a text file, not media", field=MEDIA
                )
            case MediaClass.AUDIO:
                self._refuse_voice("an audio file keeps its own sound")
                return RenderCommand(
                    type="captioned_video", params=params, inputs={**files, "voice": [self.media]}
                )
        self._refuse_voice("a video keeps its own sound")
        for name in ("background", "music"):
            if name in files:
                raise InvalidRequest(
                    f"--{name}: this option does not apply to videos", field=f"--{name}"
                )
        return RenderCommand(
            type="caption_video", params=params, inputs={**files, "video": [self.media]}
        )

    def _picture(self, params: dict[str, Any], files: dict[str, list[Path]]) -> RenderCommand:
        if self.text is None:
            raise InvalidRequest("--text: a picture needs a text to speak", field="--text")
        if "background" in files:
            raise InvalidRequest(
                f"--background: the picture {self.media} is the background", field="--background"
            )
        return RenderCommand(
            type="captioned_video",
            params={**params, **self.voice},
            inputs={**files, "background": [self.media]},
        )

    def _refuse_voice(self, why: str) -> None:
        for name in self.voice:
            raise InvalidRequest(f"--{name}: {why}", field=f"--{name}")


def _parse_position(position: str | None) -> str | float | None:
    """Return a keyword or a fraction of the height; the render type rejects anything else."""
    try:
        return None if position is None else float(position)
    except ValueError:
        return position
