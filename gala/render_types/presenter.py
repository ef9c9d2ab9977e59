"""``presenter``: one or several avatars that speak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from gala.errors import InvalidRequest
from gala.media import AssetKind, Format, MediaClass
from gala.presenter_looks import Framing
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.dialogue import Name, SpeakerParams
from gala.render_types.params.captions import CaptionParams, CaptionsField
from gala.render_types.params.colors import Color
from gala.render_types.params.framing import Fit
from gala.render_types.params.narration import NarrationSoundParams
from gala.render_types.params.own_fonts import FONT, FONT_INPUT, OwnFonts, named_fonts
from gala.render_types.params.presenters import (
    ActingParams,
    Inset,
    Logo,
    MovementSeed,
    PresenterBackground,
    TransparentFormat,
    check_one_body,
)
from gala.render_types.params.pronunciations import Pronunciation, merged
from gala.render_types.params.safe_margins import SafeMarginsParams
from gala.render_types.params.spoken_languages import check_language
from gala.render_types.params.sprites import SpritesParams, check_sprite_files
from gala.render_types.params.video_encoding import VideoParams
from gala.render_types.params.voice import (
    MAX_PAUSE_SECONDS,
    MAX_TEXT,
    SpokenText,
    VoiceChoice,
    VoiceParams,
    check_pauses_of_turns,
)
from gala.render_types.params.voice_names import check_voices

MAX_PRESENTERS: Final = 4
_SOUND: Final = frozenset({MediaClass.AUDIO, MediaClass.VIDEO})


class Presenter(SpeakerParams, ActingParams):
    """One presenter: a body and a voice."""

    name: Name | None = Field(
        default=None, description="Name by which `turns` refer to the presenter.", examples=["Ann"]
    )
    portrait: int | None = Field(
        default=None,
        ge=1,
        le=50,
        description=(
            "The number, counted from 1, of the picture in `inputs.portrait_asset_ids`. By default"
            " the presenters have these pictures in order; one without a picture and without"
            " sprites is the character that comes with GALA."
        ),
    )
    sprites: SpritesParams | None = Field(
        default=None, description="A body made of the pictures in `inputs.sprite_asset_ids`."
    )

    @model_validator(mode="after")
    def _check_body(self) -> Self:
        check_one_body(self, self.sprites)
        return self


class PresenterTurn(TypeParams):
    """What one presenter says."""

    text: SpokenText = Field(
        description="The text to speak; `[pause 0.5s]` and blank lines make pauses, as in `tts`.",
        examples=["Are you coming?"],
    )
    presenter: Name | None = Field(
        default=None,
        description="Name of the presenter in `presenters`; by default they alternate.",
        examples=["Ann"],
    )
    pause_after_ms: int | None = Field(
        default=None,
        ge=0,
        le=round(MAX_PAUSE_SECONDS * 1000),
        description="Milliseconds of silence before the next turn; by default `pause_ms`.",
    )


class PresenterParams(VoiceParams, VideoParams, NarrationSoundParams, OwnFonts, SafeMarginsParams):
    """Params of presenters."""

    text: SpokenText | None = Field(
        default=None,
        description=(
            "The text that the (first) presenter speaks, 1 to 100,000 characters; `[pause 0.5s]`"
            " makes a pause, and so does a blank line. With `inputs.voice_asset_id` it is the text"
            " of that voice and is aligned to it."
        ),
        examples=["Hola, soy tu presentadora."],
    )
    turns: tuple[PresenterTurn, ...] = Field(
        default=(),
        strict=False,
        max_length=1000,
        description="A dialogue, instead of `text`: who speaks moves, the others listen.",
    )
    presenters: tuple[Presenter, ...] = Field(
        default=(Presenter(),),
        strict=False,
        min_length=1,
        max_length=MAX_PRESENTERS,
        description=(
            "The presenters, 1 to 4, side by side. A voice that is set here overrides the voice"
            " that is set beside `text`."
        ),
    )
    pause_ms: int = Field(
        default=300,
        ge=0,
        le=round(MAX_PAUSE_SECONDS * 1000),
        description="Milliseconds of silence after a turn without `pause_after_ms`.",
    )
    framing: Annotated[Framing, Field(strict=False)] = Field(
        default=Framing.BUST,
        description="`full` shows the whole picture, `bust` head and shoulders, `face` the head.",
    )
    background: Annotated[PresenterBackground, Field(strict=False)] | None = Field(
        default=None,
        description=(
            "What is behind the presenters: `keep` the picture's own background, `blur` it,"
            " `replace` it with `inputs.background_asset_id` or `background_color`, or `none`"
            " (transparent; see `transparent_format`). By default `replace` if there is a"
            " background input and no `inset`, else `keep`."
        ),
    )
    background_color: Color = Field(
        default="#47688a", description="Color of a background that has no picture."
    )
    transparent_format: Annotated[TransparentFormat, Field(strict=False)] = Field(
        default=TransparentFormat.WEBM,
        description=(
            "File format if `background` is `none`: `webm` (VP9), `mov` (ProRes 4444), or `png`"
            " (a ZIP archive of numbered pictures, without sound)."
        ),
    )
    background_fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.COVER,
        description=(
            "How a background of another aspect ratio fills the frame: `cover` crops, `contain`"
            " adds bars of `background_color`, `blur` puts all of it in front of a blurred copy."
        ),
    )
    inset: Inset | None = Field(
        default=None,
        description=(
            "Show the presenter in a small frame, a circle by default, over"
            " `inputs.background_asset_id` or `background_color`."
        ),
    )
    captions: CaptionsField = Field(
        default=CaptionParams(),
        description=(
            "Look of the captions; `false` or `null` shows none. Those of a recording need its"
            " `text` or Whisper; where there is neither, there are none unless `captions` is sent."
        ),
    )
    captions_optional: bool = Field(
        default=False,
        description=(
            "Whether there are no captions, with a warning, instead of an error, if `captions` is"
            " sent and neither `text` nor Whisper tells the words of a recording. True if only a"
            " brand kit or a model sets the look of the captions."
        ),
    )
    logo: Logo = Field(default=Logo(), description="Place of the logo, if there is one.")
    seed: MovementSeed = 0

    @model_validator(mode="after")
    def _check_turns(self) -> Self:
        if self.turns and self.text is not None:
            raise ValueError("text, turns: set one of them; text is what a single presenter says")
        if sum(len(turn.text) for turn in self.turns) > MAX_TEXT:
            raise ValueError(f"turns: all texts together may have at most {MAX_TEXT} characters")
        said = [(turn.text, turn.pause_after_ms) for turn in self.turns]
        check_pauses_of_turns(said, self.pause_ms)
        names = [one.name for one in self.presenters if one.name is not None]
        if len(set(names)) < len(names):
            raise ValueError("presenters: two have the same name; give each another name")
        for number, turn in enumerate(self.turns):
            if turn.presenter is not None and turn.presenter not in names:
                known = ", ".join(names) or "none has a name"
                raise ValueError(
                    f"turns.{number}.presenter: not a name in presenters; they are: {known}"
                )
        return self

    @model_validator(mode="after")
    def _check_background(self) -> Self:
        transparent = self.background is PresenterBackground.NONE
        if self.inset is not None and (transparent or len(self.presenters) > 1):
            what = "a transparent background" if transparent else "several presenters"
            raise ValueError(f"inset: cannot be combined with {what}; leave one of them out")
        return self

    def voices(self) -> Iterator[SpeakerParams]:
        """Yield the voice of each presenter: the common one, overridden by the presenter's own."""
        common = {name: getattr(self, name) for name in VoiceParams.model_fields}
        for one in self.presenters:
            names = one.model_fields_set & SpeakerParams.model_fields.keys()
            own = {name: getattr(one, name) for name in names}
            own = {name: value for name, value in own.items() if value is not None}
            yield SpeakerParams.model_construct(**{**common, "sample": None, **own})

    def with_pronunciations(self, others: Sequence[Pronunciation]) -> Self:
        """Return the params in which each presenter has the pronunciations of another list too."""
        texts = ["\n".join(said) for said in self._texts()]
        presenters = []
        for one, voice, text in zip(self.presenters, self.voices(), texts, strict=True):
            both = merged(voice.pronunciations, others, text)
            same = both == voice.pronunciations
            presenters.append(one if same else one.model_copy(update={"pronunciations": both}))
        return self.model_copy(update={"presenters": tuple(presenters)})

    def _texts(self) -> list[list[str]]:
        """Return what each presenter says."""
        said: list[list[str]] = [[] for _ in self.presenters]
        if self.text is not None:
            said[0].append(self.text)
        for turn, speaker in zip(self.turns, self.speakers(), strict=True):
            said[speaker].append(turn.text)
        return said

    def voice_choices(self, inputs: frozenset[str]) -> Iterator[VoiceChoice]:
        """Yield the voices of all presenters; the field is the one that chose it."""
        if "voice" in inputs:
            return
        for number, (one, voice) in enumerate(zip(self.presenters, self.voices(), strict=True)):
            if voice.voice is None:
                continue
            own = "voice" if one.voice is not None else "engine"
            chosen = one.voice is not None or "engine" in one.model_fields_set
            field = f"params.presenters.{number}.{own}" if chosen else "params.voice"
            yield VoiceChoice(voice.engine, voice.voice, field)

    def speakers(self) -> Iterator[int]:
        """Yield the index of the presenter who speaks each turn."""
        names = [one.name for one in self.presenters]
        for number, turn in enumerate(self.turns):
            named = turn.presenter is not None
            yield names.index(turn.presenter) if named else number % len(self.presenters)


def _check(params: PresenterParams, inputs: frozenset[str]) -> None:
    check_voices(params, inputs)
    for number, one in enumerate(params.presenters if "voice" not in inputs else ()):
        check_language(one, f"params.presenters.{number}.language")
    if params.text is None and not params.turns and "voice" not in inputs:
        raise InvalidRequest(
            "params.text: required, unless there are turns or inputs.voice_asset_id has a finished"
            " voice.",
            field="params.text",
        )
    if "voice" in inputs and (params.turns or "sample" in inputs):
        other = "params.turns" if params.turns else "inputs.sample_asset_ids"
        raise InvalidRequest(
            f"{other}: not used with inputs.voice_asset_id; leave one of them out.", field=other
        )
    if "portrait" not in inputs:
        _refuse_portraits(params)
    check_sprite_files(
        {
            f"params.presenters.{number}.sprites": one.sprites
            for number, one in enumerate(params.presenters)
        },
        inputs,
    )
    if "background" in inputs and params.background is PresenterBackground.NONE:
        raise InvalidRequest(
            "inputs.background_asset_id: not used if params.background is none; leave one of them"
            " out.",
            field="inputs.background_asset_id",
        )


def _refuse_portraits(params: PresenterParams) -> None:
    for number, one in enumerate(params.presenters):
        named = next((name for name in ("portrait", "points") if getattr(one, name)), None)
        if named:
            field = f"params.presenters.{number}.{named}"
            raise InvalidRequest(
                f"{field}: there is no picture; add inputs.portrait_asset_ids.", field=field
            )


TYPE = RenderType(
    name="presenter",
    summary=(
        "Presenters that speak a text: portraits, sprites or drawn characters, alone or in"
        " dialogue."
    ),
    params=PresenterParams,
    inputs={
        "portrait": InputSpec(
            "Pictures of the presenters, photos or drawings, with a face; or videos of a person at"
            " rest, which the animation service gets, and of which GALA shows the first frame.",
            frozenset({MediaClass.IMAGE, MediaClass.VIDEO}),
            many=True,
        ),
        "sprite": InputSpec(
            "Pictures of the parts of bodies, with transparency; `sprites.pictures` of a presenter"
            " says which is what.",
            frozenset({MediaClass.IMAGE}),
            many=True,
        ),
        "voice": InputSpec("A finished voice, instead of speech made from the text.", _SOUND),
        "background": InputSpec(
            "Picture or video (looped or cut to the length) behind the presenters, cropped to fill"
            " the frame.",
            frozenset({MediaClass.IMAGE, MediaClass.VIDEO}),
        ),
        "music": InputSpec(
            "Background music; looped or cut to the length, faded in and out.", _SOUND
        ),
        "logo": InputSpec(
            "A picture that is shown on top; its transparency is kept.",
            frozenset({MediaClass.IMAGE}),
        ),
        "sample": InputSpec(
            "Recordings of voices to clone, for engines that clone voices.", _SOUND, many=True
        ),
        FONT: FONT_INPUT,
    },
    named_inputs=named_fonts,
    outputs=(
        OutputSpec(
            "video",
            AssetKind.RENDER_OUTPUT,
            "video/mp4",
            also=("video/webm", "video/quicktime", "application/zip"),
        ),
        OutputSpec("captions", AssetKind.CAPTIONS, "text/vtt"),
        OutputSpec("words", AssetKind.CAPTIONS, "application/json"),
        OutputSpec("thumbnail", AssetKind.THUMBNAIL, "image/jpeg"),
    ),
    format=Format(width=1080, height=1920, fps=30),
    check=_check,
    example={"text": "Hola, soy tu presentadora.", "language": "es"},
)
