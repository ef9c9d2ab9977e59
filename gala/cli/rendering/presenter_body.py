"""The argument BODY: a picture with a face, a folder of sprites, or a drawn character."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from gala.cli.rendering.input_files import kind_of
from gala.errors import InvalidRequest
from gala.media import MediaClass
from gala.name_suggestions import suggestion
from gala.presenter_looks import CharacterName
from gala.render_types.params.sprite_folder import read_sprite_folder

BODY: Final = "BODY"


def presenter_body(body: str, inputs: dict[str, list[Path]]) -> dict[str, Any]:
    """Return the presenter's body; its pictures are added to the inputs."""
    if body in set(CharacterName):
        return {"character": {"name": body}}
    path = Path(body)
    if path.is_dir():
        sprites, inputs["sprite"] = read_sprite_folder(path, BODY)
        return {"sprites": sprites.model_dump(mode="json", exclude_unset=True)}
    if not path.exists() and not path.suffix:
        raise InvalidRequest(
            f"{BODY}: {body!r} is no file and no character."
            f" {suggestion(body, [name.value for name in CharacterName])}",
            field=BODY,
        )
    if kind_of(path, BODY) is not MediaClass.IMAGE:
        raise InvalidRequest(f"{BODY}: {path} is not a picture", field=BODY)
    inputs["portrait"] = [path]
    return {"portrait": 1}
