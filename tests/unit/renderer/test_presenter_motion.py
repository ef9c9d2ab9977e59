"""Blinks, gaze, head and brows of presenters; determinism, frame rates, dialogues, bad input."""

# ruff: noqa: RUF001 - the IPA's own letters

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from gala_renderer.avatars.motion.loudness import Loudness
from gala_renderer.avatars.motion.tracks import (
    SpokenTurn,
    dialogue_motion,
    listening_motion,
    speech_motion,
)
from gala_renderer.avatars.pose import CURVES, MotionTrack
from gala_renderer.speech.words import Phoneme, Word

FPS = Fraction(30)
MOUTH = ("jaw", "spread", "round", "shut", "press", "lip_to_teeth", "tongue")


def sentence(start: float, *, count: int = 6, end: str = ".") -> list[Word]:
    """Return words of 0.3 s without pauses."""
    words = []
    for index in range(count):
        at = start + 0.3 * index
        edges = [at, at + 0.08, at + 0.2, at + 0.3]
        phonemes = tuple(map(Phoneme, ("m", "ˈa", "t"), edges, edges[1:]))
        words.append(Word("mat" + end * (index == count - 1), at, edges[-1], phonemes))
    return words


def speech(seconds: float) -> list[Word]:
    """Return sentences of 1.8 s, every 2.6 s."""
    starts = np.arange(0.4, seconds - 2.0, 2.6)
    return [word for i, at in enumerate(starts) for word in sentence(at, end=".?"[i % 3 == 2])]


def motion(seconds: float = 30.0, **options: object) -> MotionTrack:
    chosen = {"fps": FPS, "seed": 5, **options}
    return speech_motion(speech(seconds), seconds=seconds, **chosen)  # type: ignore[arg-type]


def blinks(track: MotionTrack) -> list[float]:
    """Return the times at which the lids begin to be shut."""
    shut = np.concatenate([[False], track.curve("blink_left") > 0.9995])
    return [i / float(track.fps) for i in np.flatnonzero(np.diff(shut.astype(int)) == 1).tolist()]


def test_the_same_request_gives_the_same_bytes() -> None:
    assert motion().values.tobytes() == motion().values.tobytes()


def test_another_seed_moves_otherwise_with_the_same_lips() -> None:
    one, other = motion(seed=1), motion(seed=2)
    for name in CURVES:
        assert np.array_equal(one.curve(name), other.curve(name)) == (name in MOUTH), name


def test_frame_rates_differ_only_in_their_sampling() -> None:
    """The middle of frame i at 30 fps is that of frame 3 i + 1 at 90 fps."""
    slow, fast = motion(), motion(fps=Fraction(90))
    assert len(fast) == 3 * len(slow)
    assert np.abs(slow.values - fast.values[1::3]).max() < 1e-5


def test_ten_minutes_do_not_drift() -> None:
    fps = Fraction(30000, 1001)
    words = speech(600.0)
    track = speech_motion(words, seconds=600.0, fps=fps, seed=0)
    assert len(track) == 17983
    frames = np.flatnonzero(np.diff((track.curve("shut") > 0.999).astype(int)) == -1) + 1
    openings = (frames + 0.5) / float(fps)
    # Each word begins with an m, which ends after 80 ms.
    expected = np.array([word.phonemes[0].end for word in words])
    assert len(openings) == len(expected) > 1000
    late = openings - expected
    assert -0.001 < late.min() <= late.max() < 0.04


def test_all_values_are_in_the_ranges_of_poses() -> None:
    track = motion(120.0, energy=1.0)
    assert np.isfinite(track.values).all()
    for name in CURVES:
        low, high = track.curve(name).min(), track.curve(name).max()
        if name in ("yaw", "pitch", "roll"):
            assert max(-low, high) <= 9.0
        elif name.startswith("sway"):
            assert max(-low, high) < 0.08
        else:
            assert (-1.0 if name.startswith(("gaze", "brow")) else 0.0) <= low <= high <= 1.0, name


def test_the_head_moves_with_a_limited_speed() -> None:
    track = motion(120.0, energy=1.0, fps=Fraction(60))
    for name, fastest in (("yaw", 50.0), ("pitch", 75.0), ("roll", 50.0)):
        assert np.abs(np.diff(track.curve(name))).max() * 60 < fastest, name


def test_blinks_are_irregular() -> None:
    begun = blinks(motion(300.0))
    intervals = np.diff(begun)
    assert 60 <= len(begun) <= 180
    assert 1.5 < np.median(intervals) < 5.0
    assert intervals.max() < 8.0
    assert intervals.std() > 0.5


def test_every_blink_shuts_both_eyes_for_a_frame_at_every_rate() -> None:
    fine = motion(60.0, fps=Fraction(200))
    for fps in (Fraction(24), Fraction(25), FPS):
        track = motion(60.0, fps=fps)
        assert len(blinks(track)) == len(blinks(fine)) > 10
        for at in blinks(track):
            assert track.curve("blink_right")[int(at * fps) :][:4].max() > 0.97
    assert not np.array_equal(fine.curve("blink_left"), fine.curve("blink_right"))


def test_blinks_gather_at_the_ends_of_phrases() -> None:
    words = speech(300.0)
    ends = np.array([w.end for w in words if w.text != "mat"])
    begun = np.array(blinks(motion(300.0, fps=Fraction(60))))
    near = [np.abs(ends - at).min() < 0.25 for at in begun]
    assert np.mean(near) > 0.35  # By chance, 0.19


def test_eyes_stay_mostly_on_the_viewer() -> None:
    track = motion(300.0)
    away = np.hypot(track.curve("gaze_x"), track.curve("gaze_y"))
    assert 0.85 < np.mean(away < 0.15) < 0.99
    assert away.max() > 0.2


def test_without_energy_only_mouth_eyelids_and_chest_move() -> None:
    still, lively = motion(60.0, energy=0.0), motion(60.0, energy=1.0)
    assert blinks(still)
    for name in ("gaze_x", "gaze_y", "brow_left", "brow_right", "smile", "yaw", "pitch", "roll"):
        assert np.abs(still.curve(name)).max() == 0.0
    assert np.ptp(still.curve("breath")) > 0.3
    assert lively.curve("yaw").std() > 0.5
    assert lively.curve("brow_left").max() > 0.4


def test_the_head_does_not_repeat_itself() -> None:
    yaw = motion(300.0).curve("yaw")
    yaw = yaw - yaw.mean()
    spectrum = np.abs(np.fft.rfft(yaw, 2 * len(yaw))) ** 2
    repeats = np.fft.irfft(spectrum)[: len(yaw)]
    assert repeats[60 * 30 :].max() < 0.5 * repeats[0]


def test_the_chest_rises_before_a_phrase_and_never_jumps() -> None:
    words = [*sentence(3.0), *sentence(6.0)]
    breath = speech_motion(words, seconds=12.0, fps=FPS, seed=3).curve("breath")
    assert np.abs(np.diff(breath)).max() * 30 < 4.0
    assert breath[90] - breath[72] > 0.3
    assert np.ptp(breath[270:]) > 0.3


def test_nods_and_brows_follow_stress() -> None:
    track = speech_motion(sentence(2.0), seconds=6.0, fps=FPS, seed=3, energy=1.0)
    before, spoken = track.values[:50], track.values[55:120]
    pitch = CURVES.index("pitch")
    assert np.ptp(spoken[:, pitch]) > 2.0 * np.ptp(before[:, pitch])
    assert track.curve("brow_left")[:50].max() == 0.0


def test_languages_without_stress_move_head_and_brows_too() -> None:
    phonemes = (Phoneme("m", 1.0, 1.1), Phoneme("a→", 1.1, 1.4))
    words = [Word("妈", 1.0, 1.4, phonemes).shifted(0.4 * index) for index in range(20)]
    track = speech_motion(words, seconds=10.0, fps=FPS, seed=3)
    assert track.curve("brow_left").max() > 0.1
    assert np.ptp(track.curve("pitch")[30:]) > 1.0


def test_questions_raise_the_brows() -> None:
    asked = speech_motion(sentence(1.0, end="?"), seconds=4.0, fps=FPS, seed=3)
    assert asked.curve("brow_left")[int(2.6 * 30)] > 0.3


def test_who_hesitates_lowers_the_brows_and_does_not_smile_until_going_on() -> None:
    for end, lowered in (("…", True), ("...", True), (".", False)):
        words = [*sentence(1.0, end=end), *sentence(4.0)]
        for seed in range(8):
            track = speech_motion(words, seconds=6.0, fps=FPS, seed=seed)
            thinks = slice(round(2.95 * 30), round(3.6 * 30))
            brows = track.curve("brow_left")
            assert (brows[thinks].max() < -0.3) == lowered
            assert (track.curve("smile")[thinks].max() < 0.01) == lowered
            assert brows[round(4.6 * 30) :].min() > -0.01


def test_listeners_are_calm_look_at_the_speaker_and_nod() -> None:
    words = speech(60.0)
    track = listening_motion(60.0, fps=FPS, seed=4, side=1.0, heard=words)
    assert track.curve("shut").min() == 1.0
    assert track.curve("jaw").max() == 0.0
    assert np.median(track.curve("gaze_x")) > 0.25
    assert np.median(track.curve("yaw")) > 2.5
    speaker = speech_motion(words, seconds=60.0, fps=FPS, seed=4)
    assert track.curve("roll").std() < speaker.curve("roll").std()
    assert track.curve("pitch").max() > 1.2
    assert blinks(track)


def test_in_a_dialogue_one_speaks_and_the_others_look_at_that_one() -> None:
    first, second = sentence(0.5), sentence(3.5)
    turns = [
        SpokenTurn(presenter=0, start=0.4, end=2.4, words=tuple(first)),
        SpokenTurn(presenter=1, start=3.4, end=5.4, words=tuple(second)),
    ]
    left, right = dialogue_motion(turns, [0.25, 0.75], seconds=7.0, fps=FPS, seed=1)
    assert left.curve("shut")[20:60].min() < 0.1
    assert right.curve("shut")[:95].min() == 1.0
    assert right.curve("shut")[110:150].min() < 0.1
    assert left.curve("shut")[90:].min() == 1.0
    assert right.curve("gaze_x")[40:60].mean() < -0.25
    assert left.curve("gaze_x")[130:150].mean() > 0.25
    assert left.curve("yaw")[130:150].mean() > 2.0
    assert np.abs(right.curve("gaze_x")[-15:]).max() < 0.15


def test_two_who_listen_to_the_same_speaker_do_not_move_alike() -> None:
    turn = SpokenTurn(presenter=1, start=0.4, end=2.4, words=tuple(sentence(0.5)))
    one, _, other = dialogue_motion([turn], [0.2, 0.8, 0.2], seconds=6.0, fps=FPS, seed=1)
    for name in ("blink_left", "gaze_x", "yaw", "breath"):
        assert not np.allclose(one.curve(name), other.curve(name)), name


@pytest.mark.parametrize(
    "words",
    [
        [],
        [Word("", 0.0, 0.0)],
        [Word("endless?", 0.5, 1e18, (Phoneme("a", 0.5, 1e18),))],
        [Word("back", 1.0, 0.2, (Phoneme("b", 1.0, 0.2), Phoneme("a", 0.9, 0.1)))],
        [Word("same", 0.5, 0.5, (Phoneme("m", 0.5, 0.5),) * 40)],
        [*sentence(0.2), *sentence(0.25), *sentence(0.1)],
    ],
)
def test_odd_times_give_a_whole_track(words: list[Word]) -> None:
    track = speech_motion(words, seconds=1.5, fps=FPS, seed=0)
    assert len(track) == 45
    assert np.isfinite(track.values).all()
    assert 0.0 <= track.curve("shut").min() <= track.curve("shut").max() <= 1.0


def test_words_before_and_after_the_track_do_not_open_the_mouth() -> None:
    late = Word("late", 50.0, 60.0, (Phoneme("a", 50.0, 60.0),))
    early = Word("early", -9.0, -5.0, (Phoneme("a", -9.0, -5.0),))
    track = speech_motion([early, late], seconds=1.5, fps=FPS, seed=0)
    assert track.curve("shut").min() == 1.0


def test_words_without_times_and_impossible_requests_are_refused() -> None:
    nan = float("nan")
    with pytest.raises(ValueError, match="'bad'"):
        speech_motion([Word("bad", nan, 1.0)], seconds=1.0, fps=FPS, seed=0)
    for seconds in (nan, -1.0, 0.0, 1e6):
        with pytest.raises(ValueError, match="seconds"):
            speech_motion([], seconds=seconds, fps=FPS, seed=0)
    for energy in (nan, -0.1, 1.1):
        with pytest.raises(ValueError, match="energy"):
            speech_motion([], seconds=1.0, fps=FPS, seed=0, energy=energy)
    for fps in (Fraction(0), Fraction(-30), Fraction(10**6)):
        with pytest.raises(ValueError, match="fps"):
            speech_motion([], seconds=1.0, fps=fps, seed=0)
    turn = SpokenTurn(presenter=2, start=0.0, end=1.0)
    with pytest.raises(ValueError, match="presenter 2"):
        dialogue_motion([turn], [0.0, 1.0], seconds=1.0, fps=FPS, seed=0)
    with pytest.raises(ValueError, match="samples"):
        Loudness.measured(np.full(8000, nan, np.float32), 8000)
    with pytest.raises(ValueError, match="rate"):
        Loudness(0.0, np.zeros(3, np.float32))


def test_negative_seeds_and_very_short_tracks_work() -> None:
    assert len(speech_motion([], seconds=0.001, fps=FPS, seed=-3)) == 1
    lengths = [len(speech_motion([], seconds=n / 30, fps=FPS, seed=0)) for n in range(1, 40)]
    assert all(b - a == 1 for a, b in pairwise(lengths))
