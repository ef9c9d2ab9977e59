"""``gala transcribe`` with a tiny, untrained model of Whisper's architecture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Gala
from tests.support.whisper_weights import make_whisper

# Weights are generated and loaded.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_what_is_said_is_printed_or_written_as_the_name_ends(
    gala: Gala, home: Path, samples: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_whisper(home / "weights" / "whisper-tiny")
    monkeypatch.setenv("WHISPER_MODEL", "tiny")
    voice = (
        "transcribe",
        samples("voice"),
        "--language",
        "en",
        "-p",
        "beam_size:=1",
        "-p",
        "vad:=false",
    )

    result = gala(*voice, "--json").json
    assert result["language"] == "en"
    assert result["words"]
    printed = gala(*voice)
    assert printed.out.split() == result["text"].split(), printed.err
    assert gala(*voice, "--format", "vtt").out.startswith("WEBVTT\n")

    for ending, begins in ((".srt", "1\n"), (".ass", "[Script Info]"), (".json", "{")):
        made = gala(*voice, "-o", f"said{ending}")
        assert made.out == f"said{ending}\n", made.err
        assert Path(made.out.strip()).read_text().startswith(begins)
    assert gala(*voice, "-o", "said.txt", "--json").json["mime"] == "text/plain"
    assert Path("said.txt").read_text() == printed.out
    # Every format has the same number of captions.
    assert gala(*voice, "--format", "vtt").out.count("-->") == (
        Path("said.srt").read_text().count("-->")
    )
