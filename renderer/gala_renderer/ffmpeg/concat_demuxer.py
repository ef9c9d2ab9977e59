"""Concatenation of GALA's own files without decoding, with FFmpeg's concat demuxer."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from gala_renderer.ffmpeg.encoder_options import AAC, MP4, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import seconds_text
from gala_renderer.ffmpeg.video_source import in_language


def chained(playlist: Path, names: Sequence[str], lengths: Sequence[Fraction] = ()) -> Any:
    """Return the files of these names as one input; writes ``playlist``, which lies beside them.

    They must have the same codec and codec parameters. ``lengths`` in seconds are for containers
    that round times to milliseconds; by default they are those in the files.
    """
    wanted = [f"duration {float(length):.6f}\n" for length in lengths] or [""] * len(names)
    lines = "".join(f"file {name}\n{length}" for name, length in zip(names, wanted, strict=True))
    playlist.write_text(f"ffconcat version 1.0\n{lines}")
    return ffmpeg.input(str(playlist), f="concat", safe=1, protocol_whitelist="file")


def joined(
    folder: Path,
    pictures: Sequence[str],
    sounds: Sequence[str],
    target: Path,
    *,
    seconds: float,
    language: str | None,
) -> tuple[str, ...]:
    """Return arguments that write an MP4 of ``seconds`` from files in ``folder``.

    Frames are copied from the MP4 files of these names. The sound of the WAV files, if any, is
    encoded once: AAC streams begin with priming samples, so copies would click and drift.
    """
    streams = [chained(folder / "pictures.ffconcat", pictures).video]
    options: dict[str, Any] = {"c:v": "copy", **MP4, **REPRODUCIBLE}
    if sounds:
        streams.append(chained(folder / "sounds.ffconcat", sounds).audio)
        options |= {**AAC, **in_language(language)}
    output = ffmpeg.output(*streams, str(target), t=seconds_text(seconds), **options)
    return tuple(output.get_args())
