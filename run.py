#!/usr/bin/env python3
"""Run GALA and its tests from a fresh clone; needs nothing but Python.

    python3 run.py demo            install, start, render two videos, stop
    python3 run.py up              start GALA and keep it running until Ctrl-C
    python3 run.py test [ARGS]     run the tests; arguments go to pytest
                                   --images: build the images and test these instead
                                   --apt: first install programs that some tests need
    python3 run.py check           lint, types, imports between packages, generated documents
    python3 run.py bench [NAME]    run a benchmark; without a name, list them
    python3 run.py lock            update constraints.txt

Each command first creates .venv, or updates it if something changed. pip's own configuration
(indexes, find-links, certificates) applies.
"""

# No __future__ import: old Pythons have to reach the version check below.
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - for the message
    sys.exit("GALA needs Python 3.11 or newer; this is %s.%s" % sys.version_info[:2])  # noqa: UP031

import argparse
import ast
import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
CONSTRAINTS = ROOT / "constraints.txt"
DISTRIBUTION = "gala-platform"
FORMER_DISTRIBUTION = "gala"
"""Its metadata, left in an older environment, would list every entry point twice."""
WINDOWS = sys.platform == "win32"

APT_PACKAGES = {
    "nginx": "nginx-light",
    "chromium": "chromium",
    "chromium-headless-shell": "chromium-headless-shell",
    "strace": "strace",
}
"""Programs that a few tests use or compare with, and their Debian packages."""


Command = Callable[[argparse.Namespace, list[str]], int]


class Failed(Exception):
    """An error for the user; the message says what to do."""


# --- the environment ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Environment:
    """The virtual environment in .venv."""

    folder: Path = VENV

    @property
    def python(self) -> str:
        return str(self.folder / ("Scripts/python.exe" if WINDOWS else "bin/python"))

    def works(self) -> bool:
        """Return True if its interpreter exists, is new enough and has pip."""
        question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        try:
            return captured([self.python, "-c", question]).returncode == 0
        except OSError:
            return False

    def make(self) -> None:
        """Create it, replacing an old one."""
        shutil.rmtree(self.folder, ignore_errors=True)
        done = captured([sys.executable, "-m", "venv", str(self.folder)])
        if done.returncode:
            raise Failed(
                f"{sys.executable} cannot create a virtual environment:\n{tail(done.stdout)}\n"
                "On Debian and Ubuntu: apt-get install python3-venv"
            )


def ensure(extra: str) -> Environment:
    """Return the environment with GALA and the packages of that extra; install what is missing."""
    environment = Environment()
    wanted = fingerprint()
    if environment.works():
        installed = read_stamp()
        if installed.get("fingerprint") == wanted and extra in installed["extras"]:
            return environment
        pip = [environment.python, "-m", "pip", "uninstall", "--yes", "--quiet"]
        captured([*pip, FORMER_DISTRIBUTION])
    else:
        with step(f"creating {VENV.name}"):
            environment.make()
    STAMP.unlink(missing_ok=True)
    with step(f"installing GALA with the extra {extra} (the first time takes a minute)"):
        install(environment, ["--editable", f"{ROOT}[{extra}]"], CONSTRAINTS)
    # The extra of the tests contains that of the demo.
    extras = ["standalone", "dev"] if extra == "dev" else [extra]
    STAMP.write_text(json.dumps({"fingerprint": wanted, "extras": extras}))
    return environment


def fingerprint() -> str:
    """Return a hash that changes when the environment has to be installed again."""
    parts = [sys.version, str(ROOT)]
    parts += [f.read_text() for f in (ROOT / "pyproject.toml", CONSTRAINTS) if f.exists()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read_stamp() -> dict[str, Any]:
    try:
        stamp: dict[str, Any] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        stamp = {}
    return stamp


def install(environment: Environment, what: Sequence[str], constraints: Path) -> None:
    """Install with uv, which is many times faster than pip, or with pip if uv fails."""
    pinned = ["--constraint", str(constraints)] if constraints.exists() else []
    pip = [environment.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if captured([*pip, "-q", *pinned, "uv"]).returncode == 0:
        uv = [environment.python, "-m", "uv", "pip", "install", "--python", environment.python]
        if captured([*uv, *pinned, *what], env=uv_settings(environment)).returncode == 0:
            return
    done = captured([*pip, *pinned, *what])
    if done.returncode:
        raise Failed("pip could not install what GALA needs:\n" + tail(done.stdout))


def uv_settings(environment: Environment) -> dict[str, str]:
    """Return our environment with pip's configuration as uv's variables."""
    names = {
        "index-url": "UV_INDEX_URL",
        "extra-index-url": "UV_EXTRA_INDEX_URL",
        "find-links": "UV_FIND_LINKS",
        "no-index": "UV_NO_INDEX",
        "trusted-host": "UV_INSECURE_HOST",
        "cert": "SSL_CERT_FILE",
    }
    settings = {
        "UV_INDEX_STRATEGY": "unsafe-best-match",  # as pip does with several indexes
        "UV_LINK_MODE": "hardlink",  # to its cache; uv copies where that is impossible
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_CONFIG": "1",
    }
    for key, value in pip_configuration(environment).items():
        if key in names:
            separator = "," if key == "find-links" else " "
            settings[names[key]] = separator.join(value.split())
    return {**os.environ, **settings}


def pip_configuration(environment: Environment) -> dict[str, str]:
    """Return pip's configuration by option, from its files and the environment."""
    listed = captured([environment.python, "-m", "pip", "config", "list"]).stdout
    found = {}
    for line in listed.splitlines():
        key, equals, value = line.partition("=")
        if equals and value[:1] in "'\"":
            found[key.rpartition(".")[2]] = str(ast.literal_eval(value))
    return found


Outcome = subprocess.CompletedProcess[str]


def captured(command: Sequence[str], env: Mapping[str, str] | None = None) -> Outcome:
    """Run a command in the repository; its output includes its errors."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def tail(output: str, lines: int = 40) -> str:
    return "\n".join(output.strip().splitlines()[-lines:])


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is being done and how long it takes, on a terminal while it is being done."""
    print(f"* {what} …", end="", flush=True)
    started = time.monotonic()
    ended = threading.Event()
    start = "\r* " + what + " …" if sys.stdout.isatty() else ""

    def show_seconds() -> None:
        while start and not ended.wait(1.0):
            print(f"{start} {time.monotonic() - started:.0f} s", end="", flush=True)

    ticker = threading.Thread(target=show_seconds, daemon=True)
    ticker.start()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    finally:
        ended.set()
        ticker.join()
    print(f"{start} {time.monotonic() - started:.0f} s", flush=True)


def become(command: Sequence[str]) -> int:
    """Replace this process by that program, so that signals reach it directly."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(command[0], list(command))


# --- the commands --------------------------------------------------------------------------


def demo(_: argparse.Namespace, rest: list[str]) -> int:
    return become([ensure("standalone").python, "-m", "gala.cli", "demo", *rest])


def up(_: argparse.Namespace, rest: list[str]) -> int:
    return become([ensure("standalone").python, "-m", "gala.cli", "up", *rest])


def test(options: argparse.Namespace, rest: list[str]) -> int:
    with ThreadPoolExecutor(1) as background:
        packages = background.submit(install_apt_packages) if options.apt else None
        environment = ensure("dev")
        wait_for(packages)
    # Tests often wait for processes: one worker more than there are cores keeps the cores busy.
    # tests/platform/distribution.py has the groups and their order.
    workers = str((os.cpu_count() or 1) + 1)
    parallel = ["-n", workers, "--dist", "loadgroup", "--no-loadscope-reorder"]
    chosen = ["-m", "images"] if options.images else [] if rest else parallel
    pytest = [environment.python, "-m", "pytest", *chosen, *rest]
    return subprocess.run(pytest, cwd=ROOT, check=False).returncode


def install_apt_packages() -> str:
    """Install what a few tests need, if we are root and apt exists; return what went wrong."""
    missing = [package for program, package in APT_PACKAGES.items() if not shutil.which(program)]
    if not missing:
        return ""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return f"not installed, as that takes root and apt: {' '.join(missing)}"
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    captured(["apt-get", "update", "-q"], env)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends"]
    if captured([*install, *missing], env).returncode == 0:
        return ""
    # Not every distribution has all of them; one that is missing does not keep out the others.
    failed = {package: captured([*install, package], env) for package in missing}
    problems = [tail(done.stdout, 3) for done in failed.values() if done.returncode]
    return "\n".join(["apt-get failed:", *problems]) if problems else ""


def wait_for(packages: Future[str] | None) -> None:
    if packages is None:
        return
    with step("installing programs that some tests need"):
        problem = packages.result()
    if problem:
        print(f"  {problem}\n  The tests that need them are skipped.", flush=True)


def check(_: argparse.Namespace, __: list[str]) -> int:
    python = ensure("dev").python
    checks: dict[str, list[str]] = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
        "imports between packages": [str(Path(python).with_name("lint-imports"))],
        "docs/openapi.yaml": [python, "-m", "gala.cli", "openapi", "--check"],
        "docs/render-types.md": [python, "-m", "gala.cli", "types", "--check"],
        "docs/licenses.md": [python, "-m", "gala.cli", "licenses", "--check"],
        "constraints.txt": [python, "run.py", "lock", "--check"],
    }
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        running = {name: pool.submit(captured, command) for name, command in checks.items()}
        failed = [name for name, done in running.items() if not report(name, done.result())]
    print(f"failed: {', '.join(failed)}" if failed else "all checks are ok", flush=True)
    return 1 if failed else 0


def report(name: str, done: Outcome) -> bool:
    ok = done.returncode == 0
    print(f"{'ok    ' if ok else 'FAILED'} {name}", flush=True)
    if not ok:
        print("  " + tail(done.stdout).replace("\n", "\n  "), flush=True)
    return ok


def bench(options: argparse.Namespace, rest: list[str]) -> int:
    module = None if options.name is None else benchmark(options.name)
    if module is None:
        print("Benchmarks: " + ", ".join(benchmarks()))
        return 0 if options.name is None else 2
    return become([ensure("dev").python, "-m", module, *rest])


def benchmark(name: str) -> str | None:
    """Return the module of a benchmark; hyphens and underscores in its name are the same."""
    return benchmarks().get(name.replace("_", "-"))


def benchmarks() -> dict[str, str]:
    """Return the modules of the benchmarks by name."""
    stems = [f.parent.name for f in (ROOT / "bench").glob("*/__main__.py")]
    stems += [f.stem for f in (ROOT / "bench").glob("*.py") if f.stem != "__init__"]
    return {stem.replace("_", "-"): f"bench.{stem}" for stem in sorted(stems)}


def lock(options: argparse.Namespace, _: list[str]) -> int:
    if options.check:
        return check_lock()
    environment = ensure("dev")
    with step("resolving the newest versions"):
        pins = resolve(environment)
    CONSTRAINTS.write_text("".join(f"{name}=={version}\n" for name, version in pins))
    print(f"{CONSTRAINTS.name} has {len(pins)} pins")
    return 0


def resolve(environment: Environment) -> list[tuple[str, str]]:
    """Return name and version of all packages that the tests need, with uv and without GALA."""
    pip = [environment.python, "-m", "pip", "--disable-pip-version-check", "install"]
    plan = ["--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    done = subprocess.run(
        [*pip, *plan, f"{ROOT}[dev]", "uv"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise Failed("the newest versions conflict:\n" + tail(done.stderr))
    chosen = [item["metadata"] for item in json.loads(done.stdout)["install"]]
    # Not every machine can install a local build ("+cpu").
    pins = {(m["name"].lower().replace("_", "-"), m["version"].partition("+")[0]) for m in chosen}
    return sorted(pin for pin in pins if pin[0] != DISTRIBUTION)


def check_lock() -> int:
    """Return 0 if every line is one exact pin, without host, path or option."""
    lines = CONSTRAINTS.read_text().splitlines() if CONSTRAINTS.exists() else []
    odd = [line for line in lines if line.count("==") != 1 or set(line) & set("/@: ")]
    for line in odd:
        print(f"{CONSTRAINTS.name}: not an exact pin: {line}")
    return 1 if odd or not lines else 0


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Command) -> argparse.ArgumentParser:
        command = commands.add_parser(name, add_help=False, allow_abbrev=False)
        command.set_defaults(run=run)
        return command

    add("demo", demo)
    add("up", up)
    tests = add("test", test)
    tests.add_argument("--apt", action="store_true")
    tests.add_argument("--images", action="store_true")
    add("check", check)
    add("bench", bench).add_argument("name", nargs="?")
    add("lock", lock).add_argument("--check", action="store_true")
    return parser.parse_known_args(arguments or ["--help"])


def main(arguments: Sequence[str]) -> int:
    options, rest = parse(arguments)
    if WINDOWS and options.run in (demo, up, test):
        raise Failed(
            "There is no embedded Valkey for Windows. Use Docker there:\n"
            "  cd infra; docker compose up --build"
        )
    # Else each of GALA's processes compiles all its modules again, which takes twice the CPU.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    run: Command = options.run
    return run(options, rest)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as failure:
        sys.exit(f"run.py: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
