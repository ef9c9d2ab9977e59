"""Opens the font files of a job: a registry of fonts that has them beside those that are here."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from gala.errors import InvalidRequest, UnprocessableMedia
from gala.render_types.params.own_fonts import FONT, OwnFonts, named_fonts
from gala.timeline.document.font_files import files_of
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.own_fonts.check import FontAnswer, FontCheck
from gala_renderer.program_jobs import job_text
from gala_renderer.text_layout.font_registry import FontRegistry

_log = logging.getLogger(__name__)

_PROGRAM: Final = "gala_renderer.own_fonts.check_program"
_VERSION: Final = "1"
"""Changes with what the program keeps of a font."""
_SECONDS: Final = 20.0
_MAX_BYTES: Final = 32 * 1024**2
_MAX_ALL_BYTES: Final = 96 * 1024**2
"""Of the fonts of one job, which are in memory while it runs."""
_REMEDY: Final = "Send a TrueType, OpenType or WOFF file."


async def fonts_of_order(context: RenderContext, order: RenderOrder) -> FontRegistry:
    """Return the fonts that are here and those that an order's params name; see :func:`own_fonts`.

    Raise ``InvalidRequest`` if there are more or fewer files than they name.
    """
    if not isinstance(order.params, OwnFonts):
        return context.services.fonts
    sources, files = named_fonts(order.params)[FONT], order.files(FONT)
    if len(sources) != len(files):
        name = f"inputs.{order.type.input_field(FONT)}"
        raise InvalidRequest(
            f"{name}: params.fonts names {len(sources)} files; there are {len(files)}.", field=name
        )
    given = dict(zip(sources, files, strict=True))
    return await own_fonts(
        context, order.params.fonts, given, lambda place: ".".join(("params.fonts", *place))
    )


async def own_fonts(
    context: RenderContext,
    fonts: Mapping[str, tuple[str, ...]],
    given: Mapping[str, InputFile],
    field_of: Callable[[tuple[str, ...]], str],
) -> FontRegistry:
    """Return the fonts that are here and those of a job, by the names that its texts use.

    ``given`` are the files by source; ``field_of`` returns the field of a file for errors, from its
    family and its number. Raise ``UnprocessableMedia`` for one that is no font, is damaged, or too
    large.
    """
    if not fonts:
        return context.services.fonts
    found: dict[str, list[bytes]] = {}
    whole = 0
    for (family, number), source in files_of(fonts):
        file = replace(given[source], field=field_of((family, str(number))))
        faces = await _faces(context, file)
        whole += sum(map(len, faces))
        if whole > _MAX_ALL_BYTES:
            raise _refused(file, f"all fonts together are larger than {_MAX_ALL_BYTES >> 20} MiB")
        found.setdefault(family, []).extend(faces)
    return await asyncio.to_thread(context.services.fonts.with_families, found)


async def _faces(context: RenderContext, file: InputFile) -> list[bytes]:
    """Return the checked faces of a file, perhaps from the cache."""
    key = await asyncio.to_thread(_key, file)
    folder = context.scratch / f"font-{key[:32]}"
    kept = context.services.font_files
    if folder.exists() or await asyncio.to_thread(kept.fetch, key, folder):
        return await asyncio.to_thread(_read, folder, file)
    await asyncio.to_thread(folder.mkdir)
    await _check(context, file, folder)
    faces = await asyncio.to_thread(_read, folder, file)
    await asyncio.to_thread(kept.store, key, folder)
    return faces


def _key(file: InputFile) -> str:
    if file.path.stat().st_size > _MAX_BYTES:
        raise _refused(file, f"the font is larger than {_MAX_BYTES >> 20} MiB")
    digest = hashlib.sha256(_VERSION.encode())
    digest.update(file.path.read_bytes())
    return digest.hexdigest()


def _read(folder: Path, file: InputFile) -> list[bytes]:
    """Return the faces that the program has written for a file.

    They are not mapped: programs in the sandbox may write to the folder, and shorten a file.
    """
    faces: list[bytes] = []
    for path in sorted(folder.iterdir()):
        written = os.lstat(path)
        if not stat.S_ISREG(written.st_mode):
            raise _refused(file, "the font is damaged")
        if sum(map(len, faces)) + written.st_size > _MAX_ALL_BYTES:
            raise _refused(file, f"its fonts are larger than {_MAX_ALL_BYTES >> 20} MiB together")
        faces.append(path.read_bytes())
    return faces


async def _check(context: RenderContext, file: InputFile, folder: Path) -> None:
    job = folder.with_suffix(".json")
    text = job_text(FontCheck(source=file.path, folder=folder))
    await asyncio.to_thread(job.write_text, text)
    lines: list[str] = []
    try:
        result = await context.ffmpeg.sandbox.run(
            [sys.executable, "-I", "-m", _PROGRAM, str(job)],
            cwd=context.scratch,
            seconds=_SECONDS,
            on_line=lines.append,
        )
    except TimeoutError as error:
        raise _refused(file, "checking the font takes too long") from error
    if not result.ok or not lines:
        _log.warning("A font could not be checked: %s", result.last_error)
        raise _refused(file, "the font is damaged")
    answer = FontAnswer.model_validate_json(lines[-1])
    if answer.refused is not None:
        raise _refused(file, answer.refused)


def _refused(file: InputFile, reason: str) -> UnprocessableMedia:
    return UnprocessableMedia(f"{file.field}: {reason}.", hint=_REMEDY, field=file.field)
