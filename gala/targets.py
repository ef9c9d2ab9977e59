"""Named targets: what a platform takes, and where its own controls cover the picture.

YouTube's bit rate was read on its own page; the other limits of length and bit rate, and the safe
areas of upright films, in articles about the platforms, in November 2026. ``source`` is the page of
the platform to check them at. The margins of YouTube, LinkedIn and ``square`` and the bit rates of
TikTok and ``square`` are our choice. No platform publishes a loudness: -14 LUFS is what is commonly
advised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from gala.media import SIZES, USUAL_FPS, AspectRatio, Format


class TargetName(StrEnum):
    """Names of the targets."""

    YOUTUBE = "youtube"
    SHORT = "short"
    REEL = "reel"
    TIKTOK = "tiktok"
    LINKEDIN = "linkedin"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class SafeArea:
    """Margins that texts keep free, as fractions of the frame's height and width."""

    top: float
    right: float
    bottom: float
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place where films are shown."""

    name: TargetName
    title: str
    ratio: AspectRatio
    max_seconds: float | None
    """The longest film that is taken; None if only the platform's own file limits apply."""
    min_seconds: float = 0.0
    safe_area: SafeArea
    loudness_lufs: float
    bit_rate_kbps: int
    """Recommended for 1080p at 30 frames per second, or the most that is taken."""
    source: str
    """The platform's page about them."""

    @property
    def format(self) -> Format:
        """Its size and frame rate."""
        width, height = SIZES[self.ratio]
        return Format(width=width, height=height, fps=USUAL_FPS)

    def most_kbps(self, frame: Format) -> int:
        """Return the bit rate that a film of that size takes at most, in kilobits per second.

        Larger frames and higher rates than 1080p at 30 may take more, as YouTube recommends.
        """
        width, height = SIZES[self.ratio]
        larger = max(1.0, frame.width * frame.height / (width * height))
        return round(self.bit_rate_kbps * larger * (1.5 if frame.fps > USUAL_FPS else 1))

    def params(self, frame: Format) -> dict[str, Any]:
        """Return the params that films for it have by default; types take those they know."""
        return {
            "loudness_lufs": self.loudness_lufs,
            "max_bit_rate_kbps": self.most_kbps(frame),
            "safe_margins": asdict(self.safe_area),
        }

    def has_shape_of(self, wanted: Format) -> bool:
        """Return True if a frame of that size has the target's aspect ratio."""
        width, height = SIZES[self.ratio]
        return abs(wanted.width / wanted.height - width / height) < 0.02

    def length_problem(self, seconds: float) -> str | None:
        """Return what is wrong with a film of that length, None if nothing is."""
        if self.max_seconds is not None and seconds > self.max_seconds:
            return (
                f"The film lasts {_spoken(seconds)}; {self.title} takes at most"
                f" {_spoken(self.max_seconds)}."
            )
        if seconds < self.min_seconds:
            return (
                f"The film lasts {_spoken(seconds)}; {self.title} takes at least"
                f" {_spoken(self.min_seconds)}."
            )
        return None


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 1), 60)
    parts = [f"{minutes:g} min"] if minutes else []
    return " ".join([*parts, f"{rest:g} s"] if rest or not parts else parts)


_ON_THE_RIGHT: Final = SafeArea(top=0.08, right=0.14, bottom=0.23, left=0.06)
"""Of upright players with buttons on the right and a description below."""
_ALL: Final = (
    Target(
        name=TargetName.YOUTUBE,
        title="YouTube",
        ratio=AspectRatio.LANDSCAPE,
        max_seconds=12 * 3600,
        safe_area=SafeArea(top=0.05, right=0.05, bottom=0.1, left=0.05),
        loudness_lufs=-14.0,
        bit_rate_kbps=8000,
        source="https://support.google.com/youtube/answer/1722171",
    ),
    Target(
        name=TargetName.SHORT,
        title="YouTube Shorts",
        ratio=AspectRatio.PORTRAIT,
        max_seconds=180,
        safe_area=_ON_THE_RIGHT,
        loudness_lufs=-14.0,
        bit_rate_kbps=8000,
        source="https://support.google.com/youtube/answer/15424877",
    ),
    Target(
        name=TargetName.REEL,
        title="Instagram Reels",
        ratio=AspectRatio.PORTRAIT,
        max_seconds=15 * 60,
        min_seconds=3,
        safe_area=SafeArea(top=0.14, right=0.06, bottom=0.35, left=0.06),
        loudness_lufs=-14.0,
        bit_rate_kbps=25000,
        source="https://developers.facebook.com/docs/instagram-platform/reference/ig-user/media",
    ),
    Target(
        name=TargetName.TIKTOK,
        title="TikTok",
        ratio=AspectRatio.PORTRAIT,
        max_seconds=600,
        min_seconds=3,
        safe_area=_ON_THE_RIGHT,
        loudness_lufs=-14.0,
        bit_rate_kbps=8000,
        source="https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide",
    ),
    Target(
        name=TargetName.LINKEDIN,
        title="LinkedIn",
        ratio=AspectRatio.SQUARE,
        max_seconds=600,
        min_seconds=3,
        safe_area=SafeArea(top=0.05, right=0.05, bottom=0.08, left=0.05),
        loudness_lufs=-14.0,
        bit_rate_kbps=30000,
        source="https://www.linkedin.com/help/linkedin/answer/a1311816",
    ),
    Target(
        name=TargetName.SQUARE,
        title="A square feed",
        ratio=AspectRatio.SQUARE,
        max_seconds=None,
        safe_area=SafeArea(top=0.05, right=0.05, bottom=0.05, left=0.05),
        loudness_lufs=-14.0,
        bit_rate_kbps=8000,
        source="GALA",
    ),
)
TARGETS: Final[dict[TargetName, Target]] = {target.name: target for target in _ALL}
"""The targets by name."""


def all_targets() -> Iterable[Target]:
    """Return the targets in the order in which they are listed."""
    return TARGETS.values()
