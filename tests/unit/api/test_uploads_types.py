from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gala.errors import UnsupportedMedia
from gala.media import AssetKind, MediaClass, media_class
from gala.mime import suffix_of
from gala.sniff import check_kind, sniff
from tests.fakes.media_files import BOTH, PICTURE, SOUND, VIDEO, make

MADE_BY_FFMPEG = {
    "faststart.mp4": ("video/mp4", (*BOTH, "-movflags", "+faststart")),
    "index-last.mp4": ("video/mp4", BOTH),
    "fragmented.mp4": ("video/mp4", (*BOTH, "-movflags", "frag_keyframe+empty_moov")),
    "silent.mp4": ("video/mp4", VIDEO),
    "sound-only.mp4": ("audio/mp4", (*SOUND, "-movflags", "+faststart")),
    "clip.mov": ("video/quicktime", BOTH),
    "clip.m4v": ("video/x-m4v", (*BOTH, "-f", "ipod", "-c:v", "libx264")),
    "clip.3gp": ("video/3gpp", (*VIDEO, "-c:v", "libx264")),
    "clip.webm": ("video/webm", (*BOTH, "-c:v", "libvpx", "-c:a", "libopus")),
    "voice.webm": ("audio/webm", (*SOUND, "-c:a", "libopus")),
    "clip.mkv": ("video/x-matroska", BOTH),
    "song.mka": ("audio/x-matroska", SOUND),
    "clip.avi": ("video/x-msvideo", BOTH),
    "clip.ts": ("video/mp2t", BOTH),
    "clip.m2ts": ("video/mp2t", (*BOTH, "-f", "mpegts", "-mpegts_m2ts_mode", "1")),
    "clip.mpg": ("video/mpeg", BOTH),
    "clip.flv": ("video/x-flv", (*BOTH, "-ar", "44100")),
    "clip.wmv": ("video/x-ms-wmv", BOTH),
    "clip.gif": ("image/gif", VIDEO),
    "picture.png": ("image/png", PICTURE),
    "moving.png": ("image/apng", (*VIDEO, "-f", "apng")),
    "picture.jpg": ("image/jpeg", PICTURE),
    "picture.webp": ("image/webp", PICTURE),
    "picture.bmp": ("image/bmp", PICTURE),
    "picture.tiff": ("image/tiff", PICTURE),
    "picture.avif": ("image/avif", (*PICTURE, "-c:v", "libsvtav1")),
    "sound.wav": ("audio/wav", SOUND),
    "sound.rf64": ("audio/wav", (*SOUND, "-f", "wav", "-rf64", "always")),
    "tagged.mp3": ("audio/mpeg", (*SOUND, "-metadata", "title=x")),
    "bare.mp3": ("audio/mpeg", (*SOUND, "-id3v2_version", "0", "-write_xing", "0")),
    "low.mp3": ("audio/mpeg", (*SOUND, "-ar", "11025", "-id3v2_version", "0")),
    "layer2.mp2": ("audio/mpeg", SOUND),
    "sound.aac": ("audio/aac", SOUND),
    "sound.m4a": ("audio/mp4", SOUND),
    "sound.ogg": ("audio/ogg", (*SOUND, "-c:a", "libvorbis")),
    "sound.opus": ("audio/ogg", SOUND),
    "sound.flac": ("audio/flac", SOUND),
    "sound.aiff": ("audio/aiff", SOUND),
    "sound.caf": ("audio/x-caf", SOUND),
}


@pytest.mark.parametrize("name", MADE_BY_FFMPEG)
def test_a_media_file_is_known_by_its_bytes(name: str, tmp_path: Path) -> None:
    mime, arguments = MADE_BY_FFMPEG[name]
    made = make(tmp_path / name, *arguments)
    # A wrong file name, which must not matter.
    assert sniff(made.rename(tmp_path / "no-suffix.txt")) == mime


SRT = "1\r\n00:00:01,000 --> 00:00:02,500\r\n¡Hola, señor!\r\n"
TEXTS = {
    b"Just words.\n": "text/plain",
    "Grüße, 世界 👋".encode(): "text/plain",
    b"\xef\xbb\xbfwith a mark": "text/plain",
    b"   \n": "text/plain",
    SRT.encode(): "application/x-subrip",
    b"\xef\xbb\xbf\n\n" + SRT.encode(): "application/x-subrip",
    b"00:01.5 is no subtitle": "text/plain",
    b"0:00:01.0 --> 0:00:02.0\nno number\n": "application/x-subrip",
    SRT.encode("windows-1252"): "application/x-subrip",
    b"\xff\xfe" + SRT.encode("utf-16-le"): "application/x-subrip",
    b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n": "text/vtt",
    b"\xef\xbb\xbfWEBVTT - title\n": "text/vtt",
    b"WEBVTTX": "text/plain",
    b"00:04:40 --> 00:04:41\nno milliseconds\n": "application/x-subrip",
    b"1\r00:00:01:000 --> 00:00:02:000\rMac\r": "application/x-subrip",
    b"1\n00:00:01,0 --> 00:00:02,0\nNU\0L\n": "application/x-subrip",
    SRT.encode() + b"\x1a": "application/x-subrip",
    SRT.encode("utf-16-le"): "application/x-subrip",
    b"0:00:01.000,0:00:02.000\nSBV\n": "application/x-subrip",
    "Sous-titres français\n\n1\n00:00:01 --> 00:00:02\n".encode("cp1252"): "application/x-subrip",
    "<SAMI><BODY><SYNC Start=1><P>안녕".encode("cp949"): "text/plain",
    b"\nWEBVTT\n": "text/vtt",
    b"[ar:A]\n[00:12.00]la la\n": "text/x-lrc",
    b"{1}{1}25.0\n{25}{50}Hi\n": "text/x-microdvd",
    b"[10][25]Hi\n": "text/x-mpl2",
    b"[Script Info]\nTitle: x\n": "text/x-ssa",
    b"; made by hand\n[script info]\n": "text/x-ssa",
    b'{"a": [1, 2]}': "application/json",
    b"[]": "application/json",
    b'{"a": broken': "text/plain",
    b"[" * 60_000: "text/plain",
    b"[00:12] a note": "text/plain",
    b"<!doctype html><script>alert(1)</script>": "text/plain",
    b'<svg xmlns="http://www.w3.org/2000/svg"/>': "text/plain",
    b"GIF89a<script>alert(1)</script>": "text/plain",
    b"BM is not a bitmap, nor is ID3 a song": "text/plain",
    b"#EXTM3U\nhttp://169.254.169.254/\n": "text/plain",
    b"ffconcat version 1.0\nfile /etc/passwd\n": "text/plain",
    b"\xff\xfesome utf-16 that is no subtitle": "application/octet-stream",
    b"caf\xe9 in an old encoding": "application/octet-stream",
    b"words\0and a NUL": "application/octet-stream",
    b"\x1b[31mred\x1b[0m": "text/plain",
    b"": "application/octet-stream",
    b"%PDF-1.7\nall in ascii": "application/pdf",
    b"\0\0\0\x14ftypheic\0\0\0\0mif1": "image/heic",
    b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic": "image/heic",
    b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif": "image/avif",
    b"\0\0\0\x08wide\0\0\0\0mdat": "video/quicktime",
    b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(40): "application/x-7z-compressed",
    b"\0\1\0\0\0\4\0\x40\0\2\0\0cmap" + bytes(40): "font/ttf",
    b"OTTO\0\4\0\x40\0\2\0\0CFF " + bytes(40): "font/otf",
    b"ttcf\0\1\0\0" + bytes(40): "font/collection",
    b"wOFF\0\1\0\0" + bytes(40): "font/woff",
    b"wOF2\0\1\0\0" + bytes(40): "font/woff2",
    bytes(3000): "application/octet-stream",
    b"\xff\xfb\x90\x64" + bytes(3000): "application/octet-stream",
}


@pytest.mark.parametrize("content", TEXTS, ids=lambda content: repr(content[:24]))
def test_text_and_the_rest_are_known_by_their_bytes(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    assert sniff(path) == TEXTS[content]


def test_long_text_that_is_cut_within_a_character_is_still_text(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_text("x" + "é" * 100_000, encoding="utf-8")
    assert sniff(path) == "text/plain"


def test_a_zip_is_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("a.txt", "x")
    assert sniff(tmp_path / "a") == "application/zip"


def test_a_16_bit_tiff_of_the_other_byte_order_is_a_tiff(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"MM\0*" + struct.pack(">I", 8) + b"\0\0")
    assert sniff(tmp_path / "a") == "image/tiff"


def test_a_song_with_a_large_cover_in_its_tag_is_a_song(tmp_path: Path) -> None:
    Image.effect_noise((500, 500), 90).save(tmp_path / "cover.png")
    song = make(
        tmp_path / "song.mp3",
        *(*SOUND, "-i", str(tmp_path / "cover.png"), "-map", "0", "-map", "1", "-c:v", "copy"),
    )
    assert song.stat().st_size > 150_000
    assert sniff(song) == "audio/mpeg"


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_no_bytes_are_ever_taken_for_what_a_browser_runs(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    mime = sniff(path)
    assert not any(word in mime for word in ("html", "svg", "xml", "script"))


ACCEPTED = {
    AssetKind.SOURCE_VIDEO: {"video/mp4", "video/webm"},
    AssetKind.MUSIC: {"audio/mpeg", "video/mp4"},
    AssetKind.VOICE: {"audio/webm", "video/webm"},
    AssetKind.OVERLAY: {"image/png"},
    AssetKind.THUMBNAIL: {"image/jpeg"},
    AssetKind.BACKGROUND: {"image/jpeg", "video/mp4"},
    AssetKind.AVATAR_INPUT: {"image/png", "video/mp4", "audio/wav"},
    AssetKind.CAPTIONS: {"application/x-subrip", "text/vtt", "text/x-ssa"},
    AssetKind.OTHER: {"text/plain", "application/octet-stream", "video/mp4"},
    AssetKind.RENDER_OUTPUT: {"text/plain", "application/octet-stream", "video/mp4"},
}
REFUSED = {
    AssetKind.SOURCE_VIDEO: {"text/plain", "image/gif", "audio/mp4", "application/octet-stream"},
    AssetKind.MUSIC: {"image/png", "text/plain"},
    AssetKind.VOICE: {"image/png"},
    AssetKind.OVERLAY: {"video/mp4", "text/plain"},
    AssetKind.THUMBNAIL: {"video/mp4"},
    AssetKind.BACKGROUND: {"audio/mpeg", "text/plain"},
    AssetKind.AVATAR_INPUT: {"text/plain", "application/zip"},
    AssetKind.CAPTIONS: {"text/plain", "video/mp4", "application/json"},
}


def test_every_kind_is_decided_on() -> None:
    assert set(ACCEPTED) == set(AssetKind)


@pytest.mark.parametrize("kind", AssetKind)
def test_a_kind_takes_the_types_that_serve_it(kind: AssetKind) -> None:
    for mime in ACCEPTED[kind]:
        check_kind(kind, mime)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_kind_refuses_other_types_and_says_what_it_needs(kind: AssetKind) -> None:
    for mime in REFUSED[kind]:
        with pytest.raises(UnsupportedMedia) as refusal:
            check_kind(kind, mime)
        assert mime in refusal.value.message
        assert refusal.value.details == {"field": "file", "kind": kind, "mime": mime}


def test_the_refusal_reads_like_a_sentence() -> None:
    with pytest.raises(UnsupportedMedia) as refusal:
        check_kind(AssetKind.BACKGROUND, "text/plain")
    expected = (
        "The content of this file is text/plain; the kind background requires an image or a video."
    )
    assert refusal.value.message == expected


def test_the_refusal_names_the_kinds_that_would_take_the_file() -> None:
    with pytest.raises(UnsupportedMedia) as refusal:
        check_kind(AssetKind.OVERLAY, "audio/mpeg")
    assert refusal.value.hint == "These kinds take it: music, voice, avatar_input, other."
    with pytest.raises(UnsupportedMedia) as refusal:
        check_kind(AssetKind.MUSIC, "text/vtt")
    assert refusal.value.hint == "These kinds take it: captions, other."


@pytest.mark.parametrize("mime", sorted({mime for mime, _ in MADE_BY_FFMPEG.values()}))
def test_every_media_type_that_is_told_has_a_suffix(mime: str) -> None:
    assert suffix_of(mime) != suffix_of("application/octet-stream")


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("video/mp4", MediaClass.VIDEO),
        ("application/x-subrip", MediaClass.TEXT),
        ("application/zip", MediaClass.OTHER),
        ("nonsense", MediaClass.OTHER),
    ],
)
def test_a_type_has_a_class(mime: str, expected: MediaClass) -> None:
    assert media_class(mime) is expected
