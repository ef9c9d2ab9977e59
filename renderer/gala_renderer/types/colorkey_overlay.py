"""Plans ``colorkey_overlay``: the foreground of a green screen video over another video."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, cast

from gala.render_types.colorkey_overlay import ColorkeyOverlayParams
from gala.render_types.params.framing import Fit
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import scaling, transparency
from gala_renderer.ffmpeg.color import transparent_rgb
from gala_renderer.ffmpeg.inputs import Stream, looped_input, user_input, video_of
from gala_renderer.ffmpeg.overlay import over, placed
from gala_renderer.ffmpeg.video_source import (
    Size,
    Target,
    at_rate,
    even,
    even_size,
    inspect_video,
    language_of,
    mp4_output,
    pictures,
    rate_of,
    sound,
)
from gala_renderer.probe.media import Media, VideoStream

NAME: Final = "colorkey_overlay"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass of FFmpeg."""
    params = cast(ColorkeyOverlayParams, order.params)
    file, above = order.files("video")[0], order.files("overlay")[0]
    base = await inspect_video(context, file)
    picture = base.require_picture(file.field)
    seconds = base.length
    top = await context.inspect(above)
    top.require_picture(above.field)
    form = order.format
    size = (form.width, form.height) if form else even_size(picture)
    rate = Fraction(form.fps) if form else rate_of(picture)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    target = Target(context.part("video.mp4"), choice.encoding, rate, context.threads)
    arguments = overlaid(base, top, params, size, target)
    return Plan(
        steps=(FFmpegStep("encoding", arguments, seconds),),
        outputs={"video": "video.mp4"},
        warnings=choice.warnings,
    )


def overlaid(
    base: Media, top: Media, params: ColorkeyOverlayParams, size: Size, target: Target
) -> tuple[str, ...]:
    """Return the arguments of the pass."""
    seconds = base.length
    below = scaling.fitted(pictures(base, target.rate), *size, Fit.CONTAIN)
    largest = (even(size[0] * params.scale), even(size[1] * params.scale))
    shape = even_size(top.require_picture("overlay"))
    shrink = min(largest[0] / shape[0], largest[1] / shape[1])
    small = (min(largest[0], even(shape[0] * shrink)), min(largest[1], even(shape[1] * shrink)))
    box = placed(params.position, small, size, 0)
    above = _keyed(top, params, small, target.rate, seconds)
    shown = over(below, above, box.x, box.y)
    return mp4_output(shown, sound(base), target, seconds=seconds, language=language_of(base))


def _without_colour(shown: Stream, params: ColorkeyOverlayParams, picture: VideoStream) -> Stream:
    key = f"0x{params.color[1:]}", f"{params.similarity:.6f}", f"{params.blend:.6f}"
    if not picture.alpha:
        return shown.filter("format", "rgba").filter("colorkey", *key)
    # The key replaces the opacity; what was transparent before stays so.
    copies = shown.filter("format", "rgba").split()
    return transparency.masked(copies[0].filter("colorkey", *key), copies[1].filter("alphaextract"))


def _keyed(
    top: Media, params: ColorkeyOverlayParams, size: Size, rate: Fraction, seconds: float
) -> Stream:
    picture = top.require_picture("overlay")
    if picture.still:
        shown = user_input(top, an=None).video
    else:
        shown = at_rate(video_of(top, looped_input(top, seconds, an=None)), rate)
    # Keyed in RGB at full size: the colour is the one that users see, and edges are still sharp.
    keyed = _without_colour(transparent_rgb(shown, picture), params, picture)
    drawn = transparency.layer(keyed, transparency.smoothly(*size))
    if not picture.still:
        return drawn
    return drawn.filter("loop", loop=-1, size=1).filter("fps", f"{rate}")
