"""The arguments BODY: pictures with a face, folders of sprites, or drawn characters."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from gala.cli.rendering.input_files import kind_of
from gala.errors import InvalidRequest
from gala.ids import Prefix, is_id
from gala.media import MediaClass
from gala.name_suggestions import suggestion
from gala.presenter_looks import CharacterName
from gala.render_types.params.presenter_files import PresenterWithFiles
from gala.render_types.params.presenters import FacePoint
from gala.render_types.params.sprite_folder import read_sprite_folder

BODY: Final = "BODY"
POINTS: Final = "--points"
_SCRIPT_LINE: Final = re.compile(r"(?P<name>[^\W\d_][^:.,;?!¿¡]{0,29}):(?!\S)\s*\S")
"""A line of a script: a name, and what is said."""
_POINT: Final = re.compile(r"([^=\s]+)=([^,\s]+),([^,\s]+)")


def presenter_body(body: str, label: str = BODY) -> PresenterWithFiles:
    """Return the presenter with that body, and its pictures. Raise InvalidRequest for ``label``."""
    if body in set(CharacterName):
        return PresenterWithFiles({"character": {"name": body}}, {})
    path = Path(body)
    if path.is_dir():
        sprites, files = read_sprite_folder(path, label)
        found = {"sprites": sprites.model_dump(mode="json", exclude_unset=True)}
        return PresenterWithFiles(found, {"sprite": files})
    if is_id(Prefix.MODEL, body):
        raise InvalidRequest(
            f"{label}: {body} is a model, which a server has",
            field=label,
            hint=f'gala submit presenter --model {body} -p text="…" --out .',
        )
    if not path.exists() and not path.suffix:
        raise InvalidRequest(
            f"{label}: {body!r} is no file and no character."
            f" {suggestion(body, [name.value for name in CharacterName])}",
            field=label,
        )
    if kind_of(path, label) not in {MediaClass.IMAGE, MediaClass.VIDEO}:
        raise InvalidRequest(
            f"{label}: {path} is no picture, no video and no character"
            f" ({', '.join(CharacterName)})",
            field=label,
            hint=f"gala present {CharacterName.GALA} --file {shlex.quote(str(path))}"
            if _is_text(path)
            else None,
        )
    return PresenterWithFiles({"portrait": 1}, {"portrait": [path]})


def _is_text(path: Path) -> bool:
    """Return True if a file is a text, which somebody is to speak."""
    return path.suffix.lower() in {".txt", ".md"}


def face_points(options: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Return the points of ``--points``: ``left_eye=0.4,0.42``, perhaps several with spaces."""
    found: dict[str, tuple[float, float]] = {}
    for word in (word for option in options for word in option.split()):
        matched = _POINT.fullmatch(word)
        try:
            name, x, y = matched.groups() if matched else ("", "", "")
            found[_point_name(name)] = float(x), float(y)
        except ValueError as error:
            raise InvalidRequest(
                f"{POINTS}: {word[:60]!r} is not a point; write NAME=X,Y in fractions of the"
                " picture: left_eye=0.4,0.42",
                field=POINTS,
            ) from error
    return found


def _point_name(name: str) -> str:
    """Return the name of a point. Raise InvalidRequest, or ValueError without a name."""
    names = [point.value for point in FacePoint]
    if name and name not in names:
        raise InvalidRequest(
            f"{POINTS}: there is no point {name!r}. {suggestion(name, names)}", field=POINTS
        )
    return FacePoint(name).value


def body_names(bodies: Iterable[str]) -> dict[str, str]:
    """Return the numbers of presenters, as text, by the names that lines of a dialogue may have.

    Their names are their numbers, and those of their characters, files or folders, in lower case,
    unless two have the same.
    """
    stems = [body if body in set(CharacterName) else Path(body).resolve().stem for body in bodies]
    keys = [stem.casefold() for stem in stems]
    numbers = [str(number) for number in range(1, len(keys) + 1)]
    own = {key: number for key, number in zip(keys, numbers, strict=True) if keys.count(key) == 1}
    return {**own, **{number: number for number in numbers}}


def dialogue_turns(text: str, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a turn for each line that is not empty: ``1: Hello``, or those of all in turn.

    ``names`` are the presenters' names by what lines begin with, in lower case. If each line begins
    with a name, and the names are others, the first one is the first presenter's, and so on.
    """
    order = list(dict.fromkeys(sorted(names.values(), key=int)))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    names = _script_names(lines, names, order) or names
    turns: list[dict[str, str]] = []
    last = -1
    for line in lines:
        label, colon, said = line.partition(":")
        named = names.get(_name_key(label)) if colon else None
        last = (last + 1) % len(order) if named is None else order.index(named)
        turns.append({"presenter": order[last], "text": line if named is None else said.strip()})
    return turns


def _name_key(label: str) -> str:
    return label.strip().casefold()


def _script_names(
    lines: Sequence[str], names: Mapping[str, str], order: Sequence[str]
) -> dict[str, str]:
    """Return the presenters by the names in a script, which are none of theirs; else nothing."""
    found = [_SCRIPT_LINE.match(line) for line in lines]
    labels = list(dict.fromkeys(_name_key(one["name"]) for one in found if one is not None))
    is_script = None not in found and 2 <= len(labels) <= len(order)
    if not is_script or not names.keys().isdisjoint(labels):
        return {}
    return dict(zip(labels, order, strict=False))
