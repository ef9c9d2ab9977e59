"""Opens a picture with Pillow, in the sandbox; pixels are not decoded until they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from gala_renderer.pictures.png import open_readable

_BRAND_AT: Final = 8
_HEADER: Final = 64
_PICTURE_BRANDS: Final = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1")
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"mif1")


@contextmanager
def opened(path: Path) -> Iterator[Image.Image | None]:
    """Open a picture; yield ``None`` if Pillow does not know its format."""
    with open_readable(path) as file:
        if _has_brand(path, _HEIF_BRANDS):
            _add_heif()
        try:
            image = Image.open(file)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
            yield None
            return
        with image:
            yield image


def _add_heif() -> None:
    # Imported late, as only the pictures of phones need it. Without it, FFmpeg decodes them.
    with suppress(ImportError):
        import pillow_heif  # noqa: PLC0415

        pillow_heif.register_heif_opener(thumbnails=False)


def is_picture(path: Path, demuxer: str) -> bool:
    """Return True if the file may be one that Pillow can decode; videos are not opened."""
    if demuxer in {"apng", "webp_anim"} or demuxer.endswith("_pipe"):
        return True
    return _has_brand(path, _PICTURE_BRANDS)


def _has_brand(path: Path, brands: tuple[bytes, ...]) -> bool:
    with path.open("rb") as file:
        header = file.read(_HEADER)
    return header[4:_BRAND_AT] == b"ftyp" and any(brand in header for brand in brands)
