"""WAV files from a pipe get their true sizes."""

from __future__ import annotations

import io
import struct
import wave

import pytest

from gala_api.kokoro_fastapi.wav_sizes import with_sizes


def streamed(samples: bytes, *, extra: bytes = b"") -> bytes:
    """Return a WAV file as FFmpeg writes it to a pipe: every size is a placeholder."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 24_000, 48_000, 2, 16)
    data = b"data" + b"\xff" * 4 + samples
    return b"RIFF" + b"\xff" * 4 + b"WAVE" + form + extra + data


@pytest.mark.parametrize("extra", [b"", b"LIST\x03\x00\x00\x00abc\x00"])
def test_a_reader_that_trusts_the_header_reads_all_samples(extra: bytes) -> None:
    with wave.open(io.BytesIO(with_sizes(streamed(bytes(480), extra=extra)))) as file:
        assert file.getnframes() == 240
        assert file.readframes(1000) == bytes(480)


@pytest.mark.parametrize("audio", [b"", b"RIFF", b"ID3" + bytes(50), b"RIFF0000WAVEfmt "])
def test_anything_else_is_not_changed_beyond_its_length(audio: bytes) -> None:
    assert len(with_sizes(audio)) == len(audio)
