"""``gala caption``: words on a video, on a picture that speaks, or to a sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.commands.say import Engine, Language, Speed, Voice
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
    frame,
    param_options,
    with_params,
)
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import make_files, single_output
from gala.errors import InvalidRequest
from gala.media import MediaClass
from gala.render_types.params.captions import CaptionStyle
from gala.render_types.params.video_encoding import Quality

LOOK: Final = "How the captions look"
MEDIA: Final = "MEDIA"

QualityOption = Annotated[
    Quality | None, typer.Option("--quality", help="draft is fastest, production finest.")
]


def caption(
    media: Annotated[Path, typer.Argument(metavar=MEDIA, help="A video, a picture or a sound.")],
    *,
    text: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What is said; - reads it. Without: transcribed."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with the text, instead.")
    ] = None,
    captions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Finished captions: .srt, .vtt or .ass.")
    ] = None,
    language: Language = None,
    out: Out = None,
    style: Annotated[
        CaptionStyle | None,
        typer.Option(help="What happens as words are said.", rich_help_panel=LOOK),
    ] = None,
    position: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="top, center, bottom, or a part of the height: 0.6.",
            rich_help_panel=LOOK,
        ),
    ] = None,
    font: Annotated[
        str | None, typer.Option(metavar="NAME", help="Montserrat, Anton, …", rich_help_panel=LOOK)
    ] = None,
    font_size: Annotated[
        float | None, typer.Option(help="In pixels of the video.", rich_help_panel=LOOK)
    ] = None,
    color: Annotated[
        str | None, typer.Option(metavar="COLOUR", help="white, #ffd60a", rich_help_panel=LOOK)
    ] = None,
    highlight_color: Annotated[
        str | None,
        typer.Option(metavar="COLOUR", help="Of the word being said.", rich_help_panel=LOOK),
    ] = None,
    max_words: Annotated[
        int | None, typer.Option(help="Of a caption at once.", rich_help_panel=LOOK)
    ] = None,
    voice: Voice = None,
    engine: Engine = None,
    speed: Speed = None,
    background: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Picture or video behind a sound.")
    ] = None,
    music: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Music under a spoken picture or a sound.")
    ] = None,
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
    """Show what is said, word by word, as it is said.

    On a VIDEO: from --text (laid on its sound) or --captions, else transcribed (needs Whisper). A
    PICTURE speaks the --text itself, a SOUND gets a video; both vertical unless you say else.

    Without -o it goes to MEDIA-captioned.mp4 in this folder.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    kind = kind_of(media, MEDIA)
    look = param_options(
        within="params.captions",
        style=style,
        position=_place(position),
        font=font,
        font_size=font_size,
        color=color,
        highlight_color=highlight_color,
        max_words=max_words,
    )
    spoken = param_options(voice=voice, engine=engine, speed=speed)
    order = _Order(
        media=media,
        said=read_text(text, file, text_label="--text"),
        files={"subtitles": captions, "background": background, "music": music},
        common=param_options(language=language, quality=quality).params,
        look=look.params,
        voice=spoken.params,
    )
    command = order.of(kind)
    command = replace(
        command,
        params=with_params(command.params, param),
        format=frame(ratio, size, fps),
        labels={**look.labels, **spoken.labels, **_LABELS},
    )
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
    "inputs.background_asset_id": "--background",
    "inputs.background": "--background",
    "inputs.music_asset_id": "--music",
    "inputs.music": "--music",
    "inputs.voice_asset_id": MEDIA,
    "inputs.voice": MEDIA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What was asked for; which render type makes it depends on what ``media`` is."""

    media: Path
    said: str | None
    files: Mapping[str, Path | None]
    common: Mapping[str, Any]
    look: Mapping[str, Any]
    voice: Mapping[str, Any]

    def of(self, kind: MediaClass) -> RenderCommand:
        """The order for a video, a picture or a sound."""
        if self.said is not None and self.files["subtitles"] is not None:
            raise InvalidRequest("--text: give it, or --captions, not both", field="--text")
        params = dict(self.common)
        if self.said is not None:
            params["text"] = self.said
        if self.look:
            params["captions"] = self.look
        files = {name: [path] for name, path in self.files.items() if path is not None}
        match kind:
            case MediaClass.IMAGE:
                return self._picture(params, files)
            case MediaClass.TEXT:
                raise InvalidRequest(f"{MEDIA}: {self.media} is a text, no media", field=MEDIA)
            case MediaClass.AUDIO:
                self._refuse_voice("a sound is heard as it is")
                return RenderCommand(
                    type="captioned_video", params=params, inputs={**files, "voice": [self.media]}
                )
        self._refuse_voice("a video keeps its own sound")
        for name in ("background", "music"):
            if name in files:
                raise InvalidRequest(f"--{name}: this is not for videos", field=f"--{name}")
        return RenderCommand(
            type="caption_video", params=params, inputs={**files, "video": [self.media]}
        )

    def _picture(self, params: dict[str, Any], files: dict[str, list[Path]]) -> RenderCommand:
        if self.said is None:
            raise InvalidRequest("--text: a picture needs a text to say", field="--text")
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


def _place(position: str | None) -> str | float | None:
    """A word, or a part of the height; what is neither the type refuses."""
    try:
        return None if position is None else float(position)
    except ValueError:
        return position
