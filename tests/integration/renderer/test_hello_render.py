"""The outputs of ``hello_render``, checked with PyAV and Pillow."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.fakes.media_files import make
from tests.integration.renderer.service import SMALL, Attempt, Look, RendererProcess

BLUE = ("-f", "lavfi", "-i", "color=0x0000ff:s=96x54:r=25:d=0.3")
TONE = ("-f", "lavfi", "-i", "aevalsrc=0.02*sin(880*PI*t):s=44100:d=0.3")


def made(renderer: RendererProcess, attempt: Attempt, **fields: object) -> tuple[Look, Path]:
    result = renderer.render(attempt.request(**fields))
    for output in result.outputs.values():
        content = (attempt.folder / output.path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (output.size, output.sha256)
    assert attempt.left() == {"out/video.mp4", "out/thumbnail.jpg"}
    return Look.into(attempt.folder / "out/video.mp4"), attempt.folder / "out/thumbnail.jpg"


def colour(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    pixel = picture.convert("RGB").getpixel((int(picture.width * x), int(picture.height * y)))
    assert isinstance(pixel, tuple)
    return pixel


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 24


def test_a_text_on_black_is_a_video_that_plays_everywhere(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    look, thumbnail = made(renderer, attempt, duration_ms=1000)
    assert look.video == {
        "codec": "h264",
        "profile": "High",
        "pix_fmt": "yuv420p",
        "size": (160, 284),
        "fps": Fraction(30),
        "colours": (1, 1, 1, 1),
    }
    assert look.audio == {"codec": "aac", "rate": 48000, "channels": 2}
    assert look.seconds == pytest.approx(1.0, abs=0.03)
    assert [frame.time for frame in look.frames] == pytest.approx([n / 30 for n in range(30)])
    with Image.open(thumbnail) as picture:
        assert (picture.format, picture.size) == ("JPEG", (160, 284))
        assert np.asarray(picture.convert("L")).max() > 200


def test_the_index_comes_before_the_pictures(renderer: RendererProcess, attempt: Attempt) -> None:
    made(renderer, attempt)
    content = (attempt.folder / "out/video.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_same_request_gives_the_same_bytes(renderer: RendererProcess) -> None:
    digests = {
        output.sha256
        for _ in range(2)
        for output in renderer.render(renderer.attempt().request()).outputs.values()
    }
    assert len(digests) == 2


def test_progress_never_falls_and_ends_at_one(renderer: RendererProcess, attempt: Attempt) -> None:
    fractions = renderer.render(attempt.request(duration_ms=2000)).fractions
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_the_text_fades_in(renderer: RendererProcess, attempt: Attempt) -> None:
    look, _ = made(renderer, attempt, duration_ms=1000)
    brightest = [int(frame.to_ndarray(format="gray").max()) for frame in look.frames]
    assert brightest[0] < 20
    assert brightest[:13] == sorted(brightest[:13])
    assert brightest[20] > 230


@pytest.mark.parametrize("fps", [1, 24, 60])
def test_any_frame_rate_is_kept(renderer: RendererProcess, attempt: Attempt, fps: int) -> None:
    look, _ = made(renderer, attempt, format=SMALL | {"fps": fps}, duration_ms=2000)
    assert (look.video["fps"], len(look.frames)) == (fps, 2 * fps)


def test_a_video_of_one_frame_is_still_a_video(renderer: RendererProcess, attempt: Attempt) -> None:
    look, _ = made(renderer, attempt, duration_ms=1)
    assert len(look.frames) == 1


def test_the_smallest_format_has_room_for_a_text(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    look, _ = made(
        renderer,
        attempt,
        format={"width": 16, "height": 16, "fps": 1},
        params={"text": "Längere Wörter\nund mehr davon 你好"},
    )
    assert look.video["size"] == (16, 16)


def test_a_picture_fills_the_frame_and_is_not_stretched(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    # A circle of 60 pixels' diameter in the middle of a wide picture stays a circle.
    circle = "geq=r='255*lt(hypot(X-100,Y-50),30)':g=0:b=255"
    make(
        attempt.inputs / "bg.png",
        *("-f", "lavfi", "-i", f"color=black:s=200x100,format=gbrp,{circle}", "-frames:v", "1"),
    )
    _, thumbnail = made(renderer, attempt, params={"text": "."})
    with Image.open(thumbnail) as picture:
        red = np.asarray(picture.convert("RGB"))[:, :, 0].astype(int)
        blue = np.asarray(picture.convert("RGB"))[:, :, 2].astype(int)
    assert blue[0, 0] > 200
    assert blue[-1, -1] > 200
    rows, columns = np.nonzero(red > 128)
    assert np.ptp(rows) == pytest.approx(60 * 2.84, abs=6)
    assert np.ptp(columns) >= 155, "as wide as the frame: 170 cut to 160"


def test_a_short_video_is_looped_and_its_own_sound_left_out(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    make(attempt.inputs / "bg.mp4", *BLUE, *("-f", "lavfi", "-i", "sine=d=0.3"))
    look, thumbnail = made(renderer, attempt, duration_ms=1500)
    assert len(look.frames) == 45
    last = Image.fromarray(look.frames[-1].to_ndarray(format="rgb24"))
    assert near(colour(last, 0.05, 0.05), (0, 0, 255))
    with Image.open(thumbnail) as picture:
        assert near(colour(picture, 0.95, 0.95), (0, 0, 255))
    assert loudest(attempt) < 1e-3


def test_a_long_video_is_cut(renderer: RendererProcess, attempt: Attempt) -> None:
    make(attempt.inputs / "bg.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=50:d=3")
    look, _ = made(renderer, attempt, duration_ms=400)
    assert len(look.frames) == 12


def test_a_video_s_rotation_is_honoured(renderer: RendererProcess, attempt: Attempt) -> None:
    # Left half red, right half blue, to be rotated by 90 degrees: red is then at one end.
    halves = "color=red:s=32x32:r=10:d=0.3[a];color=blue:s=32x32:r=10:d=0.3[b];[a][b]hstack"
    flat = make(attempt.folder / "flat.mp4", "-filter_complex", halves)
    make(attempt.inputs / "bg.mp4", "-display_rotation", "90", "-i", str(flat), "-c", "copy")
    flat.unlink()
    _, thumbnail = made(renderer, attempt, params={"text": "."})
    with Image.open(thumbnail) as picture:
        ends = {colour(picture, 0.5, 0.05), colour(picture, 0.5, 0.95)}
        assert any(near(end, (255, 0, 0)) for end in ends)
        assert any(near(end, (0, 0, 255)) for end in ends)


def test_a_photo_s_orientation_is_honoured(renderer: RendererProcess, attempt: Attempt) -> None:
    picture = Image.new("RGB", (64, 32), "blue")
    picture.paste("red", (0, 0, 32, 32))
    orientation = Image.Exif()
    orientation[0x0112] = 6
    picture.save(attempt.inputs / "bg.jpg", exif=orientation, quality=95)
    _, thumbnail = made(renderer, attempt, params={"text": "."})
    with Image.open(thumbnail) as shown:
        assert near(colour(shown, 0.5, 0.05), (255, 0, 0))
        assert near(colour(shown, 0.5, 0.95), (0, 0, 255))


def test_an_animated_gif_moves(renderer: RendererProcess, attempt: Attempt) -> None:
    make(attempt.inputs / "bg.gif", "-f", "lavfi", "-i", "testsrc=s=64x64:r=5:d=1")
    look, _ = made(renderer, attempt, duration_ms=900)
    assert np.any(
        look.frames[0].to_ndarray(format="gray")[:40]
        != look.frames[-1].to_ndarray(format="gray")[:40]
    )


SOURCE = ("-f", "lavfi", "-i", "testsrc2=s=66x51:r=24:d=0.4")
IN_THE_WILD = {
    "10-bit HEVC": ("mp4", *SOURCE, *("-c:v", "libx265", "-pix_fmt", "yuv420p10le")),
    "odd sides": ("mkv", *("-f", "lavfi", "-i", "testsrc2=s=67x51:d=0.4", "-c:v", "ffv1")),
    "variable frame rate": (
        "mkv",
        *SOURCE,
        *("-vf", r"setpts=(N+mod(N\,3)/4)/24/TB", "-fps_mode", "vfr", "-c:v", "ffv1"),
    ),
    "pixels that are not square": ("mp4", *SOURCE, "-vf", "setsar=2"),
    "transparent video": ("webm", *SOURCE, *("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p")),
    "flash": ("flv", *SOURCE, *("-c:v", "flv1")),
    "transport stream": ("ts", *SOURCE, *("-c:v", "mpeg2video")),
    "program stream": ("mpg", *SOURCE, *("-c:v", "mpeg2video")),
    "animated webp": ("webp", *SOURCE, "-loop", "0"),
    "animated png": ("apng", *SOURCE, "-plays", "0"),
    "still webp": ("webp", *SOURCE, "-frames:v", "1"),
    "bitmap": ("bmp", *SOURCE, "-frames:v", "1"),
    "sixteen bits a channel": ("png", *SOURCE, "-frames:v", "1", "-pix_fmt", "rgb48be"),
}


@pytest.mark.parametrize("kind", IN_THE_WILD)
def test_backgrounds_as_they_are_in_the_wild(
    renderer: RendererProcess, attempt: Attempt, kind: str
) -> None:
    suffix, *arguments = IN_THE_WILD[kind]
    made_here = make(attempt.folder / f"made.{suffix}", *arguments)
    made_here.rename(attempt.inputs / "bg.upload")
    look, _ = made(renderer, attempt, duration_ms=800)
    assert len(look.frames) == 24
    assert look.frames[-1].to_ndarray(format="rgb24")[:20].max() > 150


@pytest.mark.parametrize(
    ("suffix", "arguments"),
    [
        ("flac", ("-ac", "6")),
        ("m4a", ("-ac", "6")),
        ("opus", ("-ac", "1")),
        ("ogg", ()),
        ("wma", ()),
        ("aiff", ()),
    ],
)
def test_music_as_it_is_in_the_wild(
    renderer: RendererProcess, attempt: Attempt, suffix: str, arguments: tuple[str, ...]
) -> None:
    tone = ("-f", "lavfi", "-i", "sine=f=440:sample_rate=48000:d=0.5")
    make(attempt.folder / f"made.{suffix}", *tone, *arguments).rename(attempt.inputs / "music.any")
    look, _ = made(renderer, attempt, duration_ms=900)
    assert look.audio == {"codec": "aac", "rate": 48000, "channels": 2}
    assert loudest(attempt) > 0.05


def test_the_overlay_keeps_its_transparency(renderer: RendererProcess, attempt: Attempt) -> None:
    overlay = Image.new("RGBA", (160, 284), (0, 0, 0, 0))
    overlay.paste((0, 255, 0, 255), (0, 0, 160, 40))
    overlay.save(attempt.inputs / "overlay.png")
    _, thumbnail = made(renderer, attempt, params={"text": ".", "background_color": "#ff0000"})
    with Image.open(thumbnail) as picture:
        assert near(colour(picture, 0.5, 0.05), (0, 255, 0))
        assert near(colour(picture, 0.5, 0.9), (255, 0, 0))


@pytest.mark.parametrize(("fit", "top"), [("contain", (255, 0, 0)), ("cover", (0, 255, 0))])
def test_an_overlay_of_another_shape_is_shown_whole_or_fills_the_frame(
    renderer: RendererProcess, attempt: Attempt, fit: str, top: tuple[int, int, int]
) -> None:
    Image.new("RGB", (100, 100), (0, 255, 0)).save(attempt.inputs / "overlay.png")
    params = {"text": ".", "background_color": "#ff0000", "overlay_fit": fit}
    _, thumbnail = made(renderer, attempt, params=params)
    with Image.open(thumbnail) as picture:
        assert near(colour(picture, 0.5, 0.05), top)
        assert near(colour(picture, 0.2, 0.5), (0, 255, 0))


def test_everything_together(renderer: RendererProcess, attempt: Attempt) -> None:
    make(attempt.inputs / "bg.mp4", *BLUE)
    make(attempt.inputs / "music.mp3", *TONE)
    Image.new("RGBA", (160, 20), (0, 255, 0, 128)).save(attempt.inputs / "overlay.png")
    look, _ = made(
        renderer, attempt, duration_ms=1000, params={"text": "all", "music_volume_db": -6}
    )
    assert len(look.frames) == 30
    assert loudest(attempt) > 0.01


def samples(attempt: Attempt) -> np.ndarray:
    with av.open(attempt.folder / "out/video.mp4") as container:
        return np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)


def loudest(attempt: Attempt) -> float:
    return float(np.abs(samples(attempt)).max())


@pytest.mark.parametrize("level", [0.01, 0.9])
def test_music_is_brought_to_a_sane_level_looped_and_faded(
    renderer: RendererProcess, attempt: Attempt, level: float
) -> None:
    tone = f"aevalsrc={level}*sin(880*PI*t)|{level}*sin(880*PI*t):s=44100:d=0.7"
    make(attempt.inputs / "music.mp3", "-f", "lavfi", "-i", tone)
    made(renderer, attempt, duration_ms=3000)
    sound = samples(attempt)
    middle = sound[:, 48000:86400]
    power = 20 * np.log10(np.sqrt(np.mean(middle**2)) + 1e-9)
    # A tone of 440 Hz in both channels has a loudness (LUFS) close to its power plus 3 dB.
    assert -23.5 < power < -17.5
    assert np.abs(sound).max() < 0.95
    assert np.abs(sound[:, -480:]).max() < 0.02
    assert np.abs(sound[:, 0:480]).max() < 0.02


def test_silence_as_music_stays_silent(renderer: RendererProcess, attempt: Attempt) -> None:
    make(attempt.inputs / "music.wav", "-f", "lavfi", "-i", "anullsrc=d=0.5")
    made(renderer, attempt)
    assert loudest(attempt) < 1e-3


@pytest.mark.parametrize(
    "text",
    [
        r"It's 50% {off}: C:\x\nñ 你好",
        r"%{pts} \N{bold} {\b1} ':[in]; movie=/etc/passwd, \\",
        "a\u202eb\u2066c\u200f\ufeff",
        "مرحبا بالعالم",
        "👨‍👩‍👧 🚀 😀",
        "x" * 500,
        "\n" * 490 + "end",
        "W\u0301" * 200,
    ],
)
def test_no_text_can_break_a_render(renderer: RendererProcess, attempt: Attempt, text: str) -> None:
    look, _ = made(renderer, attempt, params={"text": text}, duration_ms=100)
    assert len(look.frames) == 3
