"""The table of a language by its BCP 47 tag."""

from __future__ import annotations

from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.languages.english import AMERICAN, BRITISH
from gala_renderer.speech.spoken_form.languages.french import FRENCH
from gala_renderer.speech.spoken_form.languages.german import GERMAN
from gala_renderer.speech.spoken_form.languages.italian import ITALIAN
from gala_renderer.speech.spoken_form.languages.portuguese import BRAZILIAN, PORTUGUESE
from gala_renderer.speech.spoken_form.languages.spanish import LATIN_AMERICAN, MEXICAN, SPANISH

_BY_PRIMARY: Final = {
    "de": GERMAN,
    "en": AMERICAN,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
}
_BY_REGION: Final = {
    **dict.fromkeys(("en-gb", "en-ie", "en-au", "en-nz", "en-za", "en-in"), BRITISH),
    **dict.fromkeys(
        ("es-419", "es-us", "es-gt", "es-hn", "es-ni", "es-pa", "es-pr", "es-sv"), LATIN_AMERICAN
    ),
    "es-mx": MEXICAN,
    "pt-br": BRAZILIAN,
}


def language_for(tag: str) -> SpokenLanguage | None:
    """Return the table of a language; None if there is none."""
    parts = tag.lower().replace("_", "-").split("-")
    regions = (_BY_REGION.get(f"{parts[0]}-{part}") for part in parts[1:])
    return next((found for found in regions if found), _BY_PRIMARY.get(parts[0]))
