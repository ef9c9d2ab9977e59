"""Templates as folders: ``template.json``, and the files that it names in ``assets/``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.media import Format
from gala.templates.builtin import BuiltinTemplate
from gala.templates.filling import Composition
from gala.validation import invalid_request

TEMPLATE_FILE: Final = "template.json"
ASSETS: Final = "assets"
PREVIEW: Final = "preview.jpg"
_FIELDS: Final = (
    "name",
    "type",
    "description",
    "duration_ms",
    "format",
    "params_schema",
    "defaults",
    "composition",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFolder:
    """A template in a folder."""

    folder: Path
    fields: Mapping[str, Any] = field(default_factory=dict)
    """As in requests for templates; files are paths from the folder: ``assets/logo.png``."""

    @property
    def format(self) -> Format | None:
        """Size and frame rate, if the template has its own."""
        found = self.fields.get("format")
        return None if found is None else Format.model_validate(found)

    @property
    def composition(self) -> Composition:
        """The composition, whose files are paths on this machine.

        Raise InvalidRequest if the template has none.
        """
        if self.fields.get("composition") is None:
            raise InvalidRequest(
                f"{self.folder}: The template has no composition, but default params of"
                f" {self.fields.get('type')}.",
                hint="`gala templates import` sends it to a server, `gala submit` uses it there.",
            )
        placed = self.with_files(str)
        return Composition(
            document=placed["composition"],
            params_schema=placed.get("params_schema") or {},
            defaults=placed.get("defaults") or {},
        )

    def files(self) -> dict[str, Path]:
        """Return the files that the template names, by the path that it names them by."""
        found: dict[str, Path] = {}
        for part in ("composition", "defaults"):
            for text in texts_in(self.fields.get(part)):
                if text.startswith(f"{ASSETS}/"):
                    found[text] = self._file(text)
        return found

    def with_files(self, named: Callable[[Path], str]) -> dict[str, Any]:
        """Return the fields with another name for each file, such as an asset's id."""
        names = {text: named(file) for text, file in self.files().items()}
        parts = {
            part: replaced(self.fields.get(part), names) for part in ("composition", "defaults")
        }
        return {**self.fields, **{name: one for name, one in parts.items() if one is not None}}

    def _file(self, text: str) -> Path:
        path = PurePosixPath(text)
        file = self.folder.joinpath(*path.parts)
        if ".." in path.parts or not file.is_file():
            raise InvalidRequest(f"{self.folder / TEMPLATE_FILE}: There is no file {text!r}.")
        return file


def read_folder(folder: Path) -> TemplateFolder:
    """Return the template in a folder. Raise InvalidRequest if there is none."""
    file = folder / TEMPLATE_FILE
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise InvalidRequest(f"{folder} has no {TEMPLATE_FILE}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{file} is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise InvalidRequest(f"{file}: a template is an object: {{…}}")
    unknown = sorted(data.keys() - set(_FIELDS))
    if unknown:
        raise InvalidRequest(
            f"{file}: A template has no field {unknown[0]!r}; it has: {', '.join(_FIELDS)}."
        )
    if not isinstance(data.get("name"), str):
        raise InvalidRequest(f'{file}: A template needs its name; add "name": "…".')
    _check_objects(file, data)
    return TemplateFolder(folder=folder, fields=data)


def _check_objects(file: Path, data: Mapping[str, Any]) -> None:
    for name in ("params_schema", "defaults", "composition"):
        if not isinstance(data.get(name), dict | None):
            raise InvalidRequest(f"{file}: {name}: An object is required: {{…}}")
    try:
        if data.get("format") is not None:
            Format.model_validate(data["format"])
    except ValidationError as error:
        problem = invalid_request(error, "format").message
        raise InvalidRequest(
            f"{file}: {problem}", hint='"format": {"width": 1080, "height": 1920, "fps": 30}'
        ) from error


def write_folder(folder: Path, fields: Mapping[str, Any]) -> None:
    """Write ``template.json``. Its files are already in ``assets/``."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: fields[name] for name in _FIELDS if fields.get(name) is not None}
    text = json.dumps(kept, ensure_ascii=False, indent=2)
    (folder / TEMPLATE_FILE).write_text(f"{text}\n", encoding="utf-8")


def write_builtin(template: BuiltinTemplate, folder: Path) -> None:
    """Write a built-in template and its picture, to be changed and imported."""
    content = template.composition
    fields = {
        "name": template.name,
        "type": "timeline",
        "description": template.description,
        "format": template.format.model_dump(),
        "params_schema": content.params_schema,
        "defaults": content.defaults,
        "composition": content.document,
    }
    write_folder(folder, fields)
    (folder / PREVIEW).write_bytes(template.preview)


def replaced(value: Any, names: Mapping[str, str]) -> Any:
    """Return JSON data in which texts that are a name in ``names`` are replaced."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [replaced(one, names) for one in value]
    if isinstance(value, dict):
        return {key: replaced(one, names) for key, one in value.items()}
    return value


def texts_in(value: Any) -> Iterator[str]:
    """Yield all texts of JSON data, such as the ids of assets among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
