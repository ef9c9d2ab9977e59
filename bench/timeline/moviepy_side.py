"""The film in MoviePy, run by a separate Python: ``moviepy_side.py <JSON values>``.

Prints the seconds that it took, without the import of MoviePy. Written as its documentation shows,
with the same x264 preset as the other programs. The music is quieter instead of ducked.
"""

import json
import sys
import time

from moviepy import (
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    ImageClip,
    TextClip,
    VideoFileClip,
    vfx,
)


def film(pictures, titles, voice, music, logo, font, target, size, fps, seconds, overlap, zoom):
    step, scenes = seconds - overlap, []
    for at, (picture, title) in enumerate(zip(pictures, titles, strict=True)):
        lasts = seconds if at else step
        shown = still(picture, size, lasts, zoom) if at % 2 == 0 else clip(picture, size, lasts)
        text = TextClip(font=font, text=title, font_size=86, color="white", margin=(20, 20))
        text = text.with_duration(lasts).with_position(("center", 0.78), relative=True)
        scene = CompositeVideoClip([shown, text], size=size).with_duration(lasts)
        scene = scene.with_start(max(0, at * step - overlap))
        scenes.append(scene.with_effects([vfx.CrossFadeIn(overlap)]) if at else scene)
    total = len(pictures) * step
    mark = ImageClip(logo).resized(width=162).with_duration(total).with_position((864, 54))
    speech = AudioFileClip(voice)
    sounds = [speech.with_start(at * step) for at in range(len(pictures))]
    sounds.append(AudioFileClip(music).with_volume_scaled(0.25))
    whole = CompositeVideoClip([*scenes, mark], size=size).with_duration(total)
    whole.with_audio(CompositeAudioClip(sounds)).write_videofile(
        target, fps=fps, codec="libx264", audio_codec="aac", preset="veryfast", logger=None
    )


def still(path, size, seconds, zoom):
    picture = ImageClip(path).resized(height=size[1]).with_duration(seconds)
    picture = picture.with_position("center")
    return picture.resized(lambda t: 1 + zoom * t / seconds)


def clip(path, size, seconds):
    return (
        VideoFileClip(path).subclipped(0, seconds).resized(height=size[1]).with_position("center")
    )


started = time.perf_counter()
film(**json.loads(sys.argv[1]))
print(time.perf_counter() - started)
