"""Where the inset of a presenter and captions are, if margins of the frame are kept free."""

from __future__ import annotations

import pytest

from gala.render_types.params.presenters import Inset
from gala.render_types.params.safe_margins import HALF_HEIGHT, SafeMargins
from gala.targets import TARGETS, TargetName
from gala_renderer.avatars.stage import beside_inset, inset_box
from gala_renderer.engine.plan import Canvas

CANVAS = Canvas(1080, 1920, 30, 90)


@pytest.mark.parametrize("name", [TargetName.REEL, TargetName.TIKTOK, TargetName.SHORT])
@pytest.mark.parametrize("position", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_an_inset_is_not_under_the_controls_of_a_target_and_captions_are_not_over_it(
    name: TargetName, position: str
) -> None:
    margins = TARGETS[name].params(TARGETS[name].format)["safe_margins"]
    safe = SafeMargins.model_validate(margins)
    box = inset_box(Inset.parse({"position": position}), CANVAS, safe)
    assert box.x >= safe.left * CANVAS.width - 1
    assert box.x + box.width <= (1 - safe.right) * CANVAS.width + 1
    assert box.y >= safe.top * CANVAS.height - 1
    assert box.y + box.height <= (1 - safe.bottom) * CANVAS.height + 1
    height = beside_inset(safe.free_position(0.75), box, CANVAS)
    top, bottom = (height - HALF_HEIGHT) * CANVAS.height, (height + HALF_HEIGHT) * CANVAS.height
    assert bottom <= box.y + 1 or top >= box.y + box.height - 1
    assert top >= safe.top * CANVAS.height - 1
    assert bottom <= (1 - safe.bottom) * CANVAS.height + 1


def test_an_inset_without_margins_is_as_near_to_the_edges_as_its_own_margin() -> None:
    box = inset_box(Inset(), CANVAS, SafeMargins())
    assert (CANVAS.width - box.x - box.width, CANVAS.height - box.y - box.height) == (42, 42)
