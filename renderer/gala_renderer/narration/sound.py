"""The voice of a video, spoken or recorded, with its words; and the music under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.loudness import gain_to, integrated_loudness
from gala_renderer.ffmpeg.narration_graph import MusicTrack, VoiceTrack
from gala_renderer.probe.media import AudioStream, Media
from gala_renderer.speech.protocol import Speech
from gala_renderer.speech.words import Word
from gala_renderer.transcription.forced_alignment import align_speech
from gala_renderer.transcription.transcribe import transcribed

_DEFAULT_LUFS: Final = -16.0


@dataclass(frozen=True, slots=True)
class TimedVoice:
    """A voice, its length in seconds, and its words, which may be unknown."""

    track: VoiceTrack
    seconds: float
    words: tuple[Word, ...] = ()


def spoken_voice(said: Speech) -> TimedVoice:
    """Return the voice of finished speech."""
    media = Media(path=said.path, demuxer="wav", sound=AudioStream(rate=said.rate, channels=1))
    return TimedVoice(VoiceTrack(media=media, own=True), said.seconds, said.words)


async def recorded_voice(
    context: RenderContext,
    media: Media,
    *,
    text: str | None,
    language: str | None,
    transcribe: bool,
    lufs: float | None,
    report: Report,
) -> TimedVoice:
    """Return a user's recording at that loudness, with its words.

    The words are those of ``text``, aligned; without one, what is heard if ``transcribe``, else
    none.
    """
    words: tuple[Word, ...] = ()
    if text is not None:
        words = await align_speech(context, media, text, language, report)
    elif transcribe:
        words = await transcribed(context, media, language, report)
    seconds, gain = media.sound_end, 0.0
    if lufs is not None:
        gain = gain_to(lufs, await integrated_loudness(context, media, seconds=seconds))
    return TimedVoice(VoiceTrack(media=media, own=False, gain_db=gain), seconds, words)


async def music_track(
    context: RenderContext,
    media: Media | None,
    *,
    seconds: float,
    voice_lufs: float | None,
    volume_db: float,
    ducking_db: float,
) -> MusicTrack | None:
    """Return the music ``volume_db`` louder than the voice, lowered during speech."""
    if media is None:
        return None
    loudness = await integrated_loudness(context, media, seconds=seconds)
    gain = gain_to(voice_lufs or _DEFAULT_LUFS, loudness) + volume_db
    return MusicTrack(media=media, gain_db=gain, duck_db=ducking_db)
