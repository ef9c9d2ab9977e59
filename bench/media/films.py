"""A text over a video, a picture that speaks with word captions, and a repeat from the cache."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.media import files
from bench.media.house import House
from bench.media.report import Row, typical
from tests.support.engine import EngineHarness

TEXT: Final = "The quick brown fox jumps over the lazy dog, again and again, until the day is done."
SPOKEN_SECONDS: Final = 30
SIZE: Final = (1080, 1920, 30)
FONT_SIZE: Final = 80


def rows(house: House) -> Iterator[Row]:
    """Every row, one after the other."""
    yield _add_text(house)
    yield _captioned_still(house)
    yield _repeat(house)


def _add_text(house: House) -> Row:
    clip, font = files.clip(house, 20), _font()
    ours = typical(
        lambda: house.ours("add_text", {"text": "GALA", "font_size": 50}, video=clip), runs=2
    )
    theirs = house.folder / "moviepy-text.mp4"
    values = {"source": str(clip), "text": "GALA", "font": str(font), "size": 50}
    (house.folder / "font.ttf").write_bytes(font.read_bytes())
    drawn = "drawtext=fontfile=font.ttf:text=GALA:fontsize=50:fontcolor=white:x=(w-tw)/2:y=(h-th)/2"

    def plain() -> None:
        house.ffmpeg(
            *("-i", str(clip), "-vf", drawn, "-c:v", "libx264", "-preset", "veryfast"),
            *("-crf", "20", "-c:a", "copy", "plain-text.mp4"),
        )

    return Row(
        what="text over 20 s, 720p30",
        ours=ours,
        moviepy=house.moviepy("add_text", target=str(theirs), **values),
        moviepy_aim=0.2,
        ffmpeg=typical(plain, runs=2),
        ffmpeg_aim=1.1,
    )


def _captioned_still(house: House) -> Row:
    photo = files.photo(house)
    voice, words = _voice(house)
    params = {
        "captions": {"style": "word", "font_size": FONT_SIZE},
        "motion": {"effect": "still"},
    }
    drawn = [(word["text"], word["start_ts"], word["end_ts"]) for word in words]
    _write_subtitles(house, drawn)
    # Everybody is given the voice and when its words are spoken.
    inputs = {"background": photo, "voice": voice, "subtitles": house.folder / "words.srt"}
    ours = typical(lambda: house.ours("captioned_video", params, size=SIZE, **inputs), runs=2)
    width, height, fps = SIZE
    moviepy = house.moviepy(
        "still",
        picture=str(photo),
        voice=str(voice),
        target=str(house.folder / "moviepy-still.mp4"),
        words=drawn,
        font=str(_font()),
        size=FONT_SIZE,
        width=width,
        height=height,
        fps=fps,
    )
    return Row(
        what=f"picture, voice, word captions, {SPOKEN_SECONDS} s, 1080x1920, constant 30 fps",
        ours=ours,
        moviepy=moviepy,
        moviepy_aim=0.12,
        ffmpeg=typical(lambda: _plain_still(house, photo, voice), runs=2),
        ffmpeg_aim=0.35,
    )


def _write_subtitles(house: House, words: list[tuple[str, float, float]]) -> None:
    lines = [
        f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{word}\n"
        for number, (word, start, end) in enumerate(words, 1)
    ]
    (house.folder / "words.srt").write_text("\n".join(lines))


def _plain_still(house: House, photo: Path, voice: Path) -> None:
    """``-loop 1`` at 30 fps under an SRT file, as everybody writes it."""
    house.ffmpeg(
        *("-loop", "1", "-framerate", "30", "-i", str(photo), "-i", str(voice)),
        *("-vf", "subtitles=words.srt:force_style='Fontsize=20,Alignment=2'"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-shortest", "plain-still.mp4"),
    )


def _repeat(house: House) -> Row:
    """The engine with its cache on: the first request renders, the others are repeats."""
    room = EngineHarness(house.folder / "cached", renderer_cache_bytes=1_000_000_000)
    clip = files.clip(house, 20)
    params: dict[str, Any] = {"text": "again"}
    try:
        first = typical(lambda: room.make("add_text", params, video=clip), runs=1)
        again = typical(lambda: room.make("add_text", params, video=clip), runs=5)
    finally:
        room.close()
    return Row(
        what="the same request again, answered from the cache",
        ours=again,
        below=0.05,
        shown=f"the first time it took {first:.2f} s",
    )


def _voice(house: House) -> tuple[Path, list[dict[str, Any]]]:
    made = house.ours("tts", {"text": _script(), "engine": "espeak"})
    words = json.loads(made.path("words").read_text())
    kept = house.folder / "voice.wav"
    shutil.copyfile(made.path("audio"), kept)
    return kept, words["words"] if isinstance(words, dict) else words


def _script() -> str:
    # espeak-ng says this sentence in about 4.6 s.
    return " ".join([TEXT] * 6)


def _font() -> Path:
    import fontpkg_noto_sans

    (found,) = Path(fontpkg_noto_sans.__path__[0]).rglob("NotoSans[[]wdth,wght].ttf")
    return found


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"00:{minutes:02}:{rest // 1000:02},{rest % 1000:03}"
