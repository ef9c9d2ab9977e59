"""Brand kits: logo, colors, fonts, voice and captions of a brand, saved once, used by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Color
from gala.render_types.params.pronunciations import PronunciationList
from gala.render_types.params.voice import VoiceParams
from gala.timeline.document.font_files import FontFiles, files_of
from gala.timeline.document.subtitles import CaptionLook
from gala.timeline.document.texts import FontName
from gala.timeline.document.values import Source

BRAND_NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,62}$"
BrandName = Annotated[str, StringConstraints(pattern=BRAND_NAME_PATTERN)]
"""Lower-case letters, digits and ``. _ -``: it is part of URLs."""


_FILES: Final = ("logo", "intro", "outro", "music")
"""Fields of a kit that name a file."""


class BrandColors(TypeParams):
    """Colors by what they are for."""

    background: Color = Field(default="#0b1220", description="Behind everything.")
    surface: Color = Field(default="#16213a", description="Panels on the background.")
    text: Color = Field(default="#f8fafc", description="Text on background and panels.")
    muted: Color = Field(default="#a9b4c8", description="Text that matters less.")
    primary: Color = Field(default="#5b8cff", description="Bars, lines, buttons.")
    on_primary: Color = Field(default="#ffffff", description="Text on the primary color.")
    accent: Color = Field(default="#ffb454", description="What stands out.")


class BrandFonts(TypeParams):
    """Fonts by what they are for; by default a sans serif font that has every script."""

    heading: FontName | None = Field(default=None, description="Font of titles.")
    body: FontName | None = Field(default=None, description="Font of all other texts.")
    files: FontFiles = Field(default={})


# Built at once: FastAPI silences pydantic's warning about a body's alias only while it builds it.
class BrandKit(TypeParams, defer_build=False):
    """What films of a brand have in common. Files are assets (`ast_…`), URLs, or paths."""

    logo: Source | None = Field(default=None, description="A picture, best with transparency.")
    intro: Source | None = Field(default=None, description="A video to start with.")
    outro: Source | None = Field(default=None, description="A video to end with.")
    music: Source | None = Field(default=None, description="Music under films.")
    colors: BrandColors = BrandColors()
    fonts: BrandFonts = BrandFonts()
    captions: CaptionLook | None = Field(default=None, description="Look of captions.")
    voice: VoiceParams | None = Field(default=None, description="Voice, where none is set.")
    pronunciations: PronunciationList = Field(
        default=(), description="How names and words are spoken."
    )

    @property
    def variables(self) -> dict[str, Any]:
        """The members of ``brand`` in expressions."""
        return {
            "logo": self.logo,
            "intro": self.intro,
            "outro": self.outro,
            "music": self.music,
            "colors": self.colors.model_dump(mode="json"),
            "fonts": self.fonts.model_dump(mode="json"),
            "language": None if self.voice is None else self.voice.language,
            "captions": {"highlight_color": self.colors.accent, **self.caption_look},
        }

    @property
    def caption_look(self) -> dict[str, Any]:
        """The fields of captions that the brand sets: its look, else its font and its accent."""
        look: dict[str, Any] = {}
        if self.fonts.body is not None:
            look["font"] = self.fonts.body
        if "accent" in self.colors.model_fields_set:
            look["highlight_color"] = self.colors.accent
        if self.captions is not None:
            look |= self.captions.model_dump(mode="json", exclude_unset=True)
        return look

    @property
    def files(self) -> Iterator[tuple[str, str]]:
        """The files that it names, by field."""
        for name in _FILES:
            source = getattr(self, name)
            if source is not None:
                yield name, source
        for place, source in files_of(self.fonts.files):
            yield ".".join(("fonts.files", *map(str, place))), source

    def with_sources(self, names: Mapping[str, str]) -> BrandKit:
        """Return the kit with other names of its files, by the present ones."""
        update: dict[str, Any] = {
            name: names.get(getattr(self, name)) for name in _FILES if getattr(self, name) in names
        }
        fonts = {
            family: tuple(names.get(one, one) for one in faces)
            for family, faces in self.fonts.files.items()
        }
        if fonts:
            update["fonts"] = self.fonts.model_copy(update={"files": fonts})
        return self.model_copy(update=update)

    @property
    def named_fonts(self) -> Iterator[tuple[str, str]]:
        """The fonts that it names, by field."""
        named = {"fonts.heading": self.fonts.heading, "fonts.body": self.fonts.body}
        named["captions.font"] = None if self.captions is None else self.captions.font
        for field, name in named.items():
            if name is not None:
                yield field, name

    def applied_to(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return a composition with the brand's voice and its pronunciations, where it has none."""
        found = dict(document)
        voice = self._voice(found.get("voice"))
        if voice:
            found["voice"] = voice
        return found

    def _voice(self, own: Any) -> Any:
        return own if own is not None and not isinstance(own, dict) else self.with_voice(own or {})

    def with_voice(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the params of a voice with the brand's, where they choose none."""
        found = dict(params)
        if self.voice is not None and not {"engine", "voice", "language"} & found.keys():
            found = {**self.voice.model_dump(mode="json", exclude_unset=True), **found}
        own = found.get("pronunciations", [])
        if self.pronunciations and isinstance(own, list | tuple):
            # Params are not checked yet.
            own_texts = [one.get("text") for one in own if isinstance(one, dict)]
            listed = (one for one in self.pronunciations if one.text not in own_texts)
            added = [one.model_dump(mode="json", exclude_none=True) for one in listed]
            found["pronunciations"] = [*own, *added]
        return found


NEUTRAL: Final = BrandKit()
"""The kit of films without a brand."""
