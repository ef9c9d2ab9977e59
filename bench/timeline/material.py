"""The files of the film: photos, clips, titles, a voice, music and a logo."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg
from PIL import Image, ImageDraw, ImageFont

from tests.support.engine import EngineHarness

WIDTH, HEIGHT, FPS = 1080, 1920, 30
SCENES: Final = 6
SCENE_SECONDS: Final = 10.5
"""But 10 for the first, to which no transition leads."""
TRANSITION_SECONDS: Final = 0.5
SECONDS: Final = 60
ZOOM: Final = 0.15
"""How much larger a photo is at the end of its scene."""
TITLE_PIXELS: Final = 86
TITLE_CENTER: Final = 0.8
"""As a part of the height."""
LOGO_PIXELS: Final = 162
LOGO_MARGIN: Final = 54
VOICE: Final = "This is one of six scenes, and a calm voice tells what can be seen in it."


def scene_span(scene: int) -> tuple[float, float]:
    """Return when a scene starts, and how long it lasts, in seconds."""
    step = SCENE_SECONDS - TRANSITION_SECONDS
    return (scene * step - TRANSITION_SECONDS, SCENE_SECONDS) if scene else (0.0, step)


def seconds_of(scenes: int) -> float:
    """Return the length of the first scenes."""
    return scenes * (SCENE_SECONDS - TRANSITION_SECONDS)


@dataclass(frozen=True, slots=True)
class Material:
    """Paths of the files; odd scenes have a photo, even ones a clip of 1280 x 720 pixels."""

    folder: Path
    pictures: tuple[Path, ...]
    voice: Path
    music: Path
    logo: Path
    font: Path

    def title(self, scene: int) -> str:
        """Return the text of a scene."""
        return f"Scene {scene + 1}"

    def title_picture(self, scene: int) -> Path:
        """Return the text as a transparent PNG of the frame's size, for programs without fonts."""
        path = self.folder / f"title-{scene}.png"
        if not path.exists():
            font = ImageFont.truetype(str(self.font), TITLE_PIXELS)
            image = Image.new("RGBA", (WIDTH, HEIGHT))
            at = (WIDTH / 2, HEIGHT * TITLE_CENTER)
            ImageDraw.Draw(image).text(at, self.title(scene), "white", font, "mm")
            image.save(path)
        return path


def prepare(folder: Path, harness: EngineHarness) -> Material:
    """Make the files in the folder."""
    folder.mkdir()
    pictures = [_photo(folder, at) if at % 2 == 0 else _clip(folder, at) for at in range(SCENES)]
    voice, music, logo = (folder / name for name in ("voice.wav", "music.m4a", "logo.png"))
    spoken = harness.make("tts", {"text": VOICE, "engine": "espeak"})
    voice.write_bytes(spoken.path("audio").read_bytes())
    tones = "aevalsrc=0.2*sin(330*2*PI*t)*sin(PI*t/2)|0.2*sin(440*2*PI*t)*sin(PI*t/3):s=48000"
    _ffmpeg("-f", "lavfi", "-i", tones, "-t", str(SECONDS), "-c:a", "aac", str(music))
    mark = Image.new("RGBA", (400, 400))
    ImageDraw.Draw(mark).rounded_rectangle((10, 10, 390, 390), 90, (240, 80, 60, 255))
    mark.save(logo)
    return Material(folder, tuple(pictures), voice, music, logo, _font())


def _photo(folder: Path, at: int) -> Path:
    path = folder / f"photo-{at}.jpg"
    drawn = f"gradients=s=1600x2400:c0=navy:c1=orange:n=4:seed={at + 7}:d=0.1"
    drawn += ",drawgrid=w=120:h=120:c=white@0.2"
    _ffmpeg("-f", "lavfi", "-i", drawn, "-frames:v", "1", "-q:v", "3", str(path))
    return path


def _clip(folder: Path, at: int) -> Path:
    path = folder / f"clip-{at}.mp4"
    _ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s=1280x720:r={FPS},hue=h={at * 60}"),
        *("-t", "12", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", str(path)),
    )
    return path


def _ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True)


def _font() -> Path:
    import fontpkg_noto_sans

    (found,) = Path(fontpkg_noto_sans.__path__[0]).rglob("NotoSans[[]wdth,wght].ttf")
    return found
