"""Hair styles of drawn characters: what lies behind the head, and what lies before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gala.presenter_looks import CharacterOptions, Hair
from gala_renderer.avatars.drawings.colours import HAIR_COLOURS, darker, lighter
from gala_renderer.avatars.drawings.svg import Drawing


@dataclass(frozen=True, slots=True)
class _Style:
    """Outlines, and the strands of light and of shade drawn into them."""

    front: str
    back: str
    shine: str
    strands: str


def _cloud(circles: tuple[tuple[int, int, int], ...]) -> str:
    return "".join(
        f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0Z" for x, y, r in circles
    )


_STYLES: Final = {
    Hair.WAVY: _Style(
        front=(
            "M548 214C448 212 372 290 362 412C354 500 376 560 366 640C358 716 322 760 330 840"
            "C336 900 372 930 396 984C410 930 444 900 434 836C426 780 388 740 392 668"
            "C396 580 416 488 462 434C506 396 544 362 566 318C600 384 668 414 726 446"
            "C784 480 806 566 808 664C812 740 776 782 768 838C760 900 792 930 806 984"
            "C830 930 866 898 870 838C876 760 842 716 834 640C826 560 846 500 838 412"
            "C826 284 716 200 548 214Z"
        ),
        back=(
            "M600 214C440 206 356 310 346 470C340 620 352 720 330 820C312 920 350 1000 430 1030"
            "H770C850 1000 888 920 870 820C848 720 860 620 854 470C844 310 760 206 600 214Z"
        ),
        shine="M432 372C452 316 492 276 536 258M616 262C690 280 752 322 784 392",
        strands=(
            "M566 318C540 290 520 270 548 224M404 470C396 560 410 620 380 700"
            "C368 740 352 790 364 850M806 500C816 580 800 640 828 716C842 760 844 800 832 858"
            "M640 372C600 330 586 280 600 232"
        ),
    ),
    Hair.BOB: _Style(
        front=(
            "M600 206C452 202 362 292 358 440C354 560 352 660 372 740C386 768 414 772 430 752"
            "C406 660 400 560 412 470C440 452 466 440 486 420C500 434 520 440 540 432"
            "C560 446 590 446 612 434C640 448 668 446 690 432C712 442 740 450 788 470"
            "C800 560 794 660 770 752C786 772 814 768 828 740C848 660 846 560 842 440"
            "C838 292 748 202 600 206Z"
        ),
        back=(
            "M600 206C440 204 356 310 354 470C350 600 350 700 376 780C440 812 760 812 824 780"
            "C850 700 850 600 846 470C844 310 760 204 600 206Z"
        ),
        shine="M428 352C468 292 540 268 612 270C690 272 742 304 770 352",
        strands=(
            "M486 420C482 380 492 340 520 300M612 434C606 380 612 330 624 280"
            "M690 432C700 390 700 350 684 310M386 560C380 620 386 690 396 740"
            "M816 560C822 620 816 690 806 740"
        ),
    ),
    Hair.BUN: _Style(
        front=(
            "M600 216C470 212 392 296 384 420C382 460 386 492 396 520C404 470 424 424 462 394"
            "C520 350 570 340 640 346C700 352 756 384 782 430C796 460 802 490 804 520"
            "C814 492 818 460 816 420C808 296 730 212 600 216Z"
        ),
        back=(
            "M600 210C464 208 386 300 388 440C390 520 396 600 420 640H780C804 600 810 520 812 440"
            "C814 300 736 208 600 210Z" + _cloud(((600, 168, 92),))
        ),
        shine="M436 366C470 306 540 280 610 282M548 118C572 96 622 92 650 116",
        strands=(
            "M462 394C480 330 540 290 592 226M640 346C640 300 626 260 608 226"
            "M782 430C760 350 700 290 624 228"
        ),
    ),
    Hair.CURLY: _Style(
        front=_cloud(
            (
                (408, 452, 50),
                (400, 380, 66),
                (444, 322, 70),
                (512, 284, 74),
                (592, 268, 78),
                (674, 280, 76),
                (744, 318, 70),
                (794, 380, 64),
                (796, 452, 48),
                (520, 340, 56),
                (600, 330, 60),
                (684, 344, 54),
            )
        ),
        back=_cloud(
            (
                (600, 300, 200),
                (420, 330, 130),
                (780, 330, 130),
                (350, 460, 118),
                (850, 460, 118),
                (362, 600, 110),
                (838, 600, 110),
                (420, 700, 84),
                (780, 700, 84),
                (500, 210, 120),
                (700, 210, 120),
                (600, 560, 220),
            )
        ),
        shine="M430 300C446 274 470 260 496 262M560 226C590 212 620 212 646 228",
        strands=(
            "M470 330C490 300 530 300 540 330M600 300C630 280 670 290 672 324"
            "M730 350C750 330 784 344 780 374M420 400C430 376 460 376 466 400"
        ),
    ),
    Hair.SHORT: _Style(
        front=(
            "M398 512C386 470 382 430 388 396C372 380 384 340 404 320C398 280 440 240 476 238"
            "C500 196 590 176 640 196C700 176 774 214 782 256C820 280 834 340 816 392"
            "C820 430 814 470 802 512C794 490 790 452 782 424C772 398 748 372 722 366"
            "C690 372 640 372 604 352C610 366 606 372 596 376C550 372 500 346 470 346"
            "C446 372 420 398 414 430C408 458 406 490 398 512Z"
        ),
        back=(
            "M600 220C470 216 388 300 390 440C392 500 394 560 404 600H796C806 560 808 500 810 440"
            "C812 300 730 216 600 220Z"
        ),
        shine="M452 300C492 250 560 232 628 240M668 244C712 254 744 276 762 308",
        strands=(
            "M470 346C490 300 530 270 580 252M604 352C590 320 600 284 640 256"
            "M722 366C724 330 716 300 690 274M404 420C410 390 420 366 440 344"
        ),
    ),
}


def back(options: CharacterOptions) -> Drawing:
    """Return the hair behind head and neck."""
    colour = HAIR_COLOURS[options.hair_color]
    path = _STYLES[options.hair].back
    return Drawing(
        '<linearGradient id="back" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{darker(colour, 0.12)}"/>'
        f'<stop offset="1" stop-color="{darker(colour, 0.42)}"/></linearGradient>'
        f'<path d="{path}" fill="url(#back)"/>',
        (200, 40, 1000, 1060),
    )


def front(options: CharacterOptions) -> Drawing:
    """Return the hair before the forehead and at the sides of the face."""
    colour = HAIR_COLOURS[options.hair_color]
    style = _STYLES[options.hair]
    return Drawing(
        '<linearGradient id="front" x1="0.15" y1="0" x2="0.85" y2="1">'
        f'<stop offset="0" stop-color="{lighter(colour, 0.16)}"/>'
        f'<stop offset="0.5" stop-color="{colour}"/>'
        f'<stop offset="1" stop-color="{darker(colour, 0.28)}"/></linearGradient>'
        f'<clipPath id="hair"><path d="{style.front}"/></clipPath>'
        f'<path d="{style.front}" fill="url(#front)"/>'
        '<g clip-path="url(#hair)" fill="none" stroke-linecap="round">'
        f'<path d="{style.strands}" stroke="{darker(colour, 0.34)}" stroke-width="5"'
        ' opacity="0.55"/>'
        f'<path d="{style.shine}" stroke="{lighter(colour, 0.42)}" stroke-width="16"'
        ' opacity="0.42"/></g>',
        (260, 100, 940, 1010),
    )


def front_silhouette(style: Hair) -> str:
    """Return the outline of the front, for the shadow that it throws on the face."""
    return f'<path d="{_STYLES[style].front}"/>'
