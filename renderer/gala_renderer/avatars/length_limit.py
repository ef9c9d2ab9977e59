"""Refuses voices that are longer than presenters can speak."""

from __future__ import annotations

from typing import Final

from gala.errors import InvalidRequest, UnprocessableMedia
from gala.render_types.presenter import PresenterParams
from gala_renderer.avatars.motion.tracks import MAX_SECONDS
from gala_renderer.probe.media import Media

_VOICE: Final = "inputs.voice_asset_id"
_DIVIDE: Final = "Divide it into several videos."


def check_recording(recording: Media) -> None:
    """Raise ``UnprocessableMedia`` if a recording is too long."""
    seconds = recording.sound_end
    if seconds > MAX_SECONDS:
        raise UnprocessableMedia(
            f"{_VOICE}: the recording is {_hours(seconds)} long; {_most()}.",
            hint=_DIVIDE,
            field=_VOICE,
        )


def check_speech(params: PresenterParams, seconds: float) -> None:
    """Raise ``InvalidRequest`` if what is said takes too long."""
    if seconds > MAX_SECONDS:
        field = "params.turns" if params.turns else "params.text"
        raise InvalidRequest(
            f"{field}: this takes {_hours(seconds)} to say; {_most()}.", hint=_DIVIDE, field=field
        )


def _most() -> str:
    return f"presenters speak for at most {_hours(MAX_SECONDS)}"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.2f} hours"
