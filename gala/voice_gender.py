"""The genders of voices."""

from __future__ import annotations

from enum import StrEnum


class VoiceGender(StrEnum):
    """Gender of a voice."""

    FEMALE = "female"
    MALE = "male"
