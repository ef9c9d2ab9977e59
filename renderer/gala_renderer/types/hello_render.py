"""Plans ``hello_render``: a text in the middle of a video."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from gala.media import Format, MediaFacts
from gala.render_types.hello_render import Fit, HelloParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Canvas, FFmpegStep, Plan
from gala_renderer.engine.together import together
from gala_renderer.ffmpeg import composition as graph
from gala_renderer.ffmpeg.composition import Composition, Layer, Overlay, Soundtrack
from gala_renderer.ffmpeg.loudness import gain_to, integrated_loudness
from gala_renderer.probe.media import Media
from gala_renderer.text_layout.fit_box import Box, fit_text
from gala_renderer.text_layout.raster import Ink, TextImage, luminance, paint

NAME: Final = "hello_render"

_WIDTH_USED: Final = 0.84
_HEIGHT_USED: Final = 0.72
_LARGEST: Final = 0.2
"""The largest em, relative to the shorter side."""

_FADE_SECONDS: Final = 0.4
_THUMBNAIL_SECONDS: Final = 1.5
_LUFS: Final = -18.0
_MUSIC_FADE_IN: Final = 0.4
_MUSIC_FADE_OUT: Final = 1.2


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass of FFmpeg for the video and its thumbnail."""
    composition, missing = await _compose(order, context)
    canvas = composition.canvas
    arguments = graph.encode(
        composition,
        video=context.part("video.mp4"),
        thumbnail=context.part("thumbnail.jpg"),
        thumbnail_frame=_thumbnail_frame(canvas),
        threads=context.threads,
    )
    return Plan(
        steps=(FFmpegStep("encoding", arguments, canvas.seconds),),
        outputs={"video": "video.mp4", "thumbnail": "thumbnail.jpg"},
        warnings=(f"no font here has {' '.join(missing)}",) if missing else (),
        media=_contents(canvas),
    )


def _contents(canvas: Canvas) -> dict[str, MediaFacts]:
    """Return what the video and its thumbnail contain."""
    size = {"width": canvas.width, "height": canvas.height}
    video = MediaFacts(duration_ms=round(canvas.seconds * 1000), fps=canvas.fps, **size)
    return {"video": video, "thumbnail": MediaFacts(**size)}


async def frame(
    order: RenderOrder, context: RenderContext, *, at_ms: int | None, mime: str
) -> tuple[str, ...]:
    """Return arguments for the frame shown at ``at_ms``, or for the thumbnail's frame."""
    composition, _ = await _compose(order, context)
    canvas = composition.canvas
    index = _thumbnail_frame(canvas)
    if at_ms is not None:
        index = min(canvas.frames - 1, at_ms * canvas.fps // 1000)
    return graph.frame(composition, index=index, mime=mime)


async def _compose(
    order: RenderOrder, context: RenderContext
) -> tuple[Composition, tuple[str, ...]]:
    """Return the composition, and the characters of its text for which there is no font."""
    params = cast(HelloParams, order.params)
    canvas = _canvas(order.canvas_format, cast(int, order.duration_ms))
    backdrop, overlay = await together(_picture(order, context, name) for name in ("bg", "overlay"))
    music = await _soundtrack(order, context, canvas)
    box = _box(canvas)
    setting = await asyncio.to_thread(fit_text, params.text, box)
    on_picture = backdrop is not None or overlay is not None
    colour = params.text_color or _contrasting(params.background_color, on_picture)
    painted = await asyncio.to_thread(
        paint, setting, Ink(colour, on_picture), context.scratch / "text.png"
    )
    composition = Composition(
        canvas=canvas,
        colour=params.background_color,
        backdrop=backdrop,
        layers=(_layer(painted, box, canvas),) if painted else (),
        overlay=Overlay(overlay, params.overlay_fit is Fit.COVER) if overlay else None,
        soundtrack=music,
    )
    return composition, setting.missing


def _canvas(form: Format, duration_ms: int) -> Canvas:
    frames = max(1, round(duration_ms * form.fps / 1000))
    return Canvas(form.width, form.height, form.fps, frames)


def _thumbnail_frame(canvas: Canvas) -> int:
    return min(round(_THUMBNAIL_SECONDS * canvas.fps), canvas.frames // 2 + 1, canvas.frames - 1)


async def _picture(order: RenderOrder, context: RenderContext, name: str) -> Media | None:
    file = order.input(name)
    if file is None:
        return None
    media = await context.inspect(file)
    media.require_picture(file.field)
    return media


async def _soundtrack(
    order: RenderOrder, context: RenderContext, canvas: Canvas
) -> Soundtrack | None:
    file = order.input("music")
    if file is None:
        return None
    seconds = canvas.seconds
    media = await context.inspect(file)
    media.require_sound(file.field)
    loudness = await integrated_loudness(context, media, seconds=seconds)
    volume_db = cast(HelloParams, order.params).music_volume_db
    return Soundtrack(
        media,
        gain_db=gain_to(_LUFS, loudness) + volume_db,
        fade_in=min(_MUSIC_FADE_IN, seconds / 4),
        fade_out=min(_MUSIC_FADE_OUT, seconds / 4),
    )


def _box(canvas: Canvas) -> Box:
    return Box(
        width=round(canvas.width * _WIDTH_USED),
        height=round(canvas.height * _HEIGHT_USED),
        largest=round(min(canvas.width, canvas.height) * _LARGEST),
    )


def _layer(painted: TextImage, box: Box, canvas: Canvas) -> Layer:
    return Layer(
        painted.path,
        x=painted.x + (canvas.width - box.width) // 2,
        y=painted.y + (canvas.height - box.height) // 2,
        fade_frames=min(round(_FADE_SECONDS * canvas.fps), canvas.frames // 3),
    )


def _contrasting(background: str, on_picture: bool) -> str:
    # At a luminance of 0.18 black and white have equal contrast.
    return "#ffffff" if on_picture or luminance(background) < 0.18 else "#111111"
