"""Font files of a composition, by the name that its texts use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from gala.font_names import font_key
from gala.timeline.document.values import Source
from gala.timeline.problems import broken_rule

MAX_FAMILIES: Final = 20
MAX_FACES: Final = 20
"""Files of one family."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _has_key(name: str) -> str:
    if not font_key(name):
        raise broken_rule(
            "The name of a font has at least one letter or digit.", 'Write one such as "Acme Sans".'
        )
    return name


def _by_name(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise broken_rule(
            "The fonts are an object: files by the name that texts use.",
            'Write {"Acme Sans": "ast_…"}.',
        )
    return value


FontFamily = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
    AfterValidator(_has_key),
]
Faces = Annotated[
    tuple[Source, ...],
    Field(strict=False, min_length=1, max_length=MAX_FACES),
    BeforeValidator(_listed, json_schema_input_type=Source | tuple[Source, ...]),
]
FontFiles: TypeAlias = Annotated[
    dict[FontFamily, Faces],
    BeforeValidator(_by_name, json_schema_input_type=dict[FontFamily, Faces]),
    Field(
        max_length=MAX_FAMILIES,
        description=(
            "Fonts of your own, by the name that texts use as `font`: a file (TrueType, OpenType or"
            " WOFF), or a list of files with its weights and its italics."
        ),
        examples=[{"Acme Sans": ["ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"]}],
    ),
]


def files_of(fonts: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield the family and the number of each file, and the file."""
    for family, faces in fonts.items():
        for number, source in enumerate(faces):
            yield (family, number), source
