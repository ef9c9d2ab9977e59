"""Each wrong composition is answered with the place, the rule and the remedy."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.measurements import KnownMeasurements, Media, Size
from gala.timeline.problems import InvalidTimeline
from gala.timeline.reader import read_timeline

MEASURED = KnownMeasurements(
    {
        "a.mp4": Media(Fraction(10), Size(1920, 1080)),
        "b.mp4": Media(Fraction(4), Size(1920, 1080)),
        "empty.mp4": Media(Fraction(0), Size(16, 16)),
        "m.mp3": Media(Fraction(60)),
    },
    {"Hello": Fraction(2)},
)
HELLO = {"type": "text", "text": "Hello"}
VIDEO = {"type": "video", "src": "a.mp4"}


class Wrong(NamedTuple):
    """A composition, and what the answer says; the rule and the remedy by words that they have."""

    composition: Any
    pointer: str
    rule: str
    remedy: str


def clip(**fields: Any) -> dict[str, Any]:
    """Return a composition of one clip."""
    return clips(fields)


def pie_of(values: list[float], **fields: Any) -> dict[str, Any]:
    """Return a composition of one pie."""
    return clip(type="chart", chart="pie", values=values, **fields)


def clips(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a composition of one track."""
    return {"tracks": [{"clips": list(elements)}]}


def text(**fields: Any) -> dict[str, Any]:
    """Return a composition of one text."""
    return clip(**{**HELLO, **fields})


def video(**fields: Any) -> dict[str, Any]:
    """Return a composition of one video."""
    return clip(**{**VIDEO, **fields})


CLIP = "/tracks/0/clips/0"
DOCUMENTS = [
    # what is missing
    Wrong({}, "", "has scenes or tracks", '{"scenes": [{"voice": "Hello"}]}'),
    Wrong({"scenes": []}, "", "has scenes or tracks", '"tracks"'),
    Wrong({"scenes": [{}]}, "/scenes/0", "shows or says something", '"elements" or a "voice"'),
    Wrong({"tracks": [{"clips": []}]}, "/tracks/0/clips", "empty", "at least one"),
    Wrong(clip(type="video"), f"{CLIP}/src", "needs its src", 'Add "src"'),
    Wrong(clip(type="text"), f"{CLIP}/text", "needs its text", 'Add "text"'),
    Wrong(clip(type="voice"), CLIP, "something to say", '"text"'),
    # documents of other programs
    Wrong({"timeline": {"tracks": []}, "scenes": [{"voice": "Hello"}]}, "/timeline",
          "no field 'timeline'", "gala timeline import"),
    Wrong({"elements": [HELLO], "scenes": [{"voice": "Hello"}]}, "/elements", "no field",
          '"tracks": [{"clips"'),
    # fonts
    Wrong({"fonts": ["a.ttf"], **text()}, "/fonts", "by the name", '"Acme Sans"'),
    Wrong({"fonts": {"Acme": []}, **text()}, "/fonts/Acme", "empty", "at least one"),
    Wrong({"fonts": {"Acme": {"src": "a.ttf"}}, **text()}, "/fonts/Acme", "list", ""),
    Wrong({"fonts": {"!!": "a.ttf"}, **text()}, "/fonts/!!", "letter or digit", '"Acme Sans"'),
    # units, and words for several fields
    Wrong(text(duration="3s"), f"{CLIP}/duration", "is not a time", "Write 3: seconds"),
    Wrong(text(fade_in="250ms"), f"{CLIP}/fade_in", "is not a time", "Write 0.25: seconds"),
    Wrong(text(font_size=54), f"{CLIP}/font_size", "is not a percentage",
          '54 pixels of 1080 are "5%"'),
    Wrong(text(width="540px"), f"{CLIP}/width", "not in pixels", '540 pixels of 1080 are "50%"'),
    Wrong(video(volume=80), f"{CLIP}/volume", "too large", "Write 0.8: 1 is the volume"),
    Wrong({"scenes": [{"voice": "Hi", "elements": [
        {"type": "voice", "name": "v", "text": "Hi"},
        {"type": "caption", "of": "v", "transition": "fade"}]}]},
          "/scenes/0/elements/1/transition", "no field", "come and go with their words"),
    Wrong(clip(type="voice", text="Hi", blend="screen"), f"{CLIP}/blend", "no field", "It has: "),
    Wrong(text(start=1, end=4), f"{CLIP}/end", "no field 'end'", 'Write "duration": 3.'),
    Wrong(text(duration=2, endTime=4), f"{CLIP}/endTime", "no field", "Leave it out"),
    Wrong(text(position={"x": "50%", "y": "9%"}), f"{CLIP}/position", "not an object",
          'Write "x" and "y" in the element itself'),
    Wrong(text(font={"family": "Roboto"}), f"{CLIP}/font", "a name", '"font": "Montserrat"'),
    Wrong({"scenes": [{"voice": "Hi", "background": "https://example.com/picture.jpg"}]},
          "/scenes/0/background", "is not a color", '{"type": "image"'),
    Wrong({"scenes": [{"voice": "Hi", "background": "sea.jpg"}]},
          "/scenes/0/background", "is not a color", '{"type": "image"'),
    Wrong(text(color="linear-gradient(red, blue, green)"), f"{CLIP}/color", "is not a color",
          "#rrggbb"),
    Wrong({"scenes": [{"voice": "Hi"}], "music": "a.mp3"}, "/music", "no field", '"type": "audio"'),
    Wrong({"scenes": [{"voice": "Hi"},
                      {"voice": "Yo", "transition": {"type": "fade", "duration": 500}}]},
          "/scenes/1/transition/duration", "500 is too large", "Write 0.5: it is in seconds"),
    Wrong(text(background="red"), f"{CLIP}/background", "no field", 'Write "box_color"'),
    Wrong(text(position="top center"), f"{CLIP}/position", "choices", "Did you mean 'top'?"),
    Wrong(text(position="centre-left"), f"{CLIP}/position", "choices", "Did you mean 'left'?"),
    # what is a field
    Wrong(clip(type="mask", src="a.png"), f"{CLIP}/type", "no element", "that it masks"),
    Wrong(clip(type="Transition"), f"{CLIP}/type", "no element", '"transition" in the clip'),
    Wrong(clip(type="caption"), CLIP, "words of another element", '"of"'),
    Wrong(clip(type="countdown", **{"from": 2.5}), f"{CLIP}/from", "whole seconds", "Write 2."),
    Wrong(
        clip(type="text", text="Hi", style={"fontSize": "8%", "weight": 800}),
        f"{CLIP}/style", "no field", '"font_size", "weight" in the element itself',
    ),
    Wrong(clip(type="countdown", count_from=3), f"{CLIP}/count_from", "no field", '"from"'),
    Wrong(clip(type="countdown", **{"from": 0}), f"{CLIP}/from", "one number to", "another"),
    Wrong(clip(type="chart"), CLIP, "needs its values", '"values"'),
    Wrong(clip(type="chart", chart="ring"), CLIP, "needs its value.", '"value": 42'),
    Wrong(clip(type="chart", chart="line", value=3), f"{CLIP}/value", "not one", '"values"'),
    Wrong(clip(type="chart", chart="counter", values=[3]), f"{CLIP}/values", "one value", "42"),
    Wrong(clip(type="chart", values=[3, -1], min=1), f"{CLIP}/min", "start at 0", "a line"),
    Wrong(clip(type="chart", values=[3], numbers="shares"), f"{CLIP}/numbers", "no shares", "pie"),
    Wrong(pie_of([3, -1]), f"{CLIP}/values/1/value", "not negative", "bars"),
    Wrong(pie_of([0, 0]), f"{CLIP}/values", "shows nothing", "above 0"),
    Wrong(pie_of([1] * 13), f"{CLIP}/values", "at most 12 values, not 13", "smallest"),
    Wrong(clip(type="chart", chart="pie", values={"Rent": 820, "Food": 1}), f"{CLIP}/values",
          "list", '[{"label": "Rent", "value": 820}, …]'),
    Wrong(pie_of([1], colors=["red"]), f"{CLIP}/colors", "no field", '"color": "gold"}]'),
    Wrong(pie_of([1], legend=True), f"{CLIP}/legend", "no field", '"show_values"'),
    Wrong(pie_of([1], numbers="percent"), f"{CLIP}/numbers", "choices", "'shares'"),
    Wrong(clip(type="chart", values=[{"name": "a", "value": 1}]), f"{CLIP}/values/0/name",
          "no field", '"label"'),
    Wrong(text(animate="fade"), f"{CLIP}/animate", "no field", '"animation_in"'),
    Wrong(text(animation_in="swirl"), f"{CLIP}/animation_in", "choices", "rise"),
    Wrong(text(animation_in={"type": "slide-up"}), f"{CLIP}/animation_in/type", "choices",
          "'rise'"),
    Wrong(text(animation_out={"type": "pop", "by": "character"}), f"{CLIP}/animation_out/by",
          "choices", "'letter'"),
    Wrong(text(animation_out={"by": "word"}), f"{CLIP}/animation_out/type", "needs its type",
          'Add "type"'),
    Wrong(text(animation_in={"type": "pop", "duration": 0}), f"{CLIP}/animation_in/duration",
          "too small", "0.05"),
    Wrong(clip(type="shape", animation_in="fade"), f"{CLIP}/animation_in", "no field",
          '"keyframes"'),
    Wrong(pie_of([1], max=100), f"{CLIP}/max", "no scale", "Leave max out"),
    Wrong(pie_of([float("nan")]), f"{CLIP}/values/0", "not a number", "1.5"),
    Wrong(clip(type="chart", chart="line", values=[1, 2], min=4, max=3), f"{CLIP}/max", "scale",
          "more than 4"),
    Wrong(clip(type="chart", chart="gauge", value=3), f"{CLIP}/chart", "choices", "'ring'"),
    Wrong(clip(type="chart", chart="donut", value=3), f"{CLIP}/value", "not one", '"values"'),
    Wrong(
        clip(type="chart", value=3, chart="ring", font_color="red"),
        f"{CLIP}/font_color", "no field", '"text_color"',
    ),
    Wrong(clip(type="chart", data=[3]), f"{CLIP}/data", "no field", '"values"'),
    Wrong(clip(type="chart", values=["a"]), f"{CLIP}/values/0", "object is required", "a number"),
    Wrong(clip(type="waveform"), CLIP, "needs a sound", '"of"'),
    Wrong(clip(type="waveform", of="a", src="m.mp3"), f"{CLIP}/src", "one sound", "Leave out"),
    Wrong(
        clips({**HELLO, "name": "a"}, {"type": "waveform", "of": "a"}),
        "/tracks/0/clips/1/of",
        "type text has no sound",
        "voice",
    ),
    Wrong(
        {"scenes": [{"name": "a", "elements": [HELLO, {"type": "caption", "of": "a"}]}]},
        "/scenes/0/elements/1/of",
        "scene has no voice",
        "voice",
    ),
    Wrong(video(blend="dodge"), f"{CLIP}/blend", "choices", "'color-dodge'"),
    Wrong(video(filters={"saturate": 2}), f"{CLIP}/filters/saturate", "no field", '"saturation"'),
    Wrong(video(filters="sepia"), f"{CLIP}/filters", "object", "brightness"),
    Wrong(video(green_screen={}), f"{CLIP}/green_screen", "no field", '"chroma_key"'),
    Wrong(video(chroma_key={"similarity": 2}), f"{CLIP}/chroma_key/similarity", "large", "1"),
    Wrong(video(mask="round"), f"{CLIP}/mask", "choices", "'rounded'"),
    Wrong(video(mask={}), f"{CLIP}/mask", "a shape, a picture or a text", '"shape"'),
    Wrong(
        video(mask={"shape": "star", "keyframes": [{"time": 0, "opacity": 0}]}),
        f"{CLIP}/mask/keyframes/0/opacity", "no field", "",
    ),
    Wrong(
        video(mask={"shape": "star", "keyframes": [{"time": 0, "scale": 0}]}),
        f"{CLIP}/mask/keyframes/0", "needs two", "Set scale in",
    ),
    Wrong(
        video(mask={"shape": "star", "keyframes": [{"time": 0}]}),
        f"{CLIP}/mask/keyframes/0", "at least one value", "rotation",
    ),
    Wrong(video(mask={"shape": "star", "x": 20}), f"{CLIP}/mask/x", "20 is not", '"20%"'),
    Wrong(video(mask={"shape": "star", "text": "A"}), f"{CLIP}/mask/text", "a shape", "one of"),
    Wrong(video(clip_path="star"), f"{CLIP}/clip_path", "no field", '"mask"'),
    Wrong(clip(type="lottie"), f"{CLIP}/src", "needs its src", '"src"'),
    Wrong(clip(type="svg"), CLIP, "a file or is written", '"svg"'),
    Wrong(clip(type="svg", svg="<svg><a></svg>"), f"{CLIP}/svg", "mismatched tag", "Correct"),
    Wrong(clip(type="svg", svg="<p><svg/></p>"), f"{CLIP}/svg", "begin with <svg>", "Correct"),
    Wrong(clip(src="a.mp4"), CLIP, "needs its type", '"type": "video"'),
    Wrong(clip(text="Hello"), CLIP, "needs its type", '"type": "text"'),
    Wrong(text(text=[{"text": "A", "bg": "red"}]), f"{CLIP}/text/0/bg", "no field", '"box_color"'),
    Wrong(
        text(text=[{"text": "A", "box_color": "redd"}]), f"{CLIP}/text/0/box_color", "'redd'", "#rr"
    ),
    Wrong(text(text=[{"bold": True}]), f"{CLIP}/text/0/text", "needs its text", 'Add "text"'),
    # fields by the names that people guess first
    Wrong(text(length=3), f"{CLIP}/length", "no field 'length'", 'Write "duration"'),
    Wrong(text(time=3), f"{CLIP}/time", "no field 'time'", 'Write "start"'),
    Wrong(clip(type="image", source="a"), f"{CLIP}/source", "no field 'source'", 'Write "src"'),
    Wrong(text(fontSize="5%"), f"{CLIP}/fontSize", "no field", 'Write "font_size"'),
    Wrong(text(alignment="left"), f"{CLIP}/alignment", "no field", 'Write "align"'),
    Wrong(text(valign="top"), f"{CLIP}/valign", "no field", 'Write "vertical_align"'),
    Wrong(text(yAlignment="0%"), f"{CLIP}/yAlignment", "no field", 'Write "vertical_align"'),
    Wrong(clip(type="caption", src="a.srt", y="60%"), f"{CLIP}/y", "no field", 'Write "position"'),
    Wrong(text(rotate=5), f"{CLIP}/rotate", "no field", 'Write "rotation"'),
    Wrong(text(colr="red"), f"{CLIP}/colr", "no field", 'Write "color"'),
    Wrong(clip(type="text", content="Hi"), f"{CLIP}/content", "no field", 'Write "text"'),
    Wrong({"scenes": [{"narration": "Hello"}]}, "/scenes/0/narration", "A scene", 'Write "voice"'),
    Wrong({"width": 1080, "scenes": [{"voice": "x"}]}, "/width", "no field 'width'", '"output"'),
    Wrong(
        text(keyframes=[{"at": 0, "x": "0%"}, {"time": 1, "x": "9%"}]),
        f"{CLIP}/keyframes/0/at",
        "no field 'at'",
        'Write "time"',
    ),
    # types of elements
    Wrong(clip(type="vidoe", src="a"), f"{CLIP}/type", "'vidoe'", "Did you mean 'video'?"),
    Wrong(clip(type="music", src="a"), f"{CLIP}/type", "'music'", "Did you mean 'audio'?"),
    Wrong(clip(type="avatar"), f"{CLIP}/type", "'avatar'", "Did you mean 'presenter'?"),
    Wrong(clip(type="iframe", src="a"), f"{CLIP}/type", "'iframe'", "'html'"),
    Wrong(clip(type="html"), f"{CLIP}/html", "needs its html", '"html"'),
    Wrong(clip(type="html", html="<p>", page_width=1), f"{CLIP}/page_width", "small", "16"),
    Wrong(clip(type="html", html="<p>", duration=61), f"{CLIP}/duration", "at most 60 s", "60"),
    Wrong({"tracks": [[HELLO]]}, "/tracks/0", "object is required", '{"clips": […]}'),
    Wrong({"scenes": {"voice": "x"}}, "/scenes", "list is required", "brackets"),
    Wrong({"scenes": [{"elements": ["a.jpg"]}]}, "/scenes/0/elements/0", "object", '"type"'),
    # values
    Wrong(text(x=50), f"{CLIP}/x", "50 is not a percentage", '"50%"'),
    Wrong(text(width=0.5), f"{CLIP}/width", "0.5 is not a percentage", '"50%"'),
    Wrong(text(font_size="48px"), f"{CLIP}/font_size", "not in pixels", "per cent"),
    Wrong(text(width="0%"), f"{CLIP}/width", "too small", 'more than "0%"'),
    Wrong(text(opacity=50), f"{CLIP}/opacity", "too large", "Write 0.5"),
    Wrong(video(volume="50%"), f"{CLIP}/volume", "number", "Write 0.5"),
    Wrong(text(color="redd"), f"{CLIP}/color", "'redd' is not a color", '"#rrggbb"'),
    Wrong(text(position="middle"), f"{CLIP}/position", "'middle'", "'center'"),
    Wrong(text(vertical_align="middle"), f"{CLIP}/vertical_align", "'middle'", "'center'"),
    Wrong(clip(type="caption", src="a.srt", x=46), f"{CLIP}/x", "46 is not", '"46%"'),
    Wrong(clip(type="caption", src="a.srt", width="5%"), f"{CLIP}/width", "too small", '10%'),
    Wrong(text(position="right-top"), f"{CLIP}/position", "'right-top'", "'top-right'"),
    Wrong(video(fit="crop"), f"{CLIP}/fit", "'crop'", "'cover'"),
    Wrong(video(motion="kenburns"), f"{CLIP}/motion", "'kenburns'", "'ken-burns'"),
    Wrong(
        text(keyframes=[{"time": 0, "x": "0%", "easing": "easeIn"}, {"time": 1, "x": "9%"}]),
        f"{CLIP}/keyframes/0/easing",
        "'easeIn'",
        "'ease-in'",
    ),
    *(
        Wrong(
            text(keyframes=[{"time": 0, "x": "0%", "easing": curve}, {"time": 1, "x": "9%"}]),
            f"{CLIP}/keyframes/0/easing",
            "is not a curve",
            '"cubic-bezier(0.25, 0.1, 0.25, 1)"',
        )
        for curve in (
            "cubic-bezier(0.1, 0.2, 0.3)",
            "cubic-bezier(1.2, 0, 1, 1)",
            "cubic-bezier(0, 0, 1, 99)",
            "cubic-bezier(0, 1e3, nan, 1)",
            "bezier(0, 0, 1, 1)" + " " * 10_000,
        )
    ),
    Wrong({"scenes": [{"voice": "Hello", "captions": "yes"}]}, "/scenes/0/captions", "object",
          "true or false"),
    Wrong(
        {"scenes": [{"voice": "x"}, {"voice": "y", "transition": "crossdissolve"}]},
        "/scenes/1/transition",
        "'crossdissolve'",
        "'dissolve'",
    ),
    Wrong({"scenes": [{"voice": "[pause 1s]"}]}, "/scenes/0/voice", "to speak", "words"),
    # times as they are written
    Wrong(text(start="soon"), f"{CLIP}/start", "'soon' is not a time", "0:02.5"),
    Wrong(text(start="00:00:01:30"), f"{CLIP}/start", "no frame 30: a second", "00 to 29; or"),
    Wrong(video(trim={"end": "00:00:01;30"}), f"{CLIP}/trim/end", "no frame 30", "frames 00 to 29"),
    Wrong(text(start="00:00:01:200"), f"{CLIP}/start", "no frame 200", "frames 00 to 29."),
    Wrong(text(start="00:01:00;01"), f"{CLIP}/start", "leaves it out", '"00:01:00;02"'),
    Wrong(text(start="00:00:61:00"), f"{CLIP}/start", "is not a time", '"00:00:02:15"'),
    Wrong(text(duration="13:00:00:00"), f"{CLIP}/duration", "is not a time", "12 hours"),
    Wrong(text(keyframes=[{"time": "00:00:00:31", "x": "0%"}, {"time": 2, "x": "9%"}]),
          f"{CLIP}/keyframes/0/time", "no frame 31", "00 to 29"),
    Wrong(text(start={"with": "a", "offset": "-00:00:00:30"}), f"{CLIP}/start/offset",
          "no frame 30", "00 to 29"),
    Wrong(text(start={"with": "a", "offset": "half"}), f"{CLIP}/start/offset", "not a time",
          "seconds"),
    Wrong(text(start=-1), f"{CLIP}/start", "-1 is not a time", "seconds"),
    Wrong(text(duration="forever"), f"{CLIP}/duration", "not a length", '"end"'),
    Wrong(text(start={"after": "a", "with": "b"}), f"{CLIP}/start", "one other", '"with"'),
    Wrong(video(trim={"start": 5, "end": 2}), f"{CLIP}/trim/end", "ends after its start", "than 5"),
    Wrong(video(freeze=1, loop=True), f"{CLIP}/loop", "single frame", "freeze"),
    Wrong(video(freeze={"time": 1, "duration": 1}, reverse=True), f"{CLIP}/reverse", "that goes on",
          "Leave freeze out"),
    Wrong(video(freeze={"at": 1, "duration": 1}), f"{CLIP}/freeze/at", "no field", '"time"'),
    Wrong(video(freeze={"time": 1}), f"{CLIP}/freeze/duration", "needs its duration", '"duration"'),
    Wrong(video(freeze=[]), f"{CLIP}/freeze", "empty", "at least one"),
    Wrong(video(freeze={"time": 1, "duration": 0}), f"{CLIP}/freeze/duration", "too small",
          "more than 0"),
    Wrong(video(freeze="later"), f"{CLIP}/freeze", "not a time", "seconds"),
    Wrong(video(trim={"start": 2}, freeze={"time": 1, "duration": 1}), f"{CLIP}/freeze/time",
          "trim leaves out", "2 or more"),
    Wrong(video(trim={"end": 2}, freeze=[{"time": 2, "duration": 1}]), f"{CLIP}/freeze/0/time",
          "trim leaves out", "less than 2"),
    Wrong(text(text=[{"text": "a", "stroke_width": "9%"}]), f"{CLIP}/text/0/stroke_width",
          "too large", '"5%" or less'),
    Wrong(text(text=[{"text": "a", "shadow": 1}]), f"{CLIP}/text/0/shadow", "no field",
          '"shadow_opacity"'),
    Wrong(text(text=[{"text": "a", "stroke_color": "reddish"}]), f"{CLIP}/text/0/stroke_color",
          "not a color", "#rrggbb"),
    # combinations
    Wrong(text(position="top", x="5%"), f"{CLIP}/x", "not combined", "Leave position out"),
    Wrong(text(fit="shrink"), f"{CLIP}/fit", "fit a height", '"height"'),
    Wrong(text(keyframes=[{"time": 0}]), f"{CLIP}/keyframes/0", "at least one value", "opacity"),
    Wrong(text(keyframes=[{"time": 0, "x": "1%"}]), f"{CLIP}/keyframes/0", "needs two", "Set x in"),
    Wrong(
        clip(type="presenter", text="Hello", character="maya"),
        f"{CLIP}/character",
        "An object is required.",
        'Write {"name": "maya"}.',
    ),
    Wrong(
        clip(type="presenter", text="Hello", character={"name": "maya"}, voice={"language": "es"}),
        f"{CLIP}/voice",
        "A text is required, not an object.",
        "fields are written beside it",
    ),
    Wrong(
        clip(type="caption", of=["a", "b"]),
        f"{CLIP}/of",
        "A text is required, not a list.",
        "Write one of them",
    ),
    Wrong(
        clip(type="presenter", text="Hello", src="a.jpg", character={}),
        f"{CLIP}/character",
        "one body",
        "Leave out character",
    ),
    Wrong(
        clip(type="presenter", text="Hello", sprites={"pictures": {"base": "base.png"}}),
        f"{CLIP}/sprites/pictures/mouth_x",
        "At least one mouth is needed.",
        "Add mouth_x",
    ),
    Wrong(
        clip(type="presenter", text="Hello", sprites={"pictures": {"mouth_q": "q.png"}}),
        f"{CLIP}/sprites/pictures/mouth_q",
        "'mouth_q' is not one of the choices.",
        "mouth_d",
    ),
    Wrong(
        clip(type="presenter", text="Hello", sprites={"pictures": {}}, points={"chin": [0, 0]}),
        f"{CLIP}/sprites/pictures/base",
        "The sprite is missing.",
        "Add the picture",
    ),
    Wrong(
        clip(type="presenter", text="Hello", points={"chin": [0.5, 0.8]}),
        f"{CLIP}/points",
        "this presenter has none",
        'Add "src"',
    ),
    Wrong(
        clip(type="presenter", text="Hello", character={}, face=2),
        f"{CLIP}/face",
        "this presenter has none",
        "leave out face",
    ),
]  # fmt: skip
TIMES = [
    # names
    Wrong(text(start={"after": "voice"}), f"{CLIP}/start/after", "no element", '"name": "voice"'),
    Wrong(
        clips({**HELLO, "name": "title"}, {**HELLO, "start": {"after": "titel"}}),
        "/tracks/0/clips/1/start/after",
        "'titel'",
        "Did you mean 'title'?",
    ),
    Wrong(
        clips({**HELLO, "name": "a"}, {**HELLO, "name": "a"}),
        "/tracks/0/clips/1/name",
        "used twice",
        "/tracks/0/clips/0",
    ),
    Wrong(text(name="a", start={"with": "a"}), f"{CLIP}/start/with", "itself", "another"),
    Wrong(
        clips({**HELLO, "name": "a"}, {"type": "caption", "of": "a"}),
        "/tracks/0/clips/1/of",
        "type text has no words",
        "voice",
    ),
    # cycles
    Wrong(
        {
            "tracks": [
                {"clips": [{**HELLO, "name": "a", "start": {"after": "b"}, "duration": 1}]},
                {"clips": [{**HELLO, "name": "b", "start": {"after": "a"}, "duration": 1}]},
            ]
        },
        CLIP,
        "itself: a → b → a",
        "start and a duration",
    ),
    Wrong(
        {
            "tracks": [
                {"clips": [{**HELLO, "name": "a", "duration": "end"}]},
                {"clips": [{**HELLO, "start": {"after": "a"}, "duration": 1}]},
            ]
        },
        CLIP,
        "itself: a → the whole → /tracks/1/clips/0 → a",
        "in seconds",
    ),
    # lengths
    Wrong(text(duration=0), f"{CLIP}/duration", "zero", "longer"),
    Wrong(text(duration=0.001), f"{CLIP}/duration", "shorter than a frame", "at least 0.033"),
    Wrong(clip(type="video", src="empty.mp4"), f"{CLIP}/src", "no length", "another file"),
    Wrong(video(trim={"start": 12}), f"{CLIP}/trim/start", "ends at 10 s", "less than 10"),
    Wrong(video(trim={"start": 12}, duration=3), f"{CLIP}/trim/start", "ends at 10 s", "than 10"),
    Wrong(video(freeze=10), f"{CLIP}/freeze", "ends at 10 s", "less than 10"),
    Wrong(video(freeze={"time": 10, "duration": 1}), f"{CLIP}/freeze/time", "ends at", "than 10"),
    Wrong(video(freeze=[{"time": 1, "duration": 1}, {"time": 11, "duration": 1}]),
          f"{CLIP}/freeze/1/time", "ends at 10 s", "less than 10"),
    Wrong(clip(type="audio", src="empty.mp4", loop=True), f"{CLIP}/src", "no length", "another"),
    Wrong(video(trim={"end": 12}), f"{CLIP}/trim/end", "ends at 10 s", "at most 10"),
    Wrong(
        clips(
            {**HELLO, "name": "a", "duration": 2},
            {**HELLO, "start": 5, "duration": {"until": "a"}},
        ),
        "/tracks/0/clips/1/duration",
        "end before it starts",
        "longer",
    ),
    # order
    Wrong(
        clips(VIDEO, {**VIDEO, "start": 8}),
        "/tracks/0/clips/1/start",
        "overlaps the clip before it, which ends at 10 s",
        "another track",
    ),
    Wrong(
        clips({**HELLO, "duration": 1}, {**HELLO, "transition": {"type": "fade", "duration": 1}}),
        "/tracks/0/clips/1/transition",
        "as long as a clip, 1 s",
        "0.25",
    ),
    Wrong(text(transition="fade"), f"{CLIP}/transition", "first clip", "fade_in"),
    Wrong(
        clips(VIDEO, {**VIDEO, "start": 10, "transition": "fade"}),
        "/tracks/0/clips/1/start",
        "while the clip before it ends",
        "Leave start out",
    ),
    Wrong(
        {"scenes": [{"voice": "Hello", "transition": "fade"}]},
        "/scenes/0/transition",
        "first scene",
        "fade_in",
    ),
    Wrong(
        {"scenes": [{"elements": [HELLO]}, {"elements": [{**HELLO, "transition": "fade"}]}]},
        "/scenes/1/elements/0/transition",
        "Only scenes",
        "fade_in",
    ),
    Wrong(
        clips({**HELLO, "name": "a", "duration": 2},
              {**HELLO, "start": {"with": "a", "offset": -1}}),
        "/tracks/0/clips/1/start",
        "1 s before the whole",
        "offset",
    ),
    Wrong(
        {"scenes": [{"voice": "Hello", "elements": [{**HELLO, "start": 3}]}]},
        "/scenes/0/elements/0/start",
        "after its scene has ended (2 s)",
        "longer duration",
    ),
    Wrong(text(duration=1, fade_in=1, fade_out=1), f"{CLIP}/fade_in", "fades", "at most 1 s"),
    Wrong(
        video(duration=1, mask={"shape": "star",
              "keyframes": [{"time": 0, "scale": 0}, {"time": 2, "scale": 1}]}),
        f"{CLIP}/mask/keyframes/1/time", "after the element's end", "1",
    ),
    Wrong(
        text(duration=1, keyframes=[{"time": 0, "opacity": 0}, {"time": 2, "opacity": 1}]),
        f"{CLIP}/keyframes/1/time",
        "after the element's end",
        '"100%"',
    ),
]  # fmt: skip


@pytest.mark.parametrize("wrong", [*DOCUMENTS, *TIMES])
def test_the_answer_says_where_what_and_how_to_change_it(wrong: Wrong) -> None:
    with pytest.raises(InvalidTimeline) as caught:
        compile_timeline(
            read_timeline(wrong.composition), Format(width=1080, height=1920, fps=30), MEASURED
        )
    problems = caught.value.problems
    assert len(problems) == 1, problems
    found = problems[0]
    assert found.pointer == wrong.pointer
    assert wrong.rule in found.rule, found
    assert wrong.remedy in found.remedy, found
    for sentence in (found.rule, found.remedy):
        assert sentence.endswith((".", "…", "?"))
        assert "Input" not in sentence, "pydantic's own words"


def test_all_that_is_wrong_is_reported_at_once() -> None:
    with pytest.raises(InvalidTimeline) as caught:
        read_timeline(clips({**HELLO, "length": 2}, {"type": "image"}, {**HELLO, "x": 5}))
    assert [problem.pointer for problem in caught.value.problems] == [
        "/tracks/0/clips/0/length",
        "/tracks/0/clips/1/src",
        "/tracks/0/clips/2/x",
    ]
    assert caught.value.details["pointer"] == "/tracks/0/clips/0/length"
    assert caught.value.details["field"] == "params.tracks.0.clips.0.length"


def test_a_long_chain_of_followers_is_refused_rather_than_a_crash() -> None:
    chain = [
        {"clips": [{**HELLO, "name": f"n{one}", "start": {"after": f"n{one + 1}"}, "duration": 1}]}
        for one in range(49)
    ]
    last = [{**HELLO, "name": f"n{one}", "start": {"after": f"n{one + 1}"}, "duration": 1}
            for one in range(49, 400)]  # fmt: skip
    end = {**HELLO, "name": "n400", "start": 0, "duration": 1}
    composition = {"tracks": [*chain, {"clips": [*last, end]}]}
    with pytest.raises(InvalidTimeline, match="Too many elements follow one another"):
        compile_timeline(read_timeline(composition), Format(width=16, height=16, fps=30), MEASURED)


@pytest.mark.parametrize(
    "composition",
    [
        clips(VIDEO, {**VIDEO, "transition": {"type": "fade", "duration": 10**400}}),
        text(duration=10**400),
        video(motion={"type": ["none"]}),
        video(motion={"type": {}}),
    ],
)
def test_values_that_python_cannot_compare_or_convert_are_refused(composition: Any) -> None:
    with pytest.raises(InvalidTimeline):
        read_timeline(composition)


def test_there_are_sixty_wrong_compositions() -> None:
    assert len(DOCUMENTS) + len(TIMES) >= 60
