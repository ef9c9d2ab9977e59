"""Chatterbox's server needs only those modules of GALA that its image copies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_server_imports_from_the_files_of_its_image_alone(tmp_path: Path) -> None:
    text = (ROOT / "renderer/chatterbox/Dockerfile").read_text().replace("\\\n", " ")
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        *sources, target = line.split()
        if not target.startswith("/opt/server"):
            continue
        folder = tmp_path / Path(target).relative_to("/opt/server")
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, folder)
    # All of GALA is installed here: other modules must not be imported.
    code = (
        "import sys, gala_chatterbox.__main__, gala_renderer\n"
        f"assert gala_renderer.__file__.startswith({str(tmp_path)!r}), gala_renderer.__file__\n"
        "ours = [m for m in sys.modules if m.split('.')[0] == 'gala']\n"
        "assert not ours, ours\n"
        "assert 'torch' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
