"""Neck, shoulders and clothes of drawn characters."""

from __future__ import annotations

from typing import Final

from gala.presenter_looks import CharacterOptions, Clothes, FaceShape
from gala_renderer.avatars.drawings.colours import (
    CLOTHES_COLOURS,
    SKINS,
    SkinTones,
    darker,
    lighter,
    mixed,
)
from gala_renderer.avatars.drawings.svg import Drawing

_BOTTOM: Final = 1700
"""Below the picture's edge, so that a rising chest shows no gap."""
_SHOULDERS: Final = (
    f"M600 906C560 906 520 898 500 892C440 930 330 948 262 1004C196 1060 168 1180 150 1330"
    f"L120 {_BOTTOM}H1080L1050 1330C1032 1180 1004 1060 938 1004C870 948 760 930 700 892"
    f"C680 898 640 906 600 906Z"
)
_OPEN_SHOULDERS: Final = (
    f"M600 1046C560 990 530 930 508 880C440 926 330 948 262 1004C196 1060 168 1180 150 1330"
    f"L120 {_BOTTOM}H1080L1050 1330C1032 1180 1004 1060 938 1004C870 948 760 926 692 880"
    f"C670 930 640 990 600 1046Z"
)
"""Shoulders with an open collar."""
_ARMS: Final = f"M306 1200C300 1330 314 1480 300 {_BOTTOM}M894 1200C900 1330 886 1480 900 {_BOTTOM}"


def torso(options: CharacterOptions) -> Drawing:
    """Return neck and clothed shoulders."""
    skin = SKINS[options.skin]
    draw = {Clothes.BLAZER: _blazer, Clothes.SWEATER: _sweater, Clothes.SHIRT: _shirt}
    cloth = CLOTHES_COLOURS[options.clothes_color]
    strong = options.face is FaceShape.STRONG
    scale = 'transform="translate(600 0) scale(1.06 1) translate(-600 0)"' if strong else ""
    elements = (
        f"<g {scale}>{_definitions(cloth, skin)}{_neck(skin, wide=strong)}"
        f"{draw[options.clothes](cloth, skin)}</g>"
    )
    return Drawing(elements, (60, 680, 1140, _BOTTOM))


def _definitions(cloth: str, skin: SkinTones) -> str:
    return (
        '<linearGradient id="cloth" x1="0.1" y1="0" x2="0.9" y2="1">'
        f'<stop offset="0" stop-color="{lighter(cloth, 0.14)}"/>'
        f'<stop offset="0.5" stop-color="{cloth}"/>'
        f'<stop offset="1" stop-color="{darker(cloth, 0.26)}"/></linearGradient>'
        '<linearGradient id="neck" x1="0" y1="0" x2="1" y2="0.25">'
        f'<stop offset="0" stop-color="{skin.base}"/>'
        f'<stop offset="1" stop-color="{skin.shade}"/></linearGradient>'
    )


def _neck(skin: SkinTones, *, wide: bool) -> str:
    w = 86 if wide else 70
    return (
        f'<path d="M{600 - w} 690V850C{600 - w} 890 500 900 452 930L600 1090L748 930'
        f'C700 900 {600 + w} 890 {600 + w} 850V690Z" fill="url(#neck)"/>'
        f'<path d="M{600 - w} 760C{600 - w} 826 560 850 612 852C650 852 {600 + w} 836'
        f' {600 + w} 800V690H{600 - w}Z" fill="{skin.deep}" opacity="0.5"/>'
        f'<path d="M524 930C548 944 572 948 588 962M676 930C652 944 628 948 612 962" fill="none"'
        f' stroke="{skin.deep}" stroke-width="5" stroke-linecap="round" opacity="0.3"/>'
    )


def _blazer(cloth: str, skin: SkinTones) -> str:
    dark, light = darker(cloth, 0.3), lighter(cloth, 0.16)
    blouse = mixed("#fdf7f0", skin.light, 0.12)
    return (
        f'<path d="M478 930C520 1010 560 1060 600 1080C640 1060 680 1010 722 930L790 1180'
        f'L600 {_BOTTOM}L410 1180Z" fill="{blouse}"/>'
        '<path d="M478 930C520 1010 560 1060 600 1080C640 1060 680 1010 722 930" fill="none"'
        ' stroke="#d9cbbd" stroke-width="6" opacity="0.8"/>'
        f'<path d="M482 896C440 930 330 948 262 1004C196 1060 168 1180 150 1330L120 {_BOTTOM}H640'
        f'L600 1440C540 1300 496 1100 482 896Z" fill="url(#cloth)"/>'
        f'<path d="M718 896C760 930 870 948 938 1004C1004 1060 1032 1180 1050 1330L1080 {_BOTTOM}'
        f'H560L600 1440C660 1300 704 1100 718 896Z" fill="url(#cloth)"/>'
        f'<path d="M482 896L404 948L420 1060L372 1084C420 1220 520 1360 600 1440'
        f'C540 1300 496 1100 482 896Z" fill="{light}"/>'
        f'<path d="M718 896L796 948L780 1060L828 1084C780 1220 680 1360 600 1440'
        f'C660 1300 704 1100 718 896Z" fill="{mixed(cloth, dark, 0.35)}"/>'
        f'<path d="M420 1060L372 1084M780 1060L828 1084M600 1440L606 {_BOTTOM}" fill="none"'
        f' stroke="{dark}" stroke-width="5" stroke-linecap="round"/>'
        f'<path d="{_ARMS}" fill="none" stroke="{dark}" stroke-width="6" opacity="0.5"/>'
        f'<circle cx="640" cy="1506" r="15" fill="{dark}"/>'
        f'<circle cx="637" cy="1503" r="6" fill="{light}"/>'
    )


def _sweater(cloth: str, skin: SkinTones) -> str:
    del skin
    dark = darker(cloth, 0.3)
    ribs = "".join(
        f'<path d="M{x} {y}l{dx} 44"/>'
        for x, y, dx in (
            (500, 884, 10),
            (524, 902, 8),
            (552, 914, 5),
            (583, 920, 2),
            (617, 920, -2),
            (648, 914, -5),
            (676, 902, -8),
            (700, 884, -10),
        )
    )
    return (
        f'<path d="{_SHOULDERS}" fill="url(#cloth)"/>'
        f'<path d="M484 868C520 922 680 922 716 868L738 908C700 986 500 986 462 908Z"'
        f' fill="{lighter(cloth, 0.1)}"/>'
        f'<path d="M462 908C500 986 700 986 738 908" fill="none" stroke="{dark}"'
        ' stroke-width="6" opacity="0.6"/>'
        f'<g fill="none" stroke="{dark}" stroke-width="4" opacity="0.4"'
        f' stroke-linecap="round">{ribs}</g>'
        f'<path d="{_ARMS}" fill="none" stroke="{dark}" stroke-width="7" opacity="0.45"/>'
        f'<path d="M330 1000C300 1040 280 1100 270 1170" fill="none"'
        f' stroke="{lighter(cloth, 0.4)}" stroke-width="16" stroke-linecap="round"'
        ' opacity="0.3"/>'
    )


def _shirt(cloth: str, skin: SkinTones) -> str:
    del skin
    dark, light = darker(cloth, 0.3), lighter(cloth, 0.2)
    return (
        f'<path d="{_OPEN_SHOULDERS}" fill="url(#cloth)"/>'
        f'<path d="M508 858L470 912L540 1030L600 1046C560 990 530 930 508 858Z" fill="{light}"/>'
        f'<path d="M692 858L730 912L660 1030L600 1046C640 990 670 930 692 858Z"'
        f' fill="{mixed(light, cloth, 0.5)}"/>'
        f'<path d="M470 912L540 1030L600 1046L660 1030L730 912" fill="none" stroke="{dark}"'
        ' stroke-width="5" stroke-linejoin="round" opacity="0.55"/>'
        f'<path d="M600 1046V{_BOTTOM}" stroke="{dark}" stroke-width="5" opacity="0.6"/>'
        + "".join(
            f'<circle cx="614" cy="{y}" r="8" fill="{light}" stroke="{dark}" stroke-width="3"/>'
            for y in (1110, 1240, 1370, 1500)
        )
        + f'<path d="{_ARMS}" fill="none" stroke="{dark}" stroke-width="7" opacity="0.45"/>'
    )
