"""Write an edit as lists of edit decisions, CMX 3600: one list per track of pictures.

The format has one track of pictures, reels with names of eight letters, and 999 events. The first
list also has the tracks of sound that fit, A to A4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from gala.timeline.exchange.edit import Cut, Edit, EditTrack, MediumKind, TrackKind
from gala.timeline.exchange.imported import Loss
from gala.timeline.exchange.rates import EditRate

MAX_EVENTS: Final = 999
_CHANNELS: Final = ("A", "A2", "A3", "A4")


def edl_files(edit: Edit) -> dict[str, str]:
    """Return the lists by file name: ``film.edl``, for higher tracks ``film-V2.edl`` and so on."""
    pictures, sounds = list(_pictures(edit)), edit.of_kind(TrackKind.AUDIO)
    channels = list(zip(_CHANNELS, (track.cuts for track in sounds), strict=False))
    lists = [[("V", track.cuts)] for track in pictures] or [[]]
    lists[0] += channels
    return {
        f"{edit.name}{f'-V{number}' if number > 1 else ''}.edl": _list(edit, tracks)
        for number, tracks in enumerate(lists, 1)
    }


def _pictures(edit: Edit) -> Iterator[EditTrack]:
    """Yield the tracks of pictures, without plain backgrounds."""
    for track in edit.of_kind(TrackKind.VIDEO):
        if any(cut.medium.kind is not MediumKind.COLOR for cut in track.cuts):
            yield track


def edl_losses(edit: Edit) -> Iterator[Loss]:
    """Yield what the lists cannot hold."""
    if len(list(_pictures(edit))) < len(edit.of_kind(TrackKind.VIDEO)):
        yield Loss(pointer="/background", message="An EDL has no background.")
    for track in edit.of_kind(TrackKind.AUDIO)[len(_CHANNELS) :]:
        for cut in track.cuts:
            message = f"An EDL has {len(_CHANNELS)} tracks of sound; this one is on another."
            yield Loss(pointer=cut.pointer, message=message)
    for name, text in edl_files(edit).items():
        events = sum(line[:3].isdigit() for line in text.splitlines())
        if events > MAX_EVENTS:
            message = f"{name} has {events} events; some programs read {MAX_EVENTS}."
            yield Loss(pointer="", message=message)


def _list(edit: Edit, tracks: Sequence[tuple[str, Sequence[Cut]]]) -> str:
    counted = "DROP FRAME" if edit.rate.drop_frame else "NON-DROP FRAME"
    lines = [f"TITLE: {_line(edit.name)[:70]}", f"FCM: {counted}", ""]
    number = 0
    for channel, cuts in tracks:
        for at, cut in enumerate(cuts):
            number += 1
            name = f"{number:03d}  {{}} {channel:5} {{}}"
            before = cuts[at - 1] if cut.dissolve and at else None
            after = cuts[at + 1] if at + 1 < len(cuts) else None
            lines += _event(name, _from_dissolve(cut, after), before, edit.rate)
    return "\n".join(lines) + "\n"


def _from_dissolve(cut: Cut, after: Cut | None) -> Cut:
    """Return a cut from the start of its dissolve to that of the next one, as the format has it."""
    end = cut.end - after.dissolve if after is not None and after.start == cut.end else cut.end
    return replace(
        cut,
        start=cut.start - cut.dissolve,
        source_start=cut.source_start - cut.dissolve,
        end=end,
    )


def _event(name: str, cut: Cut, before: Cut | None, rate: EditRate) -> Iterator[str]:
    """Yield the lines of a cut; a dissolve has a line for the clip that it comes out of, too."""
    kind = "C       "
    if before is not None:
        gone = before.source_start + cut.start - before.start
        yield _line_of(name.format(_reel(before), kind), (gone, gone, cut.start, cut.start), rate)
        kind = f"D    {cut.dissolve:03d}"
    times = (cut.source_start, cut.source_start + cut.frames, cut.start, cut.end)
    yield _line_of(name.format(_reel(cut), kind), times, rate)
    if before is not None:
        yield f"* FROM CLIP NAME:  {_line(before.name)}"
        yield f"* TO CLIP NAME:  {_line(cut.name)}"
        yield f"* TO FILE: {cut.medium.path}"
    else:
        yield f"* FROM CLIP NAME:  {_line(cut.name)}"
        yield f"* FROM FILE: {cut.medium.path}"


def _line_of(what: str, times: tuple[int, int, int, int], rate: EditRate) -> str:
    return f"{what} {' '.join(map(rate.timecode, times))}"


def _reel(cut: Cut) -> str:
    stem = PurePosixPath(cut.medium.path).stem
    return f"{''.join(filter(str.isalnum, stem)).upper()[:8]:8}"


def _line(text: str) -> str:
    """Return a text in one line of printable characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
