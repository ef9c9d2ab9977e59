"""Pages in HTML. They come from users, so that Chromium draws them in the sandbox, without network.

Off unless the operator has set ``RENDERER_HTML``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from gala.errors import RenderFailed, UnprocessableMedia
from gala.timeline.compilation.layers import Layer
from gala.timeline.document.htmls import HtmlElement
from gala_renderer.chromium import program_command, usable_chromium
from gala_renderer.engine.context import RenderContext
from gala_renderer.program_jobs import job_text
from gala_renderer.timeline.drawing.html_program import PageAnswer, PageJob
from gala_renderer.timeline.drawing.job import Material, Sequence
from gala_renderer.timeline.elements.moved import Rest, material_size
from gala_renderer.timeline.movement import zoom_of
from gala_renderer.timeline.studio import Studio

_SECONDS_FOR_START: Final = 30.0
_SECONDS_PER_FRAME: Final = 1.0
_MEMORY_BYTES: Final = 1 << 46
"""Chromium reserves address space that it never uses."""
_DATA_BYTES: Final = 2 * 1024**3
"""Memory that each of its processes may use."""
_MOST_ZOOM: Final = 2.0


async def draw_pages(context: RenderContext, studio: Studio) -> None:
    """Draw the frames of all pages of a film that are wanted.

    Raise EngineMissing if HTML is off or Chromium is missing, UnprocessableMedia naming the element
    of a page that cannot be drawn, or takes too long.
    """
    layers = [one for one in studio.compiled.layers if isinstance(one.element, HtmlElement)]
    for layer in layers:
        await _draw(context, studio, layer)


async def _draw(context: RenderContext, studio: Studio, layer: Layer) -> None:
    span = studio.wanted(layer.first_frame, layer.end_frame)
    if layer.placement is None or not span.frames:
        return
    chromium = usable_chromium(context.services.settings, context.ffmpeg.sandbox, layer.pointer)
    element = cast(HtmlElement, layer.element)
    size, _ = material_size(layer.placement.box, min(_MOST_ZOOM, zoom_of(layer, studio.rate)))
    folder = studio.path(layer, "-page")
    folder.mkdir()
    page = studio.path(layer, ".html")
    page.write_text(element.html, encoding="utf-8")
    job = PageJob(
        chromium=chromium,
        page=page,
        page_width=element.page_width,
        width=size[0],
        height=size[1],
        rate=str(studio.rate),
        first=span.first - layer.first_frame,
        count=span.frames,
        folder=folder,
    )
    path = studio.path(layer, "-page.json")
    path.write_text(job_text(job))
    answer = await _answer(context, job, path, layer.pointer)
    pictures = tuple((folder / Path(name).name, frames) for name, frames in answer.pictures)
    path = studio.path(layer, "-pages.json")
    path.write_text(job_text(Sequence(pictures=pictures)))
    studio.drawings[layer.number] = Material(
        kind="pages", path=path, width=size[0], height=size[1], alpha=True
    )


async def _answer(context: RenderContext, job: PageJob, path: Path, pointer: str) -> PageAnswer:
    lines: list[str] = []
    sandbox = context.ffmpeg.sandbox
    limits = replace(sandbox.limits, memory_bytes=_MEMORY_BYTES, data_bytes=_DATA_BYTES)
    seconds = _SECONDS_FOR_START + _SECONDS_PER_FRAME * (job.first + job.count)
    try:
        result = await sandbox.run(
            program_command(path),
            cwd=context.scratch,
            seconds=seconds,
            on_line=lines.append,
            limits=limits,
        )
    except TimeoutError:
        raise _refused(pointer, f"it takes more than {seconds:.0f} seconds") from None
    if not result.ok or not lines:
        raise RenderFailed(f"{pointer}: the page cannot be drawn: {result.last_error}")
    answer = PageAnswer.model_validate_json(lines[-1])
    if answer.wrong is not None:
        raise _refused(pointer, answer.wrong)
    return answer


def _refused(pointer: str, why: str) -> UnprocessableMedia:
    return UnprocessableMedia(
        f"{pointer}: this page cannot be drawn: {why}.",
        hint="Write a simpler page, or a shorter or smaller element.",
        field=pointer,
    )


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return the frames of a page."""
    del zoom
    found = studio.drawings.get(layer.number)
    if layer.placement is None or found is None:
        return None
    first = studio.wanted(layer.first_frame, layer.end_frame).first
    return Rest(found, layer.placement.box, first=first)
