"""Names of the voices and variants of espeak-ng 1.52.0 in its wheel; a test compares them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from gala.errors import InvalidRequest
from gala.name_suggestions import VOICE_LISTING, suggestion

_VOICES: Final = """
    af am an ar as az ba be bg bn bpy bs ca ca-ba ca-nw ca-va chr-us-qaaa-x-west cmn
    cmn-latn-pinyin cs cv cy da de el en-029 en-gb en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd
    en-gb-x-rp en-shaw en-us en-us-nyc eo es es-419 et eu fa fa-latn fi fr-be fr-ch fr-fr ga
    gd gn grc gu hak haw he hi hr ht hu hy hyw ia id io is it ja jbo ka kk kl kn ko kok ku
    ky la lb lfn lt ltg lv mi mk ml mr ms mt mto my nb nci ne nl nog om or pa pap piqd pl pt
    pt-br py qdb qu quc qya ro ru ru-cl ru-lv sd shn si sjn sk sl smj sq sr sv sw ta te th ti tk
    tn tr tt ug uk ur uz vi vi-vn-x-central vi-vn-x-south yue yue-latn-jyutping
"""
_VARIANTS: Final = """
    Alex Alicia Andrea Andy Annie AnxiousAndy Demonic Denis Diogo Gene Gene2 Henrique Hugo Jacky
    Lee Marco Mario Michael Mike Mr_serious Nguyen Reed RicishayMax RicishayMax2 RicishayMax3
    Storm Tweaky UniRobot adam anika anikaRobot announcer antonio aunty belinda benjamin boris
    caleb croak david ed edward edward2 f1 f2 f3 f4 f5 fast grandma grandpa gustave ian iven
    iven2 iven3 iven4 john kaukovalta klatt klatt2 klatt3 klatt4 klatt5 klatt6 linda m1 m2 m3 m4
    m5 m6 m7 m8 marcelo max michel miguel mike2 norbert pablo paul pedro quincy rob robert
    robosoft robosoft2 robosoft3 robosoft4 robosoft5 robosoft6 robosoft7 robosoft8 sandro shelby
    steph steph2 steph3 travis victor whisper whisperf zac
"""

VOICES: Final = tuple(_VOICES.split())
"""The voices, which are named by their languages."""

VARIANTS: Final = tuple(name.replace("_", " ") for name in _VARIANTS.split())
"""The variants of timbre, which are appended to a voice: ``es+f3``. Some names contain spaces."""


def split_voice(
    voice: str,
    *,
    voices: Collection[str] = VOICES,
    variants: Iterable[str] = VARIANTS,
    field: str = "params.voice",
) -> tuple[str, str | None]:
    """Return the known names of a voice and of its variant, if it has one.

    Raise ``InvalidRequest`` naming ``field`` and the nearest name.
    """
    base, plus, variant = voice.partition("+")
    name = base.lower().replace("_", "-")
    if name not in voices:
        raise InvalidRequest(
            f"{field}: espeak has no voice {base!r}."
            f" {suggestion(base, voices, listing=VOICE_LISTING)}",
            field=field,
        )
    if not plus:
        return name, None
    known = {other.lower(): other for other in variants}
    if variant.lower() not in known:
        raise InvalidRequest(
            f"{field}: espeak has no variant {variant!r}. {suggestion(variant, known.values())}",
            field=field,
        )
    return name, known[variant.lower()]
