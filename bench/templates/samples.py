"""Params for templates: texts of a given length in Spanish, Arabic and Japanese, with emoji."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import cycle, islice
from typing import Any, Final

from gala.templates.builtin import BuiltinTemplate
from gala.templates.params_schema import expand

PICTURE: Final = "picture"
SOUND: Final = "sound"
_USUAL_CHARACTERS: Final = 24
"""Of a param that the template's example leaves out."""
_EMOJI: Final = "🎉"


class Language(StrEnum):
    """The languages, which stand for their scripts."""

    SPANISH = "es"
    ARABIC = "ar"
    JAPANESE = "ja"


class Length(StrEnum):
    """How long texts are, compared with those of the template's example."""

    WORD = "one word"
    HALF = "half"
    USUAL = "as expected"
    DOUBLE = "double"
    FIVE = "five times"


_FACTORS: Final[Mapping[Length, float]] = {
    Length.WORD: 0.0,
    Length.HALF: 0.5,
    Length.USUAL: 1.0,
    Length.DOUBLE: 2.0,
    Length.FIVE: 5.0,
}
_TEXTS: Final[Mapping[Language, str]] = {
    Language.SPANISH: "Mañana ¿sabías que el faro vuelve a iluminar la extraordinariamente larga"
    " costa del norte, después de cien años de silencio y niebla?",
    Language.ARABIC: "غدًا يضيء الفنار من جديد ساحل الشمال الطويل بعد مئة عام من الصمت والضباب"
    " الكثيف، فهل تأتون معنا؟",
    Language.JAPANESE: "明日、百年の沈黙と霧のあとで、灯台がふたたび北の長い海岸を照らします。"
    "インターネットでもご覧になれますので、ぜひお越しください。",
}
_WORDS: Final[Mapping[Language, str]] = {
    Language.SPANISH: "Mañana",
    Language.ARABIC: "غدًا",
    Language.JAPANESE: "明日",
}


def text(language: Language, characters: int) -> str:
    """Return a text of about so many Latin characters, the last of which is an emoji."""
    if language is Language.JAPANESE:  # its characters are twice as wide, and say twice as much
        wanted = max(1, characters // 2)
        return "".join(islice(cycle(_TEXTS[language]), wanted)) + _EMOJI
    words: list[str] = []
    for word in cycle(_TEXTS[language].split()):
        if words and len(" ".join([*words, word])) > characters:
            break
        words.append(word)
    return f"{' '.join(words)} {_EMOJI}"


def params(template: BuiltinTemplate, language: Language, length: Length) -> dict[str, Any]:
    """Return the params of a template with texts of a length.

    Pictures are given with every other length, and what may be left out is, with single words in
    Spanish.
    """
    schema = expand(template.composition.params_schema)
    filler = _Filler(language, length)
    return {
        name: value
        for name, one in schema["properties"].items()
        if not (filler.is_minimal and "null" in one.get("type", ()))
        and (value := filler.value(one, template.example.get(name))) is not None
    }


class _Filler:
    def __init__(self, language: Language, length: Length):
        self._language = language
        self._length = length

    @property
    def is_minimal(self) -> bool:
        """Return True if params that can be left out are."""
        return (self._language, self._length) == (Language.SPANISH, Length.WORD)

    def value(self, schema: Mapping[str, Any], example: Any) -> Any:
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "object" and isinstance(example, Mapping):
            found = {
                name: self.value(one, example.get(name))
                for name, one in schema["properties"].items()
            }
            return {name: one for name, one in found.items() if one is not None}
        if kind == "array" and isinstance(example, list):
            return [self.value(schema["items"], one) for one in example]
        if kind != "string" or {"enum", "pattern"} & schema.keys():
            return example
        return self._file(schema, example) if "format" in schema else self._text(schema, example)

    def _text(self, schema: Mapping[str, Any], example: Any) -> str:
        usual = len(example) if isinstance(example, str) else _USUAL_CHARACTERS
        if self._length is Length.WORD:
            return _WORDS[self._language]
        most = schema.get("maxLength", 10_000) - 2
        return text(self._language, min(round(usual * _FACTORS[self._length]), most))[:most]

    def _file(self, schema: Mapping[str, Any], example: Any) -> str | None:
        kind = schema["format"]
        if kind == "image":
            has_pictures = self._length in {Length.HALF, Length.DOUBLE}
            return PICTURE if has_pictures or example else None
        return SOUND if kind == "audio" and example else None
