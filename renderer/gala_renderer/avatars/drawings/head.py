"""The head of drawn characters without features and hair, and the beard."""

from __future__ import annotations

from typing import Final

from gala.presenter_looks import Beard, CharacterOptions, FaceShape
from gala_renderer.avatars.drawings import hair
from gala_renderer.avatars.drawings.colours import HAIR_COLOURS, SKINS, SkinTones, darker, mixed
from gala_renderer.avatars.drawings.svg import Drawing

CHIN: Final = 776.0
HAIRLINE: Final = 338.0
LEFT: Final = 402.0
RIGHT: Final = 798.0
_JAW: Final = 568.0
"""Above this height, nothing changes when the jaw moves."""
_BLUSH: Final = (
    '<ellipse cx="480" cy="628" rx="66" ry="46" fill="url(#blush)"/>'
    '<ellipse cx="720" cy="628" rx="66" ry="46" fill="url(#blush)"/>'
)


def head(options: CharacterOptions, chin_drop: float) -> Drawing:
    """Return face and ears; ``chin_drop`` is how far the jaw is down."""
    skin = SKINS[options.skin]
    outline = _outline(options.face, chin_drop)
    elements = (
        f"{_ears(skin)}{_fills(skin)}"
        f'<clipPath id="face"><path d="{outline}"/></clipPath>'
        f'<path d="{outline}" fill="url(#skin)"/>'
        f'<g clip-path="url(#face)">{_shade(skin, chin_drop)}{_BLUSH}'
        f"{_hair_shadow(options, skin)}{_beard(options, chin_drop)}</g>"
    )
    return Drawing(elements, (350, 240, 850, CHIN + 60))


def jaw(options: CharacterOptions, chin_drop: float) -> Drawing:
    """Return the lower part of :func:`head`, in which is all that the jaw moves.

    It lies over the whole head at rest, which it covers wherever that shows something else.
    """
    return Drawing(head(options, chin_drop).elements, (350, _JAW, 850, CHIN + 60))


def _outline(face: FaceShape, drop: float) -> str:
    chin = CHIN + drop
    if face is FaceShape.STRONG:
        left = (
            f"C402 580 408 640 426 690C440 728 {508 - drop * 0.2:.1f} {chin + 6:.1f}"
            f" 562 {chin + 10:.1f}"
        )
        right = f"C{692 + drop * 0.2:.1f} {chin + 6:.1f} 760 728 774 690C792 640 798 580 798 480"
        middle = f"Q600 {chin + 14:.1f} 638 {chin + 10:.1f}"
    else:
        left = f"C402 572 412 628 440 676C470 724 536 {chin - 4:.1f} 576 {chin:.1f}"
        middle = f"Q600 {chin + 4:.1f} 624 {chin:.1f}"
        right = f"C664 {chin - 4:.1f} 730 724 760 676C788 628 798 572 798 480"
    return f"M600 256C478 256 402 345 402 480{left}{middle}{right}C798 345 722 256 600 256Z"


def _fills(skin: SkinTones) -> str:
    return (
        # Of the head at rest: the skin does not change its colours when the jaw moves.
        '<linearGradient id="skin" gradientUnits="userSpaceOnUse" x1="442" y1="256" x2="758"'
        f' y2="{CHIN + 6}">'
        f'<stop offset="0" stop-color="{skin.light}"/>'
        f'<stop offset="0.45" stop-color="{skin.base}"/>'
        f'<stop offset="1" stop-color="{mixed(skin.base, skin.shade, 0.35)}"/></linearGradient>'
        '<radialGradient id="blush"><stop offset="0"'
        f' stop-color="{skin.blush}" stop-opacity="0.36"/>'
        f'<stop offset="1" stop-color="{skin.blush}" stop-opacity="0"/></radialGradient>'
    )


def _ears(skin: SkinTones) -> str:
    return "".join(
        f'<g transform="translate({x} 560) scale({side} 1)">'
        f'<path d="M8 -48C-28 -62 -42 -30 -34 4C-28 34 -12 52 10 44Z" fill="{fill}"/>'
        f'<path d="M-2 -30C-22 -34 -26 -10 -18 12C-14 22 -8 26 -2 24" fill="none"'
        f' stroke="{skin.deep}" stroke-width="4" stroke-linecap="round" opacity="0.5"/></g>'
        for x, side, fill in ((404, 1, skin.base), (796, -1, skin.shade))
    )


def _shade(skin: SkinTones, drop: float) -> str:
    """Return the soft shade of the side that looks away from the light."""
    chin = CHIN + drop
    return (
        f'<path d="M720 250C772 330 780 470 766 570C756 650 700 730 610 {chin - 6:.1f}'
        f'L600 {chin + 40:.1f}H860V250Z" fill="{skin.shade}" opacity="0.42"/>'
        f'<path d="M430 470C424 540 432 600 452 640" fill="none" stroke="{skin.light}"'
        ' stroke-width="12" stroke-linecap="round" opacity="0.5"/>'
    )


def _hair_shadow(options: CharacterOptions, skin: SkinTones) -> str:
    return (
        f'<g transform="translate(6 20)" fill="{mixed(skin.shade, skin.deep, 0.35)}"'
        f' opacity="0.55">{hair.front_silhouette(options.hair)}</g>'
    )


def _beard(options: CharacterOptions, drop: float) -> str:
    if options.beard is Beard.NONE:
        return ""
    colour = darker(HAIR_COLOURS[options.hair_color], 0.15)
    opacity = 0.26 if options.beard is Beard.STUBBLE else 0.96
    path = (
        f"M396 540C420 590 430 640 462 662C500 660 540 634 574 636Q600 646 626 636"
        f"C660 634 700 660 738 662C770 640 780 590 804 540V{CHIN + 80}H396Z"
        f"M600 {700 + drop * 0.6:.1f}C560 {698 + drop * 0.5:.1f} 530 700 522 672"
        f"C540 656 570 654 600 658C630 654 660 656 678 672"
        f"C670 700 640 {698 + drop * 0.5:.1f} 600 {700 + drop * 0.6:.1f}Z"
    )
    return f'<path d="{path}" fill="{colour}" fill-rule="evenodd" opacity="{opacity}"/>'
