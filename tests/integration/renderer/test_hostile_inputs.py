"""Malformed and oversized files: a clear error, no hang, and the renderer survives."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from gala.errors import ErrorCode
from tests.fakes.media_files import PICTURE, SOUND, VIDEO, make
from tests.integration.renderer.service import Attempt, RendererProcess


def _png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def huge_png(path: Path) -> None:
    row = b"\0" * (16000 // 8 + 1)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(row) for _ in range(16000)) + packer.flush()
    chunks = b""
    for kind, body in ((b"IDAT", data), (b"IEND", b"")):
        chunks += struct.pack(">I", len(body)) + kind + body
        chunks += struct.pack(">I", zlib.crc32(kind + body))
    path.write_bytes(_png_header(16000, 16000) + chunks)


def cut_video(path: Path) -> None:
    make(path, *VIDEO)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_streamable_video(path: Path) -> None:
    make(path, *VIDEO, "-movflags", "+faststart")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])


def damaged_picture(path: Path) -> None:
    whole = make(path.with_name("whole.png"), *PICTURE)
    path.write_bytes(whole.read_bytes()[:60])
    whole.unlink()


def cut_photo(path: Path) -> None:
    Image.effect_noise((200, 200), 90).save(path, format="JPEG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def playlist(path: Path) -> None:
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n")


def concat_list(path: Path) -> None:
    make(path.with_name("secret.mp4"), *VIDEO).rename(path.parent.parent / "secret.mp4")
    path.write_text("ffconcat version 1.0\nfile ../secret.mp4\n")


def mpd(path: Path) -> None:
    path.write_text('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>')


def sound_only(path: Path) -> None:
    make(path.with_name("s.m4a"), *SOUND).rename(path)


HOSTILE: dict[str, Callable[[Path], object]] = {
    "zero bytes": lambda path: path.touch(),
    "text": lambda path: path.write_text("This is no video.\n" * 50),
    "random bytes": lambda path: path.write_bytes(zlib.compress(b"x" * 10000) * 20),
    "svg": lambda path: path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9"/>'),
    "playlist": playlist,
    "concat list": concat_list,
    "dash manifest": mpd,
    "cut video": cut_video,
    "cut video with its index in front": cut_streamable_video,
    "damaged picture": damaged_picture,
    "cut photo": cut_photo,
    "16000 x 16000 picture": huge_png,
    "header of a giant": lambda path: path.write_bytes(_png_header(2**31 - 1, 2**31 - 1)),
    "sound without a picture": sound_only,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_background_that_cannot_be_used_is_named_with_a_hint(
    renderer: RendererProcess, attempt: Attempt, kind: str
) -> None:
    HOSTILE[kind](attempt.inputs / "bg.mp4")
    error = renderer.render(attempt.request()).error
    assert error.code is ErrorCode.UNPROCESSABLE_MEDIA
    assert "inputs.bg_asset_id" in error.message
    assert error.hint
    assert not error.retryable
    assert attempt.left() - {"secret.mp4"} == set()
    assert renderer.client.get("/readyz").is_success


def test_music_without_sound_is_refused(renderer: RendererProcess, attempt: Attempt) -> None:
    make(attempt.inputs / "music.mp4", *VIDEO)
    error = renderer.render(attempt.request()).error
    assert error.code is ErrorCode.UNPROCESSABLE_MEDIA
    assert "inputs.music_asset_id" in error.message


def test_a_cover_picture_does_not_make_a_song_a_background(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    cover = ("-map", "0", "-map", "1", "-c:v", "png", "-disposition:v", "attached_pic")
    make(attempt.inputs / "bg.mp3", *SOUND, *PICTURE, *cover)
    error = renderer.render(attempt.request()).error
    assert "has no picture" in error.message


@pytest.mark.parametrize("size", ["1x4000", "4000x1"])
def test_a_picture_of_extreme_proportions_costs_no_memory(
    renderer: RendererProcess, attempt: Attempt, size: str
) -> None:
    make(attempt.inputs / "bg.png", "-f", "lavfi", "-i", f"color=red:s={size}", "-frames:v", "1")
    assert renderer.render(attempt.request(duration_ms=100)).outputs


def test_a_link_in_place_of_an_input_is_not_followed(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    outside = make(attempt.folder.parent / "outside.png", *PICTURE)
    (attempt.inputs / "bg.png").symlink_to(outside)
    error = renderer.render(attempt.request()).error
    assert error.code is ErrorCode.RENDER_FAILED
    assert "link" in error.message


def test_a_link_in_place_of_the_outputs_is_not_followed(
    renderer: RendererProcess, attempt: Attempt, tmp_path: Path
) -> None:
    (attempt.folder / "out").symlink_to(tmp_path)
    assert "link" in renderer.render(attempt.request()).error.message
    assert list(tmp_path.iterdir()) == []


def test_an_attempt_without_a_folder_says_what_to_share(renderer: RendererProcess) -> None:
    attempt = renderer.attempt()
    request = attempt.request()
    attempt.inputs.rmdir()
    attempt.folder.rmdir()
    error = renderer.render(request).error
    assert "DATA_ROOT" in (error.hint or "")
