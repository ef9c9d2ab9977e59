"""The film by one FFmpeg command, as somebody who knows FFmpeg well would write it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg

from bench.timeline.material import (
    FPS,
    HEIGHT,
    LOGO_MARGIN,
    LOGO_PIXELS,
    SCENE_SECONDS,
    SCENES,
    TRANSITION_SECONDS,
    WIDTH,
    ZOOM,
    Material,
)

_STEP = SCENE_SECONDS - TRANSITION_SECONDS


def make(material: Material, target: Path) -> None:
    """Write the film: photos by ``zoompan``, transitions by ``xfade``, x264 veryfast."""
    graph = [part for at in range(SCENES) for part in _scene(at)]
    joined = "s0"
    for at in range(1, SCENES):
        fade = f"xfade=transition=fade:duration={TRANSITION_SECONDS}:offset={at * _STEP - 0.5}"
        graph.append(f"[{joined}][s{at}]{fade}[j{at}]")
        joined = f"j{at}"
    logo, voice, music = 2 * SCENES, 2 * SCENES + 1, 2 * SCENES + 2
    graph.append(f"[{logo}:v]scale={LOGO_PIXELS}:-1[logo]")
    graph.append(f"[{joined}][logo]overlay=W-w-{LOGO_MARGIN}:{LOGO_MARGIN},format=yuv420p[v]")
    graph += _sound(voice, music)
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *_inputs(material)),
        *("-filter_complex", ";".join(graph), "-map", "[v]", "-map", "[a]"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-r", str(FPS)),
        *("-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart", str(target)),
    ]
    subprocess.run(command, check=True)


def _inputs(material: Material) -> list[str]:
    found: list[str] = []
    for at, picture in enumerate(material.pictures):
        found += ["-i", str(picture), "-i", str(material.title_picture(at))]
    return [*found, *(part for path in (material.logo, material.voice, material.music)
                      for part in ("-i", str(path)))]  # fmt: skip


def _scene(at: int) -> list[str]:
    seconds = SCENE_SECONDS if at else _STEP
    picture, title = f"[{2 * at}:v]", f"[{2 * at + 1}:v]"
    frames = round(seconds * FPS)
    covering = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT}"
    if at % 2 == 0:
        zoom = f"1+{ZOOM}*on/{frames - 1}"
        middle = "x=iw/2-iw/zoom/2:y=ih/2-ih/zoom/2"
        # Enlarged first, or whole pixels make the motion shake.
        shown = f"scale=-2:{2 * HEIGHT},crop={2 * WIDTH}:{2 * HEIGHT},"
        shown += f"zoompan=z={zoom}:{middle}:d={frames}:s={WIDTH}x{HEIGHT}:fps={FPS}"
    else:
        shown = f"trim=duration={seconds},{covering},fps={FPS}"
    return [f"{picture}{shown},setsar=1,format=yuv420p[p{at}]", f"[p{at}]{title}overlay[s{at}]"]


def _sound(voice: int, music: int) -> list[str]:
    copies = "".join(f"[w{at}]" for at in range(SCENES))
    starts = [round(1000 * (at * _STEP)) for at in range(SCENES)]
    late = [f"[w{at}]adelay={start}:all=1[d{at}]" for at, start in enumerate(starts)]
    return [
        f"[{voice}:a]asplit={SCENES}{copies}",
        *late,
        "".join(f"[d{at}]" for at in range(SCENES)) + f"amix={SCENES}:normalize=0[voice]",
        "[voice]asplit[heard][key]",
        f"[{music}:a][key]sidechaincompress=threshold=0.02:ratio=8[low]",
        "[heard][low]amix=2:normalize=0:duration=longest,loudnorm=I=-16:TP=-1,aresample=48000[a]",
    ]
