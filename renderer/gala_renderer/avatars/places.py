"""What errors about presenters name: fields of jobs, JSON pointers of compositions."""

from __future__ import annotations


def within(place: str, *names: str) -> str:
    """Return the place of a value within another; it is a field or a JSON pointer, as that is."""
    return ("/" if _is_pointer(place) else ".").join((place, *names))


def picture_place(presenter: str, file: str) -> str:
    """Return what errors about the picture of a presenter name: its field, or its pointer.

    ``presenter`` is the place of the presenter, ``file`` the field of the file.
    """
    return within(presenter, "src") if _is_pointer(presenter) else file


def _is_pointer(place: str) -> bool:
    return place.startswith("/")
