"""Which frames of a cut are copied: each frame is produced exactly once."""

from __future__ import annotations

import itertools

import pytest

from gala_renderer.cutting.gop_split import Copied, CutPart, Encoded, Sample, cut_parts, reordering

# How encoders store a group of frames: display indices in decoding order.
ORDERS = {
    "no B-frames": (0, 1, 2, 3, 4, 5, 6, 7),
    "B-frames": (0, 3, 1, 2, 6, 4, 5, 7),
    "a pyramid": (0, 4, 2, 1, 3, 7, 6, 5),
}
GROUP = 8


def stored(order: tuple[int, ...], groups: int = 3) -> list[Sample]:
    return [
        Sample(group * GROUP + place, idr=at == 0, key=at == 0)
        for group in range(groups)
        for at, place in enumerate(order)
    ]


def shown(samples: list[Sample], part: CutPart) -> list[int]:
    """Return the frames of a part in display order."""
    if isinstance(part, Encoded):
        return list(range(part.first, part.last + 1))
    return sorted(sample.shown for sample in samples[part.start : part.stop])


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_every_cut_shows_exactly_its_frames(order: tuple[int, ...]) -> None:
    samples = stored(order)
    for first, last in itertools.combinations_with_replacement(range(len(samples)), 2):
        parts = cut_parts(samples, first, last)
        made = [number for part in parts for number in shown(samples, part)]
        assert made == list(range(first, last + 1)), (first, last, parts)
        for part in parts:
            if isinstance(part, Encoded):
                assert samples[part.decode_from].key
                assert samples[part.decode_from].shown <= part.first
            else:
                assert samples[part.start].idr


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_no_frame_is_shown_before_it_is_decoded(order: tuple[int, ...]) -> None:
    samples = stored(order)
    for first, last in itertools.combinations_with_replacement(range(len(samples)), 2):
        parts = cut_parts(samples, first, last)
        delay = reordering(samples, parts)
        for part in parts:
            if isinstance(part, Copied):
                for at, sample in enumerate(samples[part.start : part.stop]):
                    assert sample.shown - part.first >= at - delay


def test_a_cut_between_key_frames_copies_everything() -> None:
    samples = stored(ORDERS["a pyramid"])
    assert cut_parts(samples, 8, 15) == (Copied(8, 16, first=8),)


def test_the_frames_before_the_first_key_frame_and_after_the_last_whole_group_are_encoded() -> None:
    samples = stored(ORDERS["B-frames"])
    assert cut_parts(samples, 5, 17) == (
        Encoded(5, 7, decode_from=0),
        Copied(8, 17, first=8),
        Encoded(17, 17, decode_from=16),
    )


def test_without_a_fresh_frame_inside_everything_is_encoded() -> None:
    samples = stored(ORDERS["B-frames"])
    assert cut_parts(samples, 9, 14) == (Encoded(9, 14, decode_from=8),)


def test_a_key_frame_that_is_not_fresh_is_no_place_to_copy_from() -> None:
    # An open group: frames displayed before its key frame refer to the previous group.
    samples = [Sample(0, True, True), Sample(3, False, True), Sample(1, False, False)]
    samples += [Sample(2, False, False), Sample(4, False, False)]
    assert cut_parts(samples, 3, 4) == (Encoded(3, 4, decode_from=1),)
