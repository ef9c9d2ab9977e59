"""Captions of an order: from words or from a subtitle file, by the params, to what is shown.

What the types use; the work itself is in the modules beside.
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
"""What writes captions into a file of that suffix."""


def write(made: Sequence[TimedCaption], context: RenderContext, name: str) -> None:
    """Write captions to the output file of that name, as what its suffix says."""
    text = WRITERS[PurePath(name).suffix](made)
    context.part(name).write_text(text, encoding="utf-8", newline="\n")


def spoken(words: Sequence[TimedWord]) -> tuple[Word, ...]:
    """The words of a request."""
    return tuple(Word(word.text, word.start_ts, word.end_ts) for word in words)


def from_words(
    words: Sequence[Word], params: LineRules, language: str | None = None
) -> tuple[TimedCaption, ...]:
    """The captions of words with times."""
    return captions(shown_words(words, params, language), _rules(params))


def from_subtitles(
    subtitles: Sequence[Subtitle], params: LineRules, language: str | None = None
) -> tuple[TimedCaption, ...]:
    """The captions of a subtitle file.

    Its times stay, and its lines where they keep to the params; a caption that is too long is cut
    into several within its time. Words share their caption's time by their length.
    """
    return tuple(made for one in subtitles for made in _within(one, params, language))


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


def _within(one: Subtitle, params: LineRules, language: str | None) -> Iterator[TimedCaption]:
    rules = _rules(params)
    # Line by line: a dash that begins one is not of the line before.
    lines = [
        timed(line.text, line.start, line.end, language)
        for line in spread(one.text.splitlines(), one.start, one.end)
    ]
    shown = [shown_words(line, params, language) for line in lines]
    kept = tuple(line for line in shown if line)
    if not kept:
        return
    if _keeps_to(kept, rules):
        yield TimedCaption(one.start, one.end, kept)
        return
    *early, last = captions([word for line in kept for word in line], rules)
    yield from early
    yield TimedCaption(last.start, one.end, last.lines)


def _keeps_to(lines: Sequence[Sequence[Word]], rules: SegmentationRules) -> bool:
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
    """The captions as pictures in the attempt's scratch folder, ready to be laid over a stream.

    Cancelling ends the work. Raises ``InvalidRequest`` for a font that there is not.
    """
    loop, over = asyncio.get_running_loop(), threading.Event()

    def told(part: float) -> None:
        if over.is_set():
            raise asyncio.CancelledError
        loop.call_soon_threadsafe(report, part)

    def drawn() -> CaptionTrack:
        chain = context.services.fonts.chain(
            params.font, bold=params.bold, italic=params.italic, field="params.captions.font"
        )
        folder = context.scratch / "captions"
        return draw_track(made, params, frame, chain, folder, report=told)

    try:
        return await asyncio.to_thread(drawn)
    finally:
        over.set()
