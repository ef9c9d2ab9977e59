"""Ten minutes of speech by Kokoro, heard by Whisper base, as ``run.py bench listening`` does."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import listening
from tests.support.real_weights import PULL_SECONDS, PulledWeights

pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(2 * PULL_SECONDS)]


def test_ten_minutes_are_heard_steadily_in_bounded_memory_without_drift(
    real_weights: PulledWeights, tmp_path: Path
) -> None:
    found = listening.measured(real_weights("kokoro", "whisper:base"), tmp_path, "en", 600)
    assert found.recording.seconds > 570
    assert found.errors <= listening.ERRORS_AIM
    assert found.transcript["language"] == "en"
    assert found.transcript["language_probability"] > 0.9
    assert list(found.fractions) == sorted(found.fractions)
    assert found.largest_step <= listening.STEP_AIM
    assert found.memory <= listening.MEMORY_AIM_MB
    assert max(found.tenths) - min(found.tenths) <= listening.DRIFT_AIM
