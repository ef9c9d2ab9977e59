"""Building and running the images where there is no Docker engine and no registry.

Images are built with buildah on a base that debootstrap makes, and run with podman. Both keep
what they make apart from the machine's own images, in :data:`STORE`; a second run finds the base
and the layers there.
"""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
STORE: Final = Path("/var/tmp/gala-images")
BASE: Final = "localhost/gala-test-base:bookworm"
PACKAGES: Final = "python3,python3-venv,python3-pip,ca-certificates"

_STORAGE: Final = f"""[storage]
driver = "overlay"
graphroot = "{STORE}/storage"
runroot = "{STORE}/run"
"""
# Hosts like ours may lower limits but not raise them, and run no systemd.
_CONTAINERS: Final = f"""[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_config_dir = "{STORE}/networks"
"""


def missing() -> str | None:
    """What keeps this machine from building and running images; ``None`` if nothing does."""
    if os.geteuid() != 0:
        return "needs root, for debootstrap and for networks of containers"
    tools = ("buildah", "podman", "debootstrap", "iptables", "nsenter")
    absent = [tool for tool in tools if shutil.which(tool) is None]
    if absent:
        return f"needs {', '.join(absent)} (apt-get install)"
    return None


class Engine:
    """buildah and podman with a store of their own, in a mount namespace of their own."""

    def __init__(self) -> None:
        STORE.mkdir(parents=True, exist_ok=True)
        self._env = {
            **os.environ,
            "CONTAINERS_CONF": str(_written("containers.conf", _CONTAINERS)),
            "CONTAINERS_STORAGE_CONF": str(_written("storage.conf", _STORAGE)),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        # crun refuses hosts that mount both versions of cgroups: the second is hidden from it.
        self._namespace = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c",
             "umount /sys/fs/cgroup/unified 2>/dev/null; echo ready; exec sleep infinity"],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._namespace.stdout is not None
        self._namespace.stdout.readline()

    def close(self) -> None:
        """Leave the mount namespace; the store stays, for the next run."""
        self._namespace.kill()
        self._namespace.wait()

    def run(self, *command: str, env: Mapping[str, str] | None = None, seconds: int = 600) -> str:
        """Run a command, and give what it printed.

        Raises:
            AssertionError: it failed; the message holds the end of what it said.
        """
        done = subprocess.run(
            ["nsenter", f"--mount=/proc/{self._namespace.pid}/ns/mnt", f"--wdns={Path.cwd()}",
             *command],
            env={**self._env, **(env or {})},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )  # fmt: skip
        said = f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        assert done.returncode == 0, f"{' '.join(command)}: {said}"
        return done.stdout

    def has(self, image: str) -> bool:
        """Whether an image of this name is in the store."""
        return bool(self.run("podman", "images", "--quiet", image).strip())

    def make_base(self) -> None:
        """Make the base image: Debian's smallest system, and its Python."""
        if self.has(BASE):
            return
        tree = STORE / "base"
        shutil.rmtree(tree, ignore_errors=True)
        self.run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(tree))
        archive = STORE / "base.tar"
        self.run("tar", "--create", f"--file={archive}", f"--directory={tree}", ".")
        self.run("podman", "import", str(archive), BASE)
        archive.unlink()
        shutil.rmtree(tree)

    def build(self, target: str, tag: str, *, dockerfile: Path, context: Path) -> None:
        """Build one stage of a Dockerfile on our base."""
        self.run(
            *("buildah", "build", "--isolation=chroot", "--format=docker", "--layers"),
            *(f"--build-arg=BASE={BASE}", *_pip_mounts()),
            *(f"--target={target}", f"--tag={tag}", f"--file={dockerfile}", str(context)),
            seconds=1200,
        )


class HealthChecks:
    """Runs the containers' health checks, which podman leaves to systemd's timers."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> HealthChecks:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(1):
            # Unhealthy, without a check, or gone meanwhile: podman's own state says it.
            with contextlib.suppress(AssertionError):
                for container in self._engine.run("podman", "ps", "--quiet").split():
                    self._check(container)

    def _check(self, container: str) -> None:
        with contextlib.suppress(AssertionError):
            self._engine.run("podman", "healthcheck", "run", container)


def _written(name: str, text: str) -> Path:
    path = STORE / name
    path.write_text(text)
    return path


def _pip_mounts() -> Iterator[str]:
    """How this machine's pip reaches its indexes, for the pip inside the build; never committed."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    # "global.cert='…'" from a file, ":env:.cert='…'" from the environment, which goes before it.
    lines = [line.partition("=") for line in sorted(listed.stdout.splitlines(), reverse=True)]
    settings = {key.rpartition(".")[2]: ast.literal_eval(value) for key, _, value in lines}
    yield f"--volume={_written('pip.conf', _ini(settings))}:/etc/pip.conf:ro"
    folders = {_folder(word) for value in settings.values() for word in value.split()} - {None}
    for folder in sorted({str(folder) for folder in folders}):
        yield f"--volume={folder}:{folder}:ro"


def _ini(settings: Mapping[str, str]) -> str:
    lines = [f"{key} = {' '.join(value.split())}\n" for key, value in settings.items()]
    return "".join(["[global]\n", *lines])


def _folder(word: str) -> Path | None:
    """The folder that a word of pip's configuration names, if it names one."""
    path = Path(word.removeprefix("file://"))
    if not path.is_absolute() or not path.exists():
        return None
    folder = path if path.is_dir() else path.parent
    # The pages of a local index link to files beside it.
    return folder.parent if folder.name == "simple" else folder
