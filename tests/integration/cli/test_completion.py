"""The shell completes what is typed after ``gala``."""

from __future__ import annotations

import os
import subprocess
import sys


def test_bash_is_offered_the_commands_that_begin_with_what_was_typed() -> None:
    asked = {"_GALA_COMPLETE": "complete_bash", "COMP_WORDS": "gala sub", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "gala.cli"],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["submit"], done.stderr
