"""The videos of ``gala demo``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from gala.cli import sample_media
from gala.cli.commands.smoke import run_presenter, run_smoke, run_spoken
from gala.cli.progress import ShowProgress
from gala.client import GalaClient
from gala.media import AssetKind, Format

SPOKEN: Final = {
    "hola": (
        "es",
        (
            "Hola, esto es GALA. Un texto y una imagen entran, y sale un vídeo hablado, con cada"
            " palabra en su momento. Todo en tu propio ordenador, sin nube."
        ),
    ),
    "hello-spoken": (
        "en",
        (
            "Hello, this is GALA. A text and a picture go in, and out comes a spoken video, every"
            " word right on time. All of it on your own computer, without a cloud."
        ),
    ),
}
"""Language and text of the spoken videos, by file name."""
DRAWN: Final = (
    "Hola, soy Gala, una presentadora dibujada. Escribe un texto y lo cuento yo, sin cámaras, sin"
    " estudio y sin nube."
)
PAINTED: Final = (
    "Yo soy un retrato. A mí me ha pintado un programa, pero también puede hablar tu propia"
    " foto: basta con una."
)
PAINTED_VOICE: Final = "em_alex"
"""The voice of the painted man, where it is installed."""


@dataclass(frozen=True)
class DemoVideo:
    """A video of the demo."""

    title: str
    make: Callable[[ShowProgress], None]


class DemoStudio:
    """Makes the videos of the demo; sample media are written to ``home``, the videos to ``out``."""

    def __init__(self, client: GalaClient, home: Path, out: Path, frame: Format | None) -> None:
        self._client = client
        self._home = home
        self._out = out
        self._frame = frame

    def videos(self, *, faces: bool) -> Iterator[DemoVideo]:
        """Yield the videos in order; a portrait speaks only if ``faces`` can be found."""
        yield DemoVideo("a text on a black background", self._hello)
        yield DemoVideo(
            "the same text on an uploaded photo, with an uploaded song", self._hello_photo
        )
        for stem, (language, text) in SPOKEN.items():
            make = partial(self._spoken, stem, language, text)
            yield DemoVideo(f"a spoken, captioned video ({language})", make)
        yield DemoVideo("a drawn presenter (es)", self._drawn)
        if faces:
            yield DemoVideo("a painted portrait that speaks (es)", self._painted)

    def _hello(self, show: ShowProgress) -> None:
        run_smoke(self._client, self._out, frame=self._frame, show=show)

    def _hello_photo(self, show: ShowProgress) -> None:
        photo, song = self._home / "photo.jpg", self._home / "song.wav"
        sample_media.paint_photo(photo)
        sample_media.play_song(song)
        run_smoke(
            self._client,
            self._out,
            stem="hello-photo",
            background=photo,
            music=song,
            frame=self._frame,
            show=show,
        )

    def _spoken(self, stem: str, language: str, text: str, show: ShowProgress) -> None:
        run_spoken(
            self._client,
            self._out,
            stem=stem,
            text=text,
            language=language,
            picture=self._tall_photo(),
            frame=self._frame,
            show=show,
        )

    def _drawn(self, show: ShowProgress) -> None:
        background = {"background_asset_id": (AssetKind.BACKGROUND, self._tall_photo())}
        self._present("presenter", {"text": DRAWN}, background, show)

    def _painted(self, show: ShowProgress) -> None:
        picture = self._home / "painted-portrait.jpg"
        if self._frame is None:
            sample_media.paint_portrait(picture)
        else:
            sample_media.paint_portrait(picture, width=self._frame.width, height=self._frame.height)
        params = {"text": PAINTED}
        if any(one["id"] == PAINTED_VOICE for one in self._client.voices(language="es")):
            params["voice"] = PAINTED_VOICE
        portrait = {"portrait_asset_ids": (AssetKind.AVATAR_INPUT, picture)}
        self._present("portrait", params, portrait, show)

    def _present(
        self,
        stem: str,
        params: Mapping[str, Any],
        inputs: Mapping[str, tuple[AssetKind, Path]],
        show: ShowProgress,
    ) -> None:
        run_presenter(
            self._client,
            self._out,
            stem=stem,
            params={"language": "es", **params},
            inputs=inputs,
            frame=self._frame,
            show=show,
        )

    def _tall_photo(self) -> Path:
        photo = self._home / "tall-photo.jpg"
        if not photo.exists():
            sample_media.paint_photo(photo, width=1080, height=1920)
        return photo
