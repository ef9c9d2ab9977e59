"""Text over a video, an image with voice and word captions, and a repeat from the cache."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.media import files
from bench.media.report import Row, typical
from bench.media.setup import Bench
from bench.platform.report import seconds
from tests.support.engine import EngineHarness

TEXT: Final = "The quick brown fox jumps over the lazy dog, again and again, until the day is done."
SPOKEN_SECONDS: Final = 30
SIZE: Final = (1080, 1920, 30)
FONT_SIZE: Final = 80
_STILL_RUNS: Final = 5
_STILL_AIM: Final = 0.35


def rows(bench: Bench) -> Iterator[Row]:
    """Yield all rows."""
    yield _add_text(bench)
    yield _captioned_still(bench)
    yield _repeat(bench)


def _add_text(bench: Bench) -> Row:
    clip, font = files.clip(bench, 20), _font()
    ours = typical(
        lambda: bench.ours("add_text", {"text": "GALA", "font_size": 50}, video=clip), runs=2
    )
    theirs = bench.folder / "moviepy-text.mp4"
    values = {"source": str(clip), "text": "GALA", "font": str(font), "size": 50}
    (bench.folder / "font.ttf").write_bytes(font.read_bytes())
    drawn = "drawtext=fontfile=font.ttf:text=GALA:fontsize=50:fontcolor=white:x=(w-tw)/2:y=(h-th)/2"

    def plain() -> None:
        bench.ffmpeg(
            *("-i", str(clip), "-vf", drawn, "-c:v", "libx264", "-preset", "veryfast"),
            *("-crf", "20", "-c:a", "copy", "plain-text.mp4"),
        )

    return Row(
        what="text over 20 s, 720p30",
        ours=ours,
        moviepy=bench.moviepy("add_text", target=str(theirs), **values),
        moviepy_aim=0.2,
        ffmpeg=typical(plain, runs=2),
        ffmpeg_aim=1.1,
    )


def still_rows(bench: Bench) -> Iterator[Row]:
    """Yield five rows of a captioned still, each beside plain FFmpeg right after it."""
    still = _Still.of(bench)
    for number in range(1, _STILL_RUNS + 1):
        yield Row(
            what=f"captioned still, run {number} of {_STILL_RUNS}",
            ours=seconds(still.ours),
            ffmpeg=seconds(still.plain),
            ffmpeg_aim=_STILL_AIM,
        )


@dataclass(frozen=True, slots=True)
class _Still:
    """A picture with a voice and captions; all programs get the voice and its words with times."""

    bench: Bench
    photo: Path
    voice: Path
    drawn: list[tuple[str, float, float]]

    @classmethod
    def of(cls, bench: Bench) -> _Still:
        """Make the files."""
        voice, words = _voice(bench)
        drawn = [(word["text"], word["start_ts"], word["end_ts"]) for word in words]
        _write_subtitles(bench, drawn)
        return cls(bench, files.photo(bench), voice, drawn)

    def ours(self) -> object:
        """Make the film with GALA."""
        params = {
            "captions": {"style": "word", "font_size": FONT_SIZE},
            "motion": {"effect": "still"},
        }
        inputs = {
            "background": self.photo,
            "voice": self.voice,
            "subtitles": self.bench.folder / "words.srt",
        }
        return self.bench.ours("captioned_video", params, size=SIZE, **inputs)

    def plain(self) -> None:
        """Make it with FFmpeg."""
        _plain_still(self.bench, self.photo, self.voice)


def _captioned_still(bench: Bench) -> Row:
    still = _Still.of(bench)
    width, height, fps = SIZE
    moviepy = bench.moviepy(
        "still",
        picture=str(still.photo),
        voice=str(still.voice),
        target=str(bench.folder / "moviepy-still.mp4"),
        words=still.drawn,
        font=str(_font()),
        size=FONT_SIZE,
        width=width,
        height=height,
        fps=fps,
    )
    return Row(
        what=f"picture, voice, word captions, {SPOKEN_SECONDS} s, 1080x1920, constant 30 fps",
        ours=typical(still.ours, runs=2),
        moviepy=moviepy,
        moviepy_aim=0.12,
        ffmpeg=typical(still.plain, runs=2),
        ffmpeg_aim=_STILL_AIM,
    )


def _write_subtitles(bench: Bench, words: list[tuple[str, float, float]]) -> None:
    lines = [
        f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{word}\n"
        for number, (word, start, end) in enumerate(words, 1)
    ]
    (bench.folder / "words.srt").write_text("\n".join(lines))


def _plain_still(bench: Bench, photo: Path, voice: Path) -> None:
    """Run the usual command: ``-loop 1`` at 30 fps with an SRT file."""
    bench.ffmpeg(
        *("-loop", "1", "-framerate", "30", "-i", str(photo), "-i", str(voice)),
        *("-vf", "subtitles=words.srt:force_style='Fontsize=20,Alignment=2'"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-shortest", "plain-still.mp4"),
    )


def _repeat(bench: Bench) -> Row:
    """Measure the engine with its cache on: the first request renders, the others are repeats."""
    harness = EngineHarness(bench.folder / "cached", renderer_cache_bytes=1_000_000_000)
    clip = files.clip(bench, 20)
    params: dict[str, Any] = {"text": "again"}
    try:
        first = typical(lambda: harness.make("add_text", params, video=clip), runs=1)
        again = typical(lambda: harness.make("add_text", params, video=clip), runs=5)
    finally:
        harness.close()
    return Row(
        what="the same request again, answered from the cache",
        ours=again,
        below=0.05,
        shown=f"the first time it took {first:.2f} s",
    )


def _voice(bench: Bench) -> tuple[Path, list[dict[str, Any]]]:
    made = bench.ours("tts", {"text": _script(), "engine": "espeak"})
    words = json.loads(made.path("words").read_text())
    kept = bench.folder / "voice.wav"
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
