"""The sound of a composition: voices, and what gives way to them, mixed once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from gala.timeline.compilation.layers import CompiledTimeline, Hold, Layer, SourceSpan
from gala.timeline.compilation.sampling import value_at
from gala.timeline.compilation.spoken_lines import SpokenLine
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg.encoder_options import AUDIO_RATE
from gala_renderer.ffmpeg.inputs import Stream, audio_of, looped_input, user_input
from gala_renderer.narration.sound import TimedVoice
from gala_renderer.probe.media import AudioStream, Media
from gala_renderer.timeline.held_sounds import check_held
from gala_renderer.timeline.rounds import is_prepared

_SILENCE_DB = -120.0
_VOLUMES = 1000
"""Values per second of a volume that changes."""
_PLACES = 10_000
"""Between two keyframes, at which a volume is computed: each takes time."""
_SOFT = 0.005
"""Seconds in which a sound falls silent where its picture stands still."""
_AT_ONCE = 1_000_000
"""Values in memory."""


def heard(
    compiled: CompiledTimeline,
    files: Mapping[str, Media],
    voices: Mapping[SpokenLine, TimedVoice],
    folder: Path,
) -> Stream | None:
    """Return the mixed sound of the film, exactly as long as it; None if nothing is heard.

    Volumes that change are written to files in ``folder``. Raise InvalidTimeline if what is held in
    memory would be too much.
    """
    audible = [layer for layer in compiled.layers if not _is_mute(layer)]
    check_held(audible, files)
    fades = _crossfades(compiled)
    speech: list[Stream] = []
    others: dict[float, list[Stream]] = {}
    for layer in audible:
        source = sound_of(layer, files, voices)
        if source is None:
            continue
        envelope = _envelope(layer, folder)
        stream = _placed(source, layer, fades.get(layer.number, (0.0, 0.0)), envelope)
        if layer.speech is not None:
            speech.append(stream)
        else:
            duck_db = float(getattr(layer.element, "duck_db", 0.0))
            others.setdefault(duck_db, []).append(stream)
    seconds = float(compiled.length)
    if not speech and not others:
        muted = any(sound_of(layer, files, voices) for layer in compiled.layers)
        return sounds.silence(seconds) if muted else None
    whole = _ducked(speech, others, seconds)
    return sounds.fitted(sounds.mixed(whole), seconds)


def _is_mute(layer: Layer) -> bool:
    """Return True for a sound that is never heard, so that it need not be decoded."""
    frames = getattr(layer.element, "keyframes", ())
    is_keyed = any("volume" in frame.values for frame in frames)
    return getattr(layer.element, "volume", 1.0) == 0 and not is_keyed


def mixed_to_file(stream: Stream, path: Path) -> tuple[str, ...]:
    """Return the arguments that write the sound as a WAV file in floats."""
    # Above 4 GiB, three hours, a plain WAV header cannot hold the length.
    options = {"f": "wav", "rf64": "auto", "c:a": "pcm_f32le", "ar": AUDIO_RATE}
    output = ffmpeg.output(stream, str(path), **options)
    return tuple(output.get_args())


def _ducked(
    speech: Sequence[Stream], others: Mapping[float, Sequence[Stream]], seconds: float
) -> list[Stream]:
    beds = [(db, sounds.fitted(sounds.added(some), seconds)) for db, some in others.items()]
    if not speech:
        return [bed for _, bed in beds]
    voice = sounds.fitted(sounds.added(speech), seconds)
    lowered = []
    for number, (db, bed) in enumerate(beds):
        music, voice = sounds.ducked(bed, voice, db, number=number)
        lowered.append(music)
    return [voice, *lowered]


def _crossfades(compiled: CompiledTimeline) -> dict[int, tuple[float, float]]:
    """Return the seconds in which layers fade in and out because one takes another's place.

    Voices do not speak in the transitions of scenes.
    """
    into = {
        layer.number: layer.transition.transition.duration
        for layer in compiled.layers
        if layer.transition is not None
    }
    out_of = {
        layer.transition.before: layer.transition.transition.duration
        for layer in compiled.layers
        if layer.transition is not None
    }
    _add_groups(compiled, into, out_of)
    for scene in compiled.scenes:
        if scene.transition is None:
            continue
        before, duration = compiled.scenes[scene.number - 1], scene.transition.transition.duration
        for layer in (one for one in compiled.layers if one.speech is None):
            if layer.scene == scene.number and layer.start == scene.start:
                into[layer.number] = duration
            if layer.scene == before.number and layer.end == before.end:
                out_of[layer.number] = duration
    return {number: (into.get(number, 0.0), out_of.get(number, 0.0)) for number in {*into, *out_of}}


def _add_groups(
    compiled: CompiledTimeline, into: dict[int, float], out_of: dict[int, float]
) -> None:
    """Add what is heard in groups that take another's place, or whose place is taken."""
    grouped = [(one, group) for one in compiled.layers for group in one.groups]
    for _, group in grouped:
        if group.transition is not None:
            out_of[group.transition.before] = group.transition.transition.duration
    for layer, group in grouped:
        if layer.speech is not None:
            continue
        if group.transition is not None and layer.start == group.start:
            into[layer.number] = group.transition.transition.duration
        if group.number in out_of and layer.end == group.end:
            out_of[layer.number] = out_of[group.number]


def sound_of(
    layer: Layer, files: Mapping[str, Media], voices: Mapping[SpokenLine, TimedVoice]
) -> Stream | None:
    """Return the sound of a layer from its own start on, in 48 kHz stereo."""
    speech, span = layer.speech, layer.source
    if speech is not None and speech.line is not None:
        spoken = voices[speech.line].track.media
        source = ffmpeg.input(str(spoken.path), f="wav", **_apart(layer)).audio
        return sounds.stereo(source, spoken.require_sound(layer.pointer))
    if speech is not None and speech.source is not None:
        return file_sound(files[speech.source], layer)
    if span is None or span.freeze:
        return None
    media = files[str(getattr(layer.element, "src", ""))]
    if media.sound is None:
        return None
    return _played(layer, span, media, media.sound)


def _played(layer: Layer, span: SourceSpan, media: Media, sound: AudioStream) -> Stream:
    """Return the sound of the part of a file that a layer plays."""
    length = float(layer.length)
    if span.loop and not is_prepared(span):
        source = audio_of(media, looped_input(media, length * span.speed, vn=None, **_apart(layer)))
        return sounds.at_tempo(sounds.stereo(source, sound), span.speed)
    part = sounds.cut(
        sounds.stereo(audio_of(media, user_input(media, **_apart(layer))), sound),
        float(span.start),
        None if span.end is None else float(span.end),
    )
    if span.reverse:
        part = part.filter("areverse")
    part = sounds.at_tempo(part, span.speed)
    if not span.loop:
        return _interrupted(part, span.holds, layer.number)
    end = float(span.end) if span.end is not None else media.length
    samples = round((end - float(span.start)) / span.speed * AUDIO_RATE)
    whole = part.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    return whole.filter("aloop", loop=-1, size=samples)


def _interrupted(stream: Stream, holds: Sequence[Hold], layer: int) -> Stream:
    """Return the sound of a layer, silent while its picture stands still."""
    if not holds:
        return stream
    pieces, silences = stream.asplit(), _apart_by(_SOFT, holds)
    earlier, begin, found = 0.0, 0.0, []
    for number, hold in enumerate(silences):
        end = float(hold.start) - earlier
        samples = round(float(hold.end) * AUDIO_RATE) - round((begin + earlier) * AUDIO_RATE)
        if end - begin < _SOFT:
            found.append(sounds.silence(samples / AUDIO_RATE, number=layer))
        else:
            piece = sounds.cut(pieces[number], begin, end)
            # So that nothing clicks where it stops, and where it goes on.
            soft = _SOFT if number else 0.0
            faded = sounds.faded(piece, fade_in=soft, fade_out=_SOFT, seconds=end - begin)
            found.append(faded.filter("apad", whole_len=samples))
        earlier, begin = earlier + float(hold.length), end
    last = sounds.cut(pieces[len(silences)], begin).filter("afade", type="in", d=_SOFT)
    return sounds.joined([*found, last])


def _apart_by(seconds: float, holds: Sequence[Hold]) -> list[Hold]:
    """Return holds of which those that are nearer to one another are one."""
    found: list[Hold] = []
    for hold in holds:
        if found and hold.start - found[-1].end < seconds:
            first = found.pop()
            hold = Hold(first.start, first.length + hold.length)  # noqa: PLW2901 - both are one
        found.append(hold)
    return found


def file_sound(media: Media, layer: Layer) -> Stream:
    """Return the whole sound of a file, for a layer. Raise UnprocessableMedia without one."""
    sound = media.require_sound("src")
    return sounds.stereo(audio_of(media, user_input(media, **_apart(layer))), sound)


def _apart(layer: Layer) -> dict[str, int]:
    """Return an option that makes the input of a layer unlike others of the same file.

    ffmpeg-python would merge them, and their filters.
    """
    return {"thread_queue_size": 8 + layer.number}


def _envelope(layer: Layer, folder: Path) -> Stream | None:
    """Return the volume of a layer over its time as a sound, None if it does not change."""
    frames = getattr(layer.element, "keyframes", ())
    if not any("volume" in frame.values for frame in frames):
        return None
    path = folder / f"volume-{layer.number}.f32"
    with path.open("wb") as file:
        for part in _volumes(layer):
            file.write(np.repeat(part, 2).tobytes())
    volumes = ffmpeg.input(str(path), f="f32le", ar=_VOLUMES, ac=2).audio
    return volumes.filter("aresample", AUDIO_RATE)


def _volumes(layer: Layer) -> Iterator[NDArray[np.float32]]:
    """Yield the volume of a layer at each of its milliseconds, some at a time."""
    start, length = float(layer.start), float(layer.length)
    times = _looked_at(layer)
    own = float(getattr(layer.element, "volume", 1.0))
    values = [value_at(layer, "volume", start + time, own) for time in times]
    count = math.ceil(length * _VOLUMES) + 2
    for first in range(0, count, _AT_ONCE):
        seconds = np.arange(first, min(count, first + _AT_ONCE)) / _VOLUMES
        yield np.interp(seconds, times, values).astype("<f4")


def _looked_at(layer: Layer) -> NDArray[np.float64]:
    """Return the seconds of a layer between which its volume changes evenly, near enough.

    A film may last for hours: what is long between keyframes is looked at in fewer places.
    """
    length, found = float(layer.length), [np.zeros(1)]
    keys = (one for one in getattr(layer.element, "keyframes", ()) if "volume" in one.values)
    at = sorted(one.time.value * (length if one.time.is_fraction else 1) for one in keys)
    for first, end in pairwise(at):
        # Just before the end, too, where the volume may jump.
        last = max(first, end - 1 / _VOLUMES)
        places = min(_PLACES, math.ceil((end - first) * _VOLUMES) + 1)
        found.append(np.linspace(first, last, places))
    return np.unique(np.concatenate([*found, np.asarray(at)]))


def _placed(
    stream: Stream, layer: Layer, crossfades: tuple[float, float], envelope: Stream | None
) -> Stream:
    """Return a sound at its level, faded, at its time in the film."""
    element, length = layer.element, float(layer.length)
    volume = float(getattr(element, "volume", 1.0))
    level = 20 * math.log10(volume) if volume > 0 else _SILENCE_DB
    fade_in = max(float(getattr(element, "fade_in", 0.0)), crossfades[0])
    fade_out = max(float(getattr(element, "fade_out", 0.0)), crossfades[1])
    if envelope is None:
        part = sounds.fitted(sounds.gained(stream, level), length)
    else:
        volumes = envelope.filter("apad").filter("aformat", sample_fmts="fltp")
        steady = sounds.fitted(stream, length).filter("aformat", sample_fmts="fltp")
        part = sounds.fitted(ffmpeg.filter([steady, volumes], "amultiply"), length)
    faded = sounds.faded(part, fade_in=fade_in, fade_out=fade_out, seconds=length)
    return sounds.delayed(faded, float(layer.start))
