"""Presenters that speak: portraits, sprites, or characters that GALA draws."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from pydantic import ValidationError

from gala.engine import OnProgress
from gala.errors import InvalidRequest, UnprocessableMedia
from gala.media import USUAL_FPS, Format
from gala.media_server.render_orders import validated_order
from gala.render_types import presenter as presenter_type
from gala.render_types.params.presenter_backgrounds import background_choice
from gala.render_types.params.presenter_files import PresenterWithFiles, joined
from gala.render_types.params.sprite_folder import read_sprite_folder
from gala.render_types.params.voice import MAX_PAUSE_SECONDS
from gala.validation import invalid_request
from gala_renderer.library.engine_call import PathLike, make

_ENDINGS: Final = (".mp4", ".webm", ".mov", ".zip")
_NAMES: Final = {
    "inputs.portrait_asset_ids": "picture",
    "inputs.sprite_asset_ids": "sprites",
    "inputs.voice_asset_id": "audio_path",
    "inputs.background_asset_id": "background",
    "inputs.music_asset_id": "music",
    "inputs.logo_asset_id": "logo",
    "background_color": "background",
    "params.presenters.0.": "",
    "presenters.0.": "",
    "params.": "",
}
"""What the engine's errors and warnings name, and how the arguments are called here."""


class Presenter:
    """A presenter, made by :meth:`from_picture`, :meth:`from_sprites` or :meth:`from_character`.

    What a body needs besides ``gala-platform[renderer]`` is named by ``EngineMissing`` when it is
    first used: the extra ``avatars``, and for portraits ``gala weights pull faces``.
    """

    def __init__(self, body: Mapping[str, Any], inputs: Mapping[str, Any] | None = None):
        """Make a presenter from an item of ``presenters`` of the render type ``presenter``.

        ``inputs`` are its files. Raise ``InvalidRequest`` naming the field.
        """
        try:
            presenter_type.Presenter.parse(body)
        except ValidationError as error:
            raise invalid_request(error) from error
        self._body = dict(body)
        self._inputs = dict(inputs or {})

    @property
    def with_files(self) -> PresenterWithFiles:
        """The item of ``presenters`` of the render type, and its files."""
        return PresenterWithFiles(self._body, self._inputs)

    @classmethod
    def from_picture(
        cls,
        picture: PathLike,
        *,
        face: int = 1,
        points: Mapping[str, tuple[float, float]] | None = None,
        energy: float = 0.5,
        driver: str = "builtin",
    ) -> Self:
        """Return a portrait that speaks: a photo, painting or drawing with a face.

        ``face`` says which one speaks, counted from 1, the largest first. ``points`` are places of
        features that were not found well, such as ``{"mouth_left": (0.4, 0.6)}``, in fractions of
        the picture's width and height. ``energy`` of the movements is 0 to 1. ``driver`` is
        ``service`` for the animation service of ``AVATAR_SERVICE_URL``; see docs/presenters.md.
        """
        body = {
            "portrait": 1,
            "face": face,
            "points": points or {},
            "energy": energy,
            "driver": driver,
        }
        return cls(body, {"portrait": [Path(picture)]})

    @classmethod
    def from_sprites(cls, folder: PathLike, *, energy: float = 0.5) -> Self:
        """Return a body made of the pictures in a folder: ``base.png``, ``mouth_x.png``, …

        docs/presenters.md lists them. Raise ``InvalidRequest`` if base or mouth are missing.
        """
        path = Path(folder)
        if not path.is_dir():
            raise InvalidRequest(f"folder: There is no folder {path}.", field="folder")
        sprites, files = read_sprite_folder(path, "folder")
        body = {"sprites": sprites.model_dump(mode="json", exclude_unset=True), "energy": energy}
        return cls(body, {"sprite": files})

    @classmethod
    def from_character(cls, name: str = "gala", *, energy: float = 0.5, **look: str) -> Self:
        """Return a drawn character: ``gala``, ``leo``, ``maya`` or ``sol``.

        ``look`` changes it: ``hair="bob"``, ``hair_color``, ``skin``, ``eyes``, ``clothes``,
        ``clothes_color``, ``glasses``, ``beard``, ``face``.
        """
        return cls({"character": {"name": name, **look}, "energy": energy})

    def with_voice(
        self,
        voice: str | None = None,
        language: str | None = None,
        *,
        gender: str | None = None,
        engine: str = "auto",
        speed: float = 1.0,
    ) -> Self:
        """Return the same presenter with a voice of its own.

        ``gender`` (``female``, ``male``) chooses one where ``voice`` does not; drawn characters
        have one. The other arguments are those of :meth:`say`. Raise ``InvalidRequest`` naming the
        argument.
        """
        own = {"voice": voice, "language": language, "gender": gender, "engine": engine,
               "speed": speed}  # fmt: skip
        given = {name: value for name, value in own.items() if value is not None}
        return type(self)({**self._body, **given}, self._inputs)

    def say(
        self,
        text: str,
        output_path: PathLike,
        voice: str | None = None,
        language: str | None = None,
        *,
        engine: str = "auto",
        speed: float = 1.0,
        dimensions: tuple[int, int] = (1080, 1920),
        fps: int = USUAL_FPS,
        framing: str = "bust",
        background: PathLike | None = None,
        captions: bool | Mapping[str, Any] = True,
        music: PathLike | None = None,
        logo: PathLike | None = None,
        quality: str = "preview",
        inset: bool | Mapping[str, Any] = False,
        seed: int = 0,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Make a video in which the presenter speaks a text, and return its path.

        ``voice`` and ``language`` (``es``, ``en-GB``) are those of the engine; by default the best
        voice for the language, which is guessed from the text. ``framing`` is ``full``, ``bust`` or
        ``face``. ``background`` is ``keep`` (the picture's own), ``blur``, ``none``, a color
        (``#224466``), a picture or a video; with ``none`` the video is transparent, and
        ``output_path`` ends in ``.webm``, ``.mov`` (ProRes 4444) or ``.zip`` (PNG files).
        ``captions`` is False for none, or their look as in the render type ``presenter``.
        ``inset`` shows the presenter in a circle in a corner of the background: True, or where and
        how as in the render type, such as ``{"position": "top-left", "size": 0.4}``. ``quality`` is
        ``draft``, ``preview`` or ``production``. ``seed`` gives other movements. An existing file
        is replaced when the video is complete.

        Raise ``InvalidRequest`` naming the argument, ``UnprocessableMedia`` for a picture without
        a face, and ``EngineMissing`` naming what to install.
        """
        spoken = {"text": text, "voice": voice, "language": language, "engine": engine,
                  "speed": speed, "seed": seed}  # fmt: skip
        return _make(
            [self], spoken, output_path, dimensions, fps, framing=framing, background=background,
            captions=captions, inset=inset, music=music, logo=logo, quality=quality,
            on_progress=on_progress,
        )  # fmt: skip

    def say_recording(
        self,
        audio_path: PathLike,
        output_path: PathLike,
        text: str | None = None,
        language: str | None = None,
        *,
        dimensions: tuple[int, int] = (1080, 1920),
        fps: int = USUAL_FPS,
        framing: str = "bust",
        background: PathLike | None = None,
        captions: bool | Mapping[str, Any] = False,
        music: PathLike | None = None,
        logo: PathLike | None = None,
        quality: str = "preview",
        inset: bool | Mapping[str, Any] = False,
        seed: int = 0,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Make a video in which the presenter speaks with a recorded voice, and return its path.

        ``text`` is what the recording says; without one, it is found out with Whisper if its
        weights are installed (captions require them), else the lips follow the loudness. The other
        arguments are those of :meth:`say`.
        """
        return _make(
            [self], {"text": text, "language": language, "seed": seed}, output_path, dimensions,
            fps, framing=framing, background=background, captions=captions, inset=inset,
            voice=audio_path, music=music, logo=logo, quality=quality, on_progress=on_progress,
        )  # fmt: skip

    @staticmethod
    def dialogue(
        turns: Sequence[tuple[Presenter, str]],
        output_path: PathLike,
        language: str | None = None,
        *,
        pause: float = 0.3,
        dimensions: tuple[int, int] = (1920, 1080),
        fps: int = USUAL_FPS,
        framing: str = "bust",
        background: PathLike | None = None,
        captions: bool | Mapping[str, Any] = True,
        music: PathLike | None = None,
        logo: PathLike | None = None,
        quality: str = "preview",
        seed: int = 0,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Make a video in which one to four presenters take turns, and return its path.

        ``turns`` say who speaks what, in order: ``[(ana, "¿Vienes?"), (leo, "Sí.")]``. The
        presenters are side by side in the order of their first turns, with the voices of
        :meth:`with_voice`; who speaks moves, and the others listen. ``pause`` is the silence
        between turns in seconds, 0 to 60. The other arguments and the errors are those of
        :meth:`say`.
        """
        if not turns:
            raise InvalidRequest("turns: at least one is required.", field="turns")
        if not 0 <= pause <= MAX_PAUSE_SECONDS:
            raise InvalidRequest(
                f"pause: {pause} is not from 0 to {MAX_PAUSE_SECONDS:.0f} seconds.", field="pause"
            )
        cast = list(dict.fromkeys(presenter for presenter, _ in turns))
        said = [
            {"presenter": str(cast.index(presenter) + 1), "text": text} for presenter, text in turns
        ]
        spoken = {"turns": said, "language": language, "pause_ms": round(pause * 1000),
                  "seed": seed}  # fmt: skip
        return _make(
            cast, spoken, output_path, dimensions, fps, framing=framing, background=background,
            captions=captions, inset=False, music=music, logo=logo, quality=quality,
            on_progress=on_progress,
        )  # fmt: skip


def _make(
    cast: Sequence[Presenter],
    spoken: Mapping[str, Any],
    output_path: PathLike,
    dimensions: tuple[int, int],
    fps: int,
    *,
    framing: str,
    background: PathLike | None,
    captions: bool | Mapping[str, Any],
    inset: bool | Mapping[str, Any],
    quality: str,
    on_progress: OnProgress | None,
    **files: PathLike | None,
) -> Path:
    target = Path(output_path)
    ending = target.suffix.lower()
    chosen, behind = background_choice(_text(background), ending)
    _check_ending(ending, transparent="transparent_format" in chosen)
    presenters, pictures = joined(one.with_files for one in cast)
    if "turns" in spoken:
        for number, one in enumerate(presenters, start=1):
            one["name"] = str(number)
    params = {
        **{name: value for name, value in spoken.items() if value is not None},
        **chosen,
        "framing": framing,
        "quality": quality,
        "presenters": presenters,
        **_caption_params(captions),
        **_inset_params(inset),
    }
    given = {**files, "background": behind}
    inputs = {name: Path(path) for name, path in given.items() if path is not None}
    frame = _format(dimensions, fps)
    try:
        order = validated_order("presenter", params, {**pictures, **inputs}, frame)
        make(replace(order, outputs={"video": target}, field_names=_NAMES), on_progress)
    except (InvalidRequest, UnprocessableMedia) as error:
        raise _in_own_names(error) from error
    return target


def _text(background: PathLike | None) -> str | None:
    return None if background is None else os.fspath(background)


def _check_ending(ending: str, *, transparent: bool) -> None:
    known = _ENDINGS[1:] if transparent else _ENDINGS[:1]
    if ending not in known:
        kind = "transparent videos end" if transparent else "the video ends"
        raise InvalidRequest(
            f"output_path: {kind} in {' or '.join(known)}, not in {ending!r}.", field="output_path"
        )


def _caption_params(captions: bool | Mapping[str, Any]) -> dict[str, Any]:
    if captions is True:
        return {}
    return {"captions": None if captions is False else captions}


def _inset_params(inset: bool | Mapping[str, Any]) -> dict[str, Any]:
    if inset is False:
        return {}
    return {"inset": {} if inset is True else inset}


def _format(dimensions: tuple[int, int], fps: int) -> Format:
    try:
        return Format(width=dimensions[0], height=dimensions[1], fps=fps)
    except ValidationError as error:
        raise invalid_request(error, "dimensions") from error


def _in_own_names(
    error: InvalidRequest | UnprocessableMedia,
) -> InvalidRequest | UnprocessableMedia:
    """Return the same error about the arguments as they are called here."""
    field = _in_own_name(str(error.details.get("field", "")))
    hint = None if error.hint is None else _in_own_name(error.hint)
    details = {**error.details, "field": field or None}
    return type(error)(_in_own_name(error.message), hint=hint, **details)


def _in_own_name(text: str) -> str:
    for name, own in _NAMES.items():
        text = text.replace(name, own)
    return text
