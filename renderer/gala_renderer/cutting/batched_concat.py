"""Concatenation of many takes in groups, because opening all at once needs too much memory.

The video of each group is encoded separately and then joined by copying; the sound is stored
losslessly and encoded once at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala_renderer.cutting.concat_graph import Join, joined_pictures, joined_sound
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg.concat_demuxer import chained, joined
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.ffmpeg.video_source import Target, mp4_output

MOST_AT_ONCE: Final = 16
_JOINING: Final = 0.1
"""The cost of joining, relative to encoding."""
_WAV: Final[dict[str, Any]] = {"f": "wav", "rf64": "auto", "c:a": "pcm_f32le", **REPRODUCIBLE}


def grouped(join: Join, target: Target, folder: Path) -> tuple[FFmpegStep, ...]:
    """Return the steps for a join without transitions, with intermediate files in ``folder``."""
    has_sound = any(take.media.sound for take in join.takes)
    steps, names = [], []
    for at in range(0, len(join.takes), MOST_AT_ONCE):
        group = replace(join, takes=join.takes[at : at + MOST_AT_ONCE])
        names.append(f"group-{at}")
        path = folder / f"group-{at}.mp4"
        arguments = _group(group, replace(target, path=path), has_sound=has_sound)
        steps.append(FFmpegStep("encoding", arguments, group.seconds, group.seconds))
    arguments = joined(
        folder,
        [f"{name}.mp4" for name in names],
        [f"{name}.wav" for name in names] if has_sound else [],
        target.path,
        seconds=join.seconds,
        language=join.language,
    )
    return (*steps, FFmpegStep("joining", arguments, join.seconds, _JOINING * join.seconds))


def _group(group: Join, target: Target, *, has_sound: bool) -> tuple[str, ...]:
    beside = []
    if has_sound:
        sound = joined_sound(group)
        if sound is None:
            sound = sounds.silence(group.seconds)
        exact = sounds.fitted(sound, group.seconds)
        beside = [ffmpeg.output(exact, str(target.path.with_suffix(".wav")), **_WAV)]
    shown = joined_pictures(group)
    return mp4_output(shown, None, target, seconds=group.seconds, beside=beside)


def sound_in_groups(
    parts: Sequence[Stream], lengths: Sequence[float], folder: Path
) -> tuple[tuple[FFmpegStep, ...], Stream]:
    """Return the steps that decode sounds of these lengths to ``folder``, and all as one stream."""
    steps, names = [], []
    for at in range(0, len(parts), MOST_AT_ONCE):
        group, seconds = slice(at, at + MOST_AT_ONCE), sum(lengths[at : at + MOST_AT_ONCE])
        names.append(f"sound-{at}.wav")
        written = ffmpeg.output(sounds.joined(parts[group]), str(folder / names[-1]), **_WAV)
        steps.append(FFmpegStep("decoding the sound", tuple(written.get_args()), seconds, seconds))
    return tuple(steps), chained(folder / "sounds.ffconcat", names).audio
