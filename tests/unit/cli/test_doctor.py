"""What ``gala doctor`` tells about speech."""

from __future__ import annotations

from gala.cli.commands import doctor


def test_doctor_says_what_runs_kokoro() -> None:
    check = {
        "ok": True,
        "default": "kokoro",
        "engines": ["espeak", "kokoro"],
        "backends": {"kokoro": "onnx"},
    }
    found = doctor._speech(check)
    assert found.ok
    assert found.detail == "espeak, kokoro (onnx); default: kokoro"
