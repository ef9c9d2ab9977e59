"""Captions of a render order: from words or a subtitle file to text files or pictures.

The interface for render types; the other modules of this package do the work.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final

from gala.render_types.params.captions import CaptionParams, CaptionStyle, LineRules, TimedWord
from gala_renderer.captions.ass import ass
from gala_renderer.captions.overlay_track import CaptionTrack
from gala_renderer.captions.rasterizer import Frame, draw_track
from gala_renderer.captions.segmentation import SegmentationRules, TimedCaption, captions, spread
from gala_renderer.captions.subtitle_files import Subtitle, srt, vtt
from gala_renderer.captions.text_rules import rules_of, shown_words, timed
from gala_renderer.captions.writing_systems import joined, width
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.speech.words import Word

WRITERS: Final[Mapping[str, Callable[[Sequence[TimedCaption]], str]]] = {
    ".srt": srt,
    ".vtt": vtt,
    ".ass": ass,
}
"""The writer for each file suffix."""


def write(made: Sequence[TimedCaption], context: RenderContext, name: str) -> None:
    """Write captions to the named output file, in the format of its suffix."""
    text = WRITERS[PurePath(name).suffix](made)
    context.part(name).write_text(text, encoding="utf-8", newline="\n")


def spoken(words: Sequence[TimedWord]) -> tuple[Word, ...]:
    """Convert the timed words of a request."""
    return tuple(Word(word.text, word.start_ts, word.end_ts) for word in words)


def from_words(
    words: Sequence[Word], params: LineRules, language: str | None = None
) -> tuple[TimedCaption, ...]:
    """Return the captions of timed words."""
    return captions(shown_words(words, params, language), _rules(params))


def from_subtitles(
    subtitles: Sequence[Subtitle], params: LineRules, language: str | None = None
) -> tuple[TimedCaption, ...]:
    """Return the captions of a subtitle file.

    Times stay, and so do line breaks within the limits of the params; a caption that is too long is
    split into several within its time. Words share their caption's time by their length.
    """
    return tuple(made for one in subtitles for made in _from_subtitle(one, params, language))


def _rules(params: LineRules) -> SegmentationRules:
    rules = rules_of(params)
    if isinstance(params, CaptionParams) and params.style is CaptionStyle.WORD:
        return SegmentationRules(
            max_chars=1,
            max_lines=1,
            pause_seconds=rules.pause_seconds,
            min_seconds=rules.min_seconds,
        )
    return rules


def _from_subtitle(
    one: Subtitle, params: LineRules, language: str | None
) -> Iterator[TimedCaption]:
    rules = _rules(params)
    # Line by line, so that a leading dash is not joined to the line before.
    lines = [
        timed(line.text, line.start, line.end, language)
        for line in spread(one.text.splitlines(), one.start, one.end)
    ]
    shown = [shown_words(line, params, language) for line in lines]
    shown_lines = tuple(line for line in shown if line)
    if not shown_lines:
        return
    if _fits(shown_lines, rules):
        yield TimedCaption(one.start, one.end, shown_lines)
        return
    *early, last = captions([word for line in shown_lines for word in line], rules)
    yield from early
    yield TimedCaption(last.start, one.end, last.lines)


def _fits(lines: Sequence[Sequence[Word]], rules: SegmentationRules) -> bool:
    count = sum(map(len, lines))
    if rules.max_words is not None and count > rules.max_words:
        return False
    if len(lines) > rules.max_lines:
        return False
    return all(
        len(line) == 1 or width(joined([word.text for word in line])) <= rules.max_chars
        for line in lines
    )


async def draw(
    made: Sequence[TimedCaption],
    params: CaptionParams,
    frame: Frame,
    context: RenderContext,
    report: Report = lambda _: None,
) -> CaptionTrack:
    """Draw the captions as pictures in the scratch folder, ready to overlay on a video.

    Cancelling the task stops the work. Raise ``InvalidRequest`` if the font is unknown.
    """
    loop, stopped = asyncio.get_running_loop(), threading.Event()

    def report_from_thread(part: float) -> None:
        if stopped.is_set():
            raise asyncio.CancelledError
        loop.call_soon_threadsafe(report, part)

    def rasterize() -> CaptionTrack:
        chain = context.fonts.chain(
            params.font, bold=params.bold, italic=params.italic, field="params.captions.font"
        )
        folder = context.scratch / "captions"
        return draw_track(made, params, frame, chain, folder, report=report_from_thread)

    try:
        return await asyncio.to_thread(rasterize)
    finally:
        stopped.set()
