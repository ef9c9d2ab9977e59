"""The pictures of a composition: each layer a branch of the graph, laid over those below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gala.timeline.compilation.layers import CompiledScene
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.ffmpeg.video_source import rate_text
from gala_renderer.timeline.compositing import Canvas, span_of
from gala_renderer.timeline.drawn import SWATCH, paint_clear, paint_color
from gala_renderer.timeline.graph import Branch, Span, filling, over, png
from gala_renderer.timeline.groups import shown_layers
from gala_renderer.timeline.studio import Shown, Studio
from gala_renderer.timeline.transitions import between


def picture_stream(studio: Studio, span: Span) -> Stream:
    """Return the film's pictures in a span, 8-bit 4:2:0 in BT.709; time stamps begin at 0.

    They have transparency if the film's background is transparent.
    """
    shown = _Film(studio, shown_layers(studio, span), span).stream()
    if not span.first:
        return shown
    return shown.filter("setpts", "PTS-STARTPTS").filter("fps", rate_text(span.rate))


@dataclass(slots=True)
class _Film:
    studio: Studio
    layers: Sequence[Shown]
    span: Span
    colors: dict[str, None] = field(default_factory=dict)

    def stream(self) -> Stream:
        """Return the whole film: its scenes, and the tracks over them."""
        compiled, whole = self.studio.compiled, self.span
        shown = self._plain(compiled.background, whole)
        for scene in compiled.scenes:
            shown = self._scene(shown, scene)
        free = [one for one in self.layers if one.layer.scene is None]
        return self._laid_over(shown, free, whole, whole)

    def _scene(self, base: Stream, scene: CompiledScene) -> Stream:
        """Lay a scene over the film so far, with the transition to it."""
        span = self._alone(scene).within(self.span.first, self.span.end)
        if span.frames:
            base = self._scene_alone(base, scene, span)
        if scene.transition is None:
            return base
        span = span_of(scene.transition, self.studio)
        part = span.within(self.span.first, self.span.end)
        if not part.frames:
            return base
        old, new = (
            self._whole_scene(self.studio.compiled.scenes[number], part)
            for number in (scene.transition.before, scene.number)
        )
        kind, size = scene.transition.transition.type, self.studio.size
        mixed = between(old, new, kind, span, size, part=part)
        if part == self.span and not self.studio.transparent:
            # Nothing below it is seen, so that nothing below it has to be drawn.
            return mixed
        return over(base, Branch(mixed), (0, 0), part)

    def _scene_alone(self, base: Stream, scene: CompiledScene, span: Span) -> Stream:
        if scene.background != self.studio.compiled.background:
            base = over(base, Branch(self._color(scene.background), is_still=True), (0, 0), span)
        return self._laid_over(base, self._of_scene(scene.number), span, self.span)

    def _alone(self, scene: CompiledScene) -> Span:
        """Return the frames of a scene without its transitions."""
        scenes = self.studio.compiled.scenes
        after = scenes[scene.number + 1] if scene.number + 1 < len(scenes) else None
        span = Span(scene.first_frame, scene.end_frame, self.studio.rate)
        if scene.transition is not None:
            span = span.within(scene.transition.end_frame, scene.end_frame)
        if after is not None and after.transition is not None:
            span = span.within(span.first, after.transition.first_frame)
        return span

    def _whole_scene(self, scene: CompiledScene, span: Span) -> Stream:
        """Return some frames of a scene without anything else."""
        return self._laid_over(
            self._plain(scene.background, span), self._of_scene(scene.number), span, span
        )

    def _of_scene(self, number: int) -> list[Shown]:
        return [one for one in self.layers if one.layer.scene == number]

    def _laid_over(self, base: Stream, layers: Sequence[Shown], span: Span, whole: Span) -> Stream:
        """Lay layers over the frames of a span; ``whole`` is that of ``base``."""
        return self._canvas.laid_over(base, layers, span, whole)

    @property
    def _canvas(self) -> Canvas:
        studio = self.studio
        return Canvas(studio, (0, 0), studio.size, self.span, is_clear=studio.transparent)

    def _plain(self, color: str, span: Span) -> Stream:
        studio = self.studio
        if studio.transparent and color == studio.compiled.background:
            return span.repeated(self._nothing())
        return span.repeated(self._color(color))

    def _nothing(self) -> Stream:
        path = self.studio.folder / "nothing.png"
        paint_clear(path, SWATCH)
        return filling(png(path, "yuva420p", self.studio.number()), self.studio.size)

    def _color(self, color: str) -> Stream:
        path = self.studio.folder / f"color-{color.lstrip('#')}.png"
        if color not in self.colors:
            paint_color(path, color, SWATCH)
            self.colors[color] = None
        return filling(png(path, "yuv420p", self.studio.number()), self.studio.size)
