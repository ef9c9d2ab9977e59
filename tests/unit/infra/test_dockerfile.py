"""The Dockerfile: each image has its extra, runs without privileges and stops on request."""

from __future__ import annotations

import re
import tomllib

from gala.cli.weights.registry import find
from tests.unit.infra.infrafiles import INFRA, ROOT

DOCKERFILE = (INFRA / "Dockerfile").read_text()
STAGES = {
    head.split(" AS ")[1].strip(): body
    for head, body in re.findall(r"^FROM (.+)\n((?:(?!FROM ).*\n)*)", DOCKERFILE, re.MULTILINE)
}

KOKORO, FACES = find("kokoro"), find("faces")


def installed(stage: str) -> set[str]:
    """Return the extras of an image as built by default."""
    (extras,) = re.findall(r'"\.\[(.+)\]"', STAGES[stage])
    defaults = dict(re.findall(r"^ARG (\w+)=(\S+)$", STAGES[stage], re.MULTILINE))
    told = re.sub(r"\$\{(\w+)\}", lambda name: defaults[name[1]], extras)
    return set(told.split(","))


def test_each_service_installs_its_own_extra_and_nothing_of_the_others() -> None:
    assert installed("api-build") == {"api", "s3", "gdrive"}
    assert installed("worker-build") == {"worker", "s3", "gdrive"}
    assert installed("renderer-build") == {"renderer", "avatars", "lottie", "voice"}


def test_every_extra_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for stage in ("api-build", "worker-build", "renderer-build"):
        assert installed(stage) <= set(project["optional-dependencies"])


def test_the_renderers_image_gets_voice_and_face_models_when_it_is_built() -> None:
    weights = STAGES["weights"]
    assert "ARG GALA_VOICE=auto\n" in weights
    assert "ARG GALA_FACES=true\n" in weights
    for one in (KOKORO, FACES):
        assert f"gala weights pull {one.name} " in weights
        assert f"cp -r /var/cache/weights/{one.folder} /opt/weights/" in weights
    # Only `auto` goes on without the voice; nothing needs the faces.
    assert '|| [ "${GALA_VOICE}" = auto ]; fi' in weights
    assert "!= espeak-ng ]" in weights
    assert weights.rstrip().endswith("|| true; fi")
    assert "COPY --from=weights /opt/weights /opt/weights\n" in STAGES["renderer"]
    assert "GALA_WEIGHTS_DIR=/opt/weights\n" in STAGES["renderer"]


def test_every_folder_of_the_distribution_is_copied() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    for package in build["targets"]["wheel"]["packages"]:
        folder = package.split("/")[0]
        assert f"COPY {folder} {folder}\n" in STAGES["source"]
        assert f"!{folder}\n" in (ROOT / ".dockerignore").read_text()


def test_the_images_run_as_nobody_in_particular_and_end_on_sigterm() -> None:
    runtime = STAGES["runtime"]
    assert "USER 10001:10001\n" in runtime
    assert "STOPSIGNAL SIGTERM\n" in runtime
    assert 'ENTRYPOINT ["tini", "--"]\n' in runtime
    for stage in ("api", "worker", "renderer"):
        assert "USER" not in STAGES[stage]
        assert "RUN" not in STAGES[stage]
        assert re.search(rf'CMD \["python", "-m", "gala_{stage}"\]\n', STAGES[stage])
