"""Right compositions: what is seen and heard when, and where."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from gala.media import SIZES, AspectRatio, Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import Box, CompiledTimeline
from gala.timeline.compilation.sampling import crop_at, state_at, volume_at
from gala.timeline.document.charts import ChartElement
from gala.timeline.document.subtitles import CaptionLook
from gala.timeline.measurements import KnownMeasurements, Media, Size
from gala.timeline.reader import read_timeline

MEASURED = KnownMeasurements(
    {
        "wide.mp4": Media(Fraction(10), Size(1920, 1080)),
        "short.mp4": Media(Fraction(2), Size(1080, 1920)),
        "photo.jpg": Media(None, Size(800, 600)),
        "logo.png": Media(None, Size(200, 100)),
        "song.mp3": Media(Fraction(60)),
        "said.wav": Media(Fraction(7, 2)),
    },
    {"One.": Fraction(2), "Two.": Fraction(3), "Three.": Fraction(5, 2)},
)
FRAME = Format(width=1000, height=500, fps=30)


def compiled(composition: dict[str, Any], frame: Format = FRAME) -> CompiledTimeline:
    return compile_timeline(read_timeline(composition), frame, MEASURED)


def tracks(*clips: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"tracks": [{"clips": list(one)} for one in clips]}


def text(**fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": "Hello", **fields}


def still(**fields: Any) -> dict[str, Any]:
    return {"type": "shape", **fields}


def video(**fields: Any) -> dict[str, Any]:
    return {"type": "video", "src": "wide.mp4", **fields}


def said(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "voice", "text": text, **fields}


MUSIC = {"type": "audio", "src": "song.mp3"}
PHOTO = {"type": "image", "src": "photo.jpg"}


class Timed(NamedTuple):
    """A composition, and the start and end of its layers in order."""

    composition: dict[str, Any]
    times: list[tuple[float, float]]


TIMES = [
    # in tracks
    Timed(tracks([video(), video(trim={"start": 2, "end": "0:05"})]), [(0, 10), (10, 13)]),
    Timed(tracks([video(speed=2), video(speed=0.5)]), [(0, 5), (5, 25)]),
    Timed(tracks([video(freeze=3), still()]), [(0, 5), (5, 10)]),
    Timed(tracks([video(freeze={"time": 3, "duration": 2}), still()]), [(0, 12), (12, 17)]),
    Timed(
        tracks([video(speed=2, freeze=[{"time": 8, "duration": 1}, {"time": 1, "duration": 2}])]),
        [(0, 8)],
    ),
    Timed(tracks([still(), still(duration=1), still()]), [(0, 5), (5, 6), (6, 11)]),
    Timed(tracks([still(), still(start=2, duration=1)]), [(0, 2), (2, 3)]),
    Timed(tracks([still()], [video()]), [(0, 10), (0, 10)]),
    Timed(tracks([still(start=4)], [video()]), [(4, 10), (0, 10)]),
    Timed(tracks([still(start=12)], [video()]), [(12, 17), (0, 10)]),
    Timed(
        tracks([still(start={"after": "film", "offset": 1})], [video(name="film")]),
        [(11, 16), (0, 10)],
    ),
    Timed(tracks([still()]), [(0, 5)]),
    Timed(tracks([{**MUSIC, "duration": "end"}], [video()]), [(0, 10), (0, 10)]),
    Timed(tracks([{**MUSIC, "loop": True}], [video(), video()]), [(0, 20), (0, 10), (10, 20)]),
    Timed({**tracks([MUSIC], [still()]), "duration": "1:30"}, [(0, 60), (0, 90)]),
    Timed(
        tracks([video(), video(transition={"type": "fade", "duration": 1})]), [(0, 10), (9, 19)]
    ),
    # following
    Timed(
        tracks(
            [video(name="film")], [still(start={"after": "film", "offset": -2.5}, duration=2)]
        ),
        [(0, 10), (7.5, 9.5)],
    ),
    Timed(
        tracks(
            [still(start={"with": "words", "offset": 0.5}, duration={"until": "words"})],
            [said("One.", start=1), said("Two.", name="words")],
        ),
        [(3.5, 6), (1, 3), (3, 6)],
    ),
    Timed(
        tracks([said("Two.", name="v", start=1)], [{"type": "caption", "of": "v"}]),
        [(1, 4), (1, 4)],
    ),
    Timed(tracks([{"type": "voice", "src": "said.wav"}]), [(0, 3.5)]),
    Timed(tracks([{"type": "presenter", "text": "Two."}]), [(0, 3)]),
    Timed(
        tracks(
            [said("Two.", name="v", start=1)],
            [{"type": "presenter", "of": "v", "character": {"name": "leo"}}],
        ),
        [(1, 4), (1, 4)],
    ),
    # groups
    Timed(
        tracks([{"type": "group", "start": 2, "elements": [still(), said("One.", start=1)]}]),
        [(2, 5), (3, 5)],
    ),
    Timed(
        tracks([{"type": "group", "elements": [still(), PHOTO], "duration": 3}], [video()]),
        [(0, 3), (0, 3), (0, 10)],
    ),
    # scenes: elements, then voice, then captions
    Timed(
        {"scenes": [{"elements": [PHOTO], "voice": "One."}, {"voice": "Two.", "captions": True}]},
        [(0, 2), (0, 2), (2, 5), (2, 5)],
    ),
    Timed({"scenes": [{"elements": [video()]}, {"elements": [PHOTO]}]}, [(0, 10), (10, 15)]),
    Timed(
        {
            "scenes": [
                {"elements": [PHOTO], "voice": "One."},
                {"elements": [PHOTO], "voice": "Two.", "transition": "fade"},
            ]
        },
        # The pictures overlap for 0.5 s; nobody speaks in a transition.
        [(0, 2.5), (0, 2), (2, 5.5), (2.5, 5.5)],
    ),
    Timed(
        {"scenes": [{"voice": "One."}, {"voice": "Two."}], "tracks": [{"clips": [MUSIC]}]},
        [(0, 2), (2, 5), (0, 5)],
    ),
]  # fmt: skip


@pytest.mark.parametrize("timed", TIMES)
def test_elements_start_and_end(timed: Timed) -> None:
    plan = compiled(timed.composition)
    assert [(float(one.start), float(one.end)) for one in plan.layers] == timed.times
    assert plan.length == max(one.end for one in plan.layers)
    assert not plan.is_estimate
    for layer in plan.layers:
        assert layer.first_frame == round(layer.start * FRAME.fps)
        assert layer.end_frame == round(layer.end * FRAME.fps)


def test_there_are_twenty_right_compositions() -> None:
    assert len(TIMES) >= 20


def chart(kind: str, **fields: Any) -> dict[str, Any]:
    """Return a chart in the whole frame."""
    return {"type": "chart", "chart": kind, **fields}


def presenter(**fields: Any) -> dict[str, Any]:
    """Return a presenter that is drawn."""
    return {"type": "presenter", "text": "Two.", **fields}


BOXES = [
    (still(), (0, 0, 1000, 500)),
    (still(width="20%", height="20%"), (400, 200, 200, 100)),
    (still(width="20%", height="20%", position="bottom-right"), (800, 400, 200, 100)),
    (
        still(width="20%", height="20%", position="top-left", margin="10%"),
        (50, 50, 200, 100),
    ),
    (still(width="20%", height="20%", x="0%", y="100%"), (-100, 450, 200, 100)),
    (
        still(width="20%", height="20%", x="50%", y="100%", anchor="bottom-left"),
        (500, 400, 200, 100),
    ),
    (PHOTO, (0, 0, 1000, 500)),
    ({**PHOTO, "fit": "contain"}, (500 - 1000 / 3, 0, 2000 / 3, 500)),
    ({**PHOTO, "fit": "contain", "position": "left"}, (0, 0, 2000 / 3, 500)),
    ({**PHOTO, "fit": "fill"}, (0, 0, 1000, 500)),
    ({**PHOTO, "fit": "blur"}, (500 - 1000 / 3, 0, 2000 / 3, 500)),
    ({**PHOTO, "width": "40%"}, (300, 100, 400, 300)),
    ({**PHOTO, "height": "30%", "position": "top"}, (400, 0, 200, 150)),
    (
        {"type": "image", "src": "logo.png", "fit": "none", "position": "top-right"},
        (800, 0, 200, 100),
    ),
    # Presenters stand on the lower edge, also to one side of it.
    (presenter(), (0, 0, 1000, 500)),
    (presenter(width="20%"), (400, 300, 200, 200)),
    (presenter(width="20%", height="80%", x="25%"), (150, 100, 200, 400)),
    (presenter(width="20%", height="80%", x="25%", y="50%"), (150, 50, 200, 400)),
    (presenter(width="20%", height="80%", x="25%", anchor="center"), (150, 50, 200, 400)),
]


@pytest.mark.parametrize(("element", "box"), BOXES)
def test_elements_are_placed(
    element: dict[str, Any], box: tuple[float, float, float, float]
) -> None:
    placement = compiled(tracks([element])).layers[0].placement
    assert placement is not None
    assert tuple(placement.box) == pytest.approx(box)


def test_what_covers_its_box_is_cropped_to_its_middle() -> None:
    layer = compiled(tracks([PHOTO])).layers[0]
    # 800×600 is shown as 1000×750, of which 500 lines are seen.  # noqa: RUF003
    assert tuple(crop_at(layer, 0)) == pytest.approx((0, 1 / 6, 1, 2 / 3))


def test_a_picture_is_in_the_middle_of_its_blurred_copy_at_any_anchor() -> None:
    placed = {"x": "0%", "y": "0%", "anchor": "top-left", "width": "100%", "height": "100%"}
    middle, corner = (
        compiled(tracks([{**PHOTO, "fit": "blur", **more}])).layers[0].placement
        for more in ({}, placed)
    )
    assert middle is not None
    assert corner is not None
    assert corner.box == middle.box


def test_a_blurred_copy_fills_the_box_behind_the_whole_picture() -> None:
    placement = compiled(tracks([{**PHOTO, "fit": "blur"}])).layers[0].placement
    assert placement is not None
    assert placement.backdrop == Box(0, 0, 1000, 500)


@pytest.mark.parametrize("ratio", ["9:16", "1:1", "16:9"])
def test_one_composition_serves_all_sizes(ratio: str) -> None:
    width, height = SIZES[AspectRatio(ratio)]
    frame = Format(width=width, height=height, fps=30)
    plan = compiled(
        tracks(
            [video()],
            [{"type": "text", "text": "A title", "position": "bottom", "name": "title"}],
        ),
        frame,
    )
    background = plan.layers[0].placement
    title = plan.layer("title").placement
    assert background is not None
    assert title is not None
    assert background.box == Box(0, 0, width, height)
    assert title.box.center[0] == pytest.approx(width / 2)
    assert title.box.bottom == pytest.approx(height - 0.05 * min(width, height))
    assert not plan.warnings


def test_keyframes_move_an_element() -> None:
    moving = still(
        width="10%",
        height="20%",
        duration=4,
        keyframes=[
            {"time": 0, "x": "10%", "opacity": 0, "easing": "linear"},
            {"time": "50%", "x": "50%", "easing": "ease-in-out"},
            {"time": 4, "x": "90%", "opacity": 1},
        ],
    )
    layer = compiled(tracks([moving])).layers[0]
    places = {time: state_at(layer, time) for time in (0, 1, 2, 3, 4)}
    assert [state.center[0] for state in places.values() if state] == pytest.approx(
        [100, 300, 500, 700, 900]
    )
    assert [state.opacity for state in places.values() if state] == pytest.approx(
        [0, 0.25, 0.5, 0.75, 1]
    )
    # The second half is eased: slow at first.
    early = state_at(layer, 2.4)
    assert early is not None
    assert 510 < early.center[0] < 560


def test_scale_and_rotation_are_about_the_anchor() -> None:
    layer = compiled(
        tracks([still(width="20%", height="20%", position="bottom-right", scale=0.5, rotation=90)])
    ).layers[0]
    state = state_at(layer, 0)
    assert state is not None
    assert (state.width, state.height) == (100, 50)
    # Turned, its center is 25 right of the corner and 50 above it, no longer 50 left and 25 above.
    assert state.center == pytest.approx((1000 + 25, 500 - 50))


def test_a_group_moves_what_is_in_it() -> None:
    group = {
        "type": "group",
        "width": "50%",
        "height": "50%",
        "position": "top-left",
        "scale": 0.5,
        "opacity": 0.5,
        "duration": 2,
        "keyframes": [{"time": 0, "x": "0%", "easing": "linear"}, {"time": "100%", "x": "50%"}],
        "elements": [still(width="20%", height="20%", position="bottom-right", opacity=0.5)],
    }
    layer = compiled(tracks([group])).layers[0]
    assert layer.placement is not None
    assert tuple(layer.placement.box) == pytest.approx((400, 200, 100, 50))
    first, last = state_at(layer, 0), state_at(layer, 2)
    assert first is not None
    assert last is not None
    assert tuple(first.box) == pytest.approx((200, 100, 50, 25))
    assert tuple(last.box) == pytest.approx((700, 100, 50, 25))
    assert first.opacity == 0.25


def test_sound_fades_and_is_turned_down() -> None:
    music = {**MUSIC, "volume": 0.5, "fade_in": 2, "fade_out": 4}
    layer = compiled(tracks([music])).layers[0]
    assert [volume_at(layer, time) for time in (0, 1, 2, 30, 58, 60)] == pytest.approx(
        [0, 0.25, 0.5, 0.5, 0.25, 0]
    )


@pytest.mark.parametrize(
    ("motion", "first", "last"),
    [
        ("zoom-in", 1, 1 / 1.15),
        ("zoom-out", 1 / 1.15, 1),
        ("ken-burns", 1, 1 / 1.15),
        ({"type": "zoom-in", "amount": "100%"}, 1, 0.5),
        ("pan-left", 1 / 1.15, 1 / 1.15),
    ],
)
def test_the_camera_moves_within_the_picture(motion: Any, first: float, last: float) -> None:
    layer = compiled(tracks([{"type": "image", "src": "logo.png", "motion": motion}])).layers[0]
    start, end = crop_at(layer, 0), crop_at(layer, 5)
    assert (start.width, end.width) == pytest.approx((first, last))
    for crop in (start, end):
        assert crop.left >= -1e-9
        assert crop.top >= -1e-9
        assert crop.right <= 1 + 1e-9
        assert crop.bottom <= 1 + 1e-9


def test_the_voice_of_an_element_overrides_that_of_the_whole() -> None:
    plan = compiled(
        {
            "voice": {"voice": "ef_dora", "language": "es", "speed": 1.2},
            "scenes": [{"voice": "One."}, {"voice": {"text": "Two.", "voice": "em_alex"}}],
        }
    )
    voices = [layer.speech.voice for layer in plan.layers if layer.speech]
    assert [(one.voice, one.language, one.speed) for one in voices] == [
        ("ef_dora", "es", 1.2),
        ("em_alex", "es", 1.2),
    ]


@pytest.mark.parametrize(
    ("presenter", "gender"),
    [
        ({"character": {"name": "leo"}}, "male"),
        ({"character": {"name": "gala"}}, "female"),
        ({"character": {"name": "gala", "beard": "full"}}, "male"),
        ({"character": {"name": "leo"}, "gender": "female"}, "female"),
        ({}, "female"),
        ({"src": "face.png"}, None),
    ],
)
def test_a_character_has_a_voice_of_its_gender(
    presenter: dict[str, object], gender: str | None
) -> None:
    element = {"type": "presenter", "text": "Hola.", **presenter}
    (layer,) = compiled({"scenes": [{"elements": [element]}]}).layers
    assert layer.speech is not None
    assert layer.speech.voice.gender == gender


@pytest.mark.parametrize(
    ("side", "size", "stroke"), [(16, 8, 0.8), (4096, 1000, 50), (1000, 500, 50)]
)
def test_captions_of_any_frame_have_a_size_that_captions_can_have(
    side: int, size: float, stroke: float
) -> None:
    found = CaptionLook.parse({"font_size": "50%", "stroke_width": "5%"}).params(side)
    assert (found.font_size, found.stroke_width) == (size, stroke)


def test_captions_are_sized_for_the_frame() -> None:
    plan = compiled(
        {
            "captions": {"style": "karaoke", "font_size": "10%", "position": "60%"},
            "scenes": [{"voice": "One."}, {"voice": "Two.", "captions": False}],
        }
    )
    shown = [layer.captions for layer in plan.layers if layer.captions]
    assert [(one.style, one.font_size, one.height) for one in shown] == [("karaoke", 50, 0.6)]
    assert plan.layers[1].words_of == "/scenes/0/voice"


WARNINGS = [
    (tracks([still(duration=1), still(start=3, duration=1)]), "gap", "from 1 to 3 s"),
    (tracks([MUSIC]), "gap", "from 0 to 60 s"),
    (
        tracks([{"type": "presenter", "model": f"mdl_{'0' * 26}", "text": "Hello"}]),
        "not_rendered",
        "known to a server only",
    ),
    (
        tracks([{"type": "text", "text": "x" * 200, "width": "99%"}]),
        "outside_safe_area",
        "safe area of 1000",
    ),
    (
        tracks([text(text="Six lines of it\n" * 6, width="50%", height="10%")]),
        "text_overflows",
        "use fit shrink",
    ),
    (tracks([{"type": "shape", "color": "gold"}], [text()]), "low_contrast", "of 1.4:1"),
    (
        tracks([text(text=[{"text": "Now"}, {"text": "5 €", "box_color": "#eeeeee"}])]),
        "low_contrast",
        "#ffffff on #eeeeee",
    ),
    ({**tracks([text()]), "background": "#eeeeee"}, "low_contrast", "#ffffff on #eeeeee"),
    (
        {**tracks([chart("column", values=[1, 2])]), "background": "#eeeeee"},
        "low_contrast",
        "labels of the chart are #ffffff on #eeeeee",
    ),
    (
        tracks([chart("counter", value=5, color="#222222")]),
        "low_contrast",
        "number of the chart is #222222 on #000000",
    ),
    (
        {"scenes": [{"elements": [text(color="#333")], "duration": 2}]},
        "low_contrast",
        "#333333 on #000000",
    ),
    (
        tracks([text(text=[{"text": "a "}, {"text": "b", "color": "#111"}])]),
        "low_contrast",
        "#111111 on #000000",
    ),
    (
        tracks(
            [text(stroke_width="1%", text=[{"text": "a", "color": "#111", "stroke_width": "0%"}])]
        ),
        "low_contrast",
        "#111111 on #000000",
    ),
    (
        tracks([text(box_color="white", box_opacity=0.9)]),
        "low_contrast",
        "#ffffff on #e6e6e6",
    ),
    (tracks([text(text="Only {{price}} €")]), "not_filled", "'{{price}}' as it is written"),
    (tracks([{"type": "voice", "text": "Hi {{name}}"}]), "not_filled", "'{{name}}'"),
    (
        {"captions": True, "scenes": [{"elements": [{"type": "voice", "text": "Hi"}]}]},
        "no_captions",
        '"of": "its name"',
    ),
    (
        {"voice": {"language": "spanish"}, "scenes": [{"voice": "Hola"}]},
        "not_rendered",
        "Did you mean 'es'?",
    ),
    (
        {"scenes": [{"voice": {"text": "Hola", "language": "sp"}}]},
        "not_rendered",
        "no language 'sp'",
    ),
    (tracks([video(duration=12)]), "held_frame", "lasts 10 s and is shown for 12 s"),
    (
        {"scenes": [{"elements": [{**video(), "src": "short.mp4"}], "voice": "Two."}]},
        "held_frame",
        "lasts 2 s and is shown for 3 s",
    ),
    ({"scenes": [{"voice": "Two.", "elements": [still()], "duration": 1}]}, "cut", "last 2 s"),
    (tracks([{"type": "video", "src": "new.mp4"}]), "unknown_length", "not known yet"),
    ({"scenes": [{"voice": "New.", "elements": [still()]}]}, "unknown_length", "estimates"),
    (
        tracks([{"type": "video", "src": "new.mp4"}, still(start=4)]),
        "perhaps",
        "overlaps the clip before it",
    ),
]


LEGIBLE = [
    tracks([text(text=[{"text": "a", "color": "#111", "stroke_width": "1%"}, {"text": "b"}])]),
    tracks([text()]),
    tracks([chart("column", values=[1, 2])]),
    {**tracks([chart("counter", value=5)]), "background": "#ffffff"},
    {**tracks([chart("column", values=[1, 2], show_values=False)]), "background": "#ffffff"},
    tracks([{"type": "shape", "color": "gold"}], [text(color="navy")]),
    tracks([{"type": "shape", "color": "gold"}], [text(stroke_width="1%")]),
    tracks([{"type": "shape", "color": "gold"}], [text(shadow_opacity=0.5)]),
    tracks([{"type": "shape", "color": "gold"}], [text(box_color="black")]),
    # What is behind these is not known, or changes.
    tracks([{"type": "shape", "color": "gold"}], [video()], [text()]),
    tracks([{"type": "shape", "color": "gold", "width": "3%", "height": "3%"}], [text()]),
    tracks([{"type": "shape", "color": "gold", "opacity": 0.2}], [text()]),
    tracks([{"type": "shape", "color": "gold", "duration": 1}], [text(duration=3)]),
    tracks([video()], [text(color="black")]),
    {**tracks([text()]), "background": "white", "transparent": True, "file_format": "webm"},
]


@pytest.mark.parametrize("composition", LEGIBLE)
def test_nothing_is_said_of_texts_that_may_be_legible(composition: dict[str, Any]) -> None:
    codes = [warning.code for warning in compiled(composition).warnings]
    assert "low_contrast" not in codes


@pytest.mark.parametrize(("composition", "code", "words"), WARNINGS)
def test_what_is_unusual_is_said(composition: dict[str, Any], code: str, words: str) -> None:
    plan = compiled(composition)
    found = [warning.message for warning in plan.warnings if warning.code == code]
    assert len(found) == 1, plan.warnings
    assert words in found[0]
    assert plan.is_estimate == any(warning.code == "unknown_length" for warning in plan.warnings)


def test_long_tracks_and_long_chains_are_compiled() -> None:
    many = [still(name=f"s{number}", duration=0.1) for number in range(500)]
    following = [still(start={"after": f"s{number}"}, duration=0.1) for number in range(499)]
    plan = compiled(tracks([*following], [*many]))
    assert plan.length == Fraction(50)


@pytest.mark.parametrize(
    ("voice", "scene", "own", "language"),
    [
        ({"language": "de"}, {}, {}, "de"),
        ({"voice": "es-419+f3"}, {}, {}, "es-419"),
        ({"language": "de"}, {"voice": {"text": "Une.", "language": "fr"}}, {}, "fr"),
        ({"language": "de"}, {}, {"language": "en"}, "en"),
        ({"voice": "af_heart"}, {}, {}, None),
    ],
)
def test_numbers_of_a_chart_are_written_in_the_language_of_what_is_said(
    voice: dict[str, Any], scene: dict[str, Any], own: dict[str, Any], language: str | None
) -> None:
    chart = {"type": "chart", "chart": "counter", "value": 1250, **own}
    grouped = {"type": "group", "elements": [chart]}
    film = {"voice": voice, "scenes": [{"elements": [chart, grouped], "duration": 2, **scene}]}
    found = [one.element for one in compiled(film).layers if isinstance(one.element, ChartElement)]
    assert [one.language for one in found] == [language, language]
