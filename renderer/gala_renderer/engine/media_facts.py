"""What the media files of a render contain, for the server's records of its assets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from gala.media import MediaClass, MediaFacts, media_class
from gala.render_protocol import Inspected, Output, RenderRequest
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.probe.media import Media

_MEDIA: Final = frozenset({MediaClass.IMAGE, MediaClass.VIDEO, MediaClass.AUDIO})


def facts_of(media: Media, mime: str) -> MediaFacts:
    """Return the facts about an inspected file; the cover of a song is not its picture."""
    picture = None if media_class(mime) is MediaClass.AUDIO else media.picture
    still = picture is not None and picture.still
    return MediaFacts(
        duration_ms=None if still else round(media.length * 1000) or None,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        fps=round(picture.fps, 3) if picture and picture.fps and not still else None,
    )


async def with_facts(
    request: RenderRequest, outputs: list[Output], context: RenderContext, root: Path
) -> list[Output]:
    """Return the outputs, with their facts if the request wants them.

    Only what the plan did not decide is inspected. ``root`` is the attempt's folder.
    """
    if not request.describe:
        return outputs
    files = {
        output.path: InputFile(root / output.path, output.mime, output.role)
        for output in outputs
        if output.media is None and media_class(output.mime) in _MEDIA
    }
    found = await context.inspect_outputs(list(files.values()))
    return [_with_facts(output, found.get(root / output.path)) for output in outputs]


def _with_facts(output: Output, media: Media | None) -> Output:
    if media is None:
        return output
    return output.model_copy(update={"media": facts_of(media, output.mime)})


def inspected(
    request: RenderRequest, files: Iterable[InputFile], context: RenderContext, root: Path
) -> Iterator[Inspected]:
    """Yield an event for each input that the render inspected, if the request wants them."""
    known = context.inspected if request.describe else {}
    for file in files:
        media = known.get(file.path)
        if media is not None:
            path = file.path.relative_to(root).as_posix()
            yield Inspected(path=path, media=facts_of(media, file.mime))
