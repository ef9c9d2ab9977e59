"""Tasks in MoviePy, run by a separate Python: ``moviepy_side.py <task> <JSON values>``.

Prints the seconds that the task took, without the import of MoviePy. Written as its documentation
shows, with the same x264 preset as the other programs.
"""

import json
import sys
import time

from moviepy import (
    AudioFileClip,
    CompositeVideoClip,
    ImageClip,
    TextClip,
    VideoFileClip,
    concatenate_videoclips,
)

WRITING = {"codec": "libx264", "audio_codec": "aac", "preset": "veryfast", "logger": None}


def trim(source, target, start, end):
    with VideoFileClip(source) as clip:
        clip.subclipped(start, end).write_videofile(target, **WRITING)


def concatenate(sources, target):
    clips = [VideoFileClip(source) for source in sources]
    concatenate_videoclips(clips).write_videofile(target, **WRITING)


def add_text(source, target, text, font, size):
    with VideoFileClip(source) as clip:
        shown = TextClip(font=font, text=text, font_size=size, color="white", margin=(10, 10))
        shown = shown.with_duration(clip.duration).with_position("center")
        CompositeVideoClip([clip, shown]).write_videofile(target, **WRITING)


def captioned_still(picture, voice, target, words, font, size, width, height, fps):
    sound = AudioFileClip(voice)
    layers = [ImageClip(picture).with_duration(sound.duration).resized((width, height))]
    for word, start, end in words:
        shown = TextClip(
            font=font, text=word, font_size=size, color="white", stroke_color="black",
            stroke_width=4, margin=(20, 20),
        )  # fmt: skip
        shown = shown.with_start(start).with_duration(end - start)
        layers.append(shown.with_position(("center", 0.75), relative=True))
    whole = CompositeVideoClip(layers, size=(width, height)).with_audio(sound)
    whole.write_videofile(target, fps=fps, **WRITING)


TASKS = {"trim": trim, "concatenate": concatenate, "add_text": add_text, "still": captioned_still}

started = time.perf_counter()
TASKS[sys.argv[1]](**json.loads(sys.argv[2]))
print(time.perf_counter() - started)
