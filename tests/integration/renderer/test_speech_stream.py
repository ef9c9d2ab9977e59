"""Speech that is streamed while it is synthesised."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator

import av
import httpx
import numpy as np
import pytest

from gala.speech_protocol import PCM_RATE, SPEECH_MIMES, SpeechFormat
from tests.integration.renderer.service import RendererProcess
from tests.support.program_killer import killing_first
from tests.support.wait import wait_until

TEXT = "The first sentence is short. The second one is a little longer than that. And a third!"
LONG = " ".join(
    f"Sentence number {number} tells of the sea and of the ships." for number in range(50)
)


def speech(renderer: RendererProcess, **fields: object) -> httpx.Response:
    body = {"text": TEXT, "engine": "espeak", "voice": "en-us", **fields}
    return renderer.client.post("/speech", json=body, timeout=60)


def seconds_of(sound: bytes) -> float:
    with av.open(io.BytesIO(sound)) as media:
        frames = list(media.decode(audio=0))
        return sum(frame.samples for frame in frames) / frames[0].sample_rate


@pytest.mark.parametrize("form", [form for form in SpeechFormat if form is not SpeechFormat.PCM])
def test_every_format_is_a_whole_file_of_its_type(
    renderer: RendererProcess, form: SpeechFormat
) -> None:
    answer = speech(renderer, format=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == SPEECH_MIMES[form]
    wav = seconds_of(speech(renderer, format="wav").content)
    assert 4 < wav < 12
    assert seconds_of(answer.content) == pytest.approx(wav, abs=0.15)


def test_pcm_is_24_khz_mono_without_a_header(renderer: RendererProcess) -> None:
    samples = np.frombuffer(speech(renderer, format="pcm").content, "<i2") / 32768
    wav = seconds_of(speech(renderer, format="wav").content)
    assert len(samples) / PCM_RATE == pytest.approx(wav, abs=0.1)
    assert 0.1 < np.abs(samples).max() < 0.9


def test_a_pause_in_the_text_is_silence_of_that_length(renderer: RendererProcess) -> None:
    with_pause = speech(renderer, format="wav", text="One. [pause 2s] Two.").content
    without = speech(renderer, format="wav", text="One. Two.").content
    assert 1.4 < seconds_of(with_pause) - seconds_of(without) < 2.1


def test_streamed_speech_pauses_at_sentences_and_longer_at_blank_lines(
    renderer: RendererProcess,
) -> None:
    def gaps(text: str) -> list[float]:
        """Return the lengths of the silences, in seconds."""
        content = speech(renderer, format="pcm", text=text).content
        audible = np.flatnonzero(np.abs(np.frombuffer(content, "<i2") / 32768) > 0.003)
        return [float(gap) / PCM_RATE for gap in np.diff(audible) if gap > 0.25 * PCM_RATE]

    # The first piece has at most 120 characters, so that the sentences are spoken separately.
    long = (
        "We sailed by the shore of the sea, and the mast of the ship was made of the oldest wood."
    )
    (sentence,) = gaps(f"{long} {long}")
    (paragraph,) = gaps(f"{long}\r\n\r\n{long}\n\n")
    assert 0.25 < sentence < 0.45
    assert 0.5 < paragraph - sentence < 0.7


@pytest.mark.parametrize("speed", [0.25, 4])
def test_speeds_beyond_an_engines_own_are_reached(renderer: RendererProcess, speed: float) -> None:
    usual = seconds_of(speech(renderer, format="wav").content)
    other = seconds_of(speech(renderer, format="wav", speed=speed).content)
    assert other == pytest.approx(usual / speed, rel=0.35)


@pytest.mark.parametrize(
    ("change", "status", "part"),
    [
        ({"text": " "}, 400, "text"),
        ({"text": "..."}, 400, "text"),
        ({"voice": "nobody"}, 400, "voice"),
        ({"format": "midi"}, 400, "format"),
        ({"speed": 9}, 400, "speed"),
        ({"engine": "chatterbox"}, 503, "CHATTERBOX_URL"),
        ({"extra": 1}, 400, "extra"),
    ],
)
def test_what_cannot_be_spoken_is_told_before_any_sound(
    renderer: RendererProcess, change: dict[str, object], status: int, part: str
) -> None:
    answer = speech(renderer, **change)
    assert answer.status_code == status, answer.text
    assert part in answer.json()["error"]["message"]


def streamed(renderer: RendererProcess, text: str) -> Iterator[bytes]:
    body = {"text": text, "engine": "espeak", "voice": "en-us", "format": "mp3"}
    with renderer.client.stream("POST", "/speech", json=body, timeout=60) as answer:
        assert answer.status_code == 200
        yield from answer.iter_bytes()


def test_the_first_sound_comes_long_before_the_last(renderer: RendererProcess) -> None:
    began = time.monotonic()
    chunks = streamed(renderer, LONG)
    next(chunks)
    first = time.monotonic() - began
    for _ in chunks:
        pass
    assert first < 0.5 * (time.monotonic() - began)


def test_who_goes_away_leaves_nothing_running(renderer: RendererProcess) -> None:
    chunks = streamed(renderer, LONG)
    next(chunks)
    assert renderer.decoders()
    chunks.close()
    wait_until(lambda: not renderer.decoders(), 15, what="the end of its programs")


def test_a_listener_who_reads_slowly_keeps_nobody_waiting(
    make_renderer: Callable[..., RendererProcess],
) -> None:
    """More sound than the buffers of a connection hold is made before it is read."""
    renderer = make_renderer(RENDERER_SLOTS="1")
    body = {"text": LONG * 4, "engine": "espeak", "voice": "en-us", "format": "wav"}
    with renderer.client.stream("POST", "/speech", json=body, timeout=60) as slow:
        chunks = slow.iter_raw()
        received = len(next(chunks))
        assert seconds_of(speech(renderer, format="wav").content) > 4
        received += sum(map(len, chunks))
    assert received > 20_000_000


def test_the_voices_of_every_engine_that_speaks_are_listed(renderer: RendererProcess) -> None:
    voices = renderer.client.get("/voices").json()
    assert voices["default"] in voices["engines"]
    assert {"name": "es", "language": "es"}.items() <= next(
        voice for voice in voices["engines"]["espeak"] if voice["name"] == "es"
    ).items()


@pytest.mark.parametrize("program", ["espeak/program.py", "ffmpeg"])
def test_a_program_killed_before_the_first_sound_is_not_noticed_by_the_listener(
    renderer: RendererProcess, program: str
) -> None:
    with killing_first(renderer.process, program) as killed:
        answer = speech(renderer, format="wav")
    assert killed
    assert answer.status_code == 200
    assert seconds_of(answer.content) > 4


def test_the_sample_of_a_voice_is_spoken_once_however_many_ask(renderer: RendererProcess) -> None:
    body = {"engine": "espeak", "voice": "es+f3"}
    answers = [renderer.client.post("/voices/sample", json=body, timeout=60) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].headers["content-type"] == "audio/mpeg"
    assert answers[0].content == answers[1].content
    assert 2 < seconds_of(answers[0].content) < 8


def test_a_part_in_another_language_is_streamed_with_its_words(renderer: RendererProcess) -> None:
    text = "Me gusta el [lang en]machine[/lang]."
    answer = speech(renderer, text=text, voice="es", format="wav", word_times=True)
    words = [word for line in answer.text.splitlines() for word in json.loads(line)["words"]]
    assert [word["text"] for word in words] == ["Me", "gusta", "el", "machine."]
    assert "ʃ" in words[-1]["phonemes"]
    refused = speech(renderer, text="a [lang en]b")
    assert (refused.status_code, refused.json()["error"]["details"]["field"]) == (400, "text")
