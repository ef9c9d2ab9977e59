"""Fixtures for all tests; their modules describe them.

- :mod:`tests.platform.servers`: ``database_url``, ``redis_url``, ``new_database``,
  ``new_redis_url``, ``own_postgres``, ``own_valkey``.
- :mod:`tests.platform.stack`: ``make_stack``, real processes to kill and pause.
- :mod:`tests.platform.fixtures`: ``shared_stack`` with its ``image_service``, ``api_only``,
  ``media_stack`` and their clients ``api``, ``api_only_client`` and ``media``, and
  ``published_stack``, for tests that do not stop or kill anything.
- :mod:`tests.support.real_weights`: ``real_weights``, published weights of models by name.
- :mod:`tests.support.model_weights`: ``model_weights``, tiny ones, or with ``--real-weights``
  published ones.
- :mod:`tests.support.wait`: ``wait_until(condition, timeout_seconds)``.
- :func:`gala.supervisor.free_port`: an unused port.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from gala.garbage_collection import paused
from tests.platform import distribution
from tests.platform.distribution import GroupScheduling
from tests.platform.fixtures import (
    api,
    api_only,
    api_only_client,
    elsewhere,
    image_service,
    media,
    media_stack,
    published_stack,
    quick_template,
    shared_stack,
)
from tests.platform.servers import (
    RunServers,
    database_url,
    new_database,
    new_redis_url,
    own_folder,
    own_postgres,
    own_valkey,
    postgres_server,
    redis_url,
    servers_folder,
    valkey_server,
)
from tests.platform.stack import make_stack
from tests.support.model_weights import OPTION as REAL_WEIGHTS
from tests.support.model_weights import model_weights
from tests.support.real_weights import PULL_SECONDS, real_weights

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

__all__ = [
    "api",
    "api_only",
    "api_only_client",
    "database_url",
    "elsewhere",
    "image_service",
    "make_stack",
    "media",
    "media_stack",
    "model_weights",
    "new_database",
    "new_redis_url",
    "own_folder",
    "own_postgres",
    "own_valkey",
    "postgres_server",
    "published_stack",
    "quick_template",
    "real_weights",
    "redis_url",
    "servers_folder",
    "shared_stack",
    "valkey_server",
]


_servers = pytest.StashKey[RunServers]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch for published weights."""
    parser.addoption(
        REAL_WEIGHTS,
        action="store_true",
        help="run the tests that speak or listen, with published weights instead of tiny ones",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let the programs under test be interrupted, make idle threads sleep, share the compilation.

    A shell that runs the tests in the background has them ignore SIGINT, ``nohup`` SIGHUP, and
    programs inherit what is ignored, but not handlers. Tests share the cores: a thread that waits
    must not spin.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)
    # Read when torch is imported; the renderer's own processes have it, too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if hasattr(config, "workerinput") and all(map(os.path.isdir, config.args)):
        worker = int(config.workerinput["workerid"].removeprefix("gw"))
        workers = config.workerinput["workercount"]
        config.args = distribution.files_from(worker, workers, config.args)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect the tests without searching them for garbage, which would take half of the time.

    Tests and modules stay to the end, so later searches leave them out, too.
    """
    with paused():
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Start the servers of the run, in xdist's controller, and give each worker their addresses."""
    if _servers not in node.config.stash:
        node.config.stash[_servers] = RunServers()
    node.workerinput.update(node.config.stash[_servers].addresses())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of the run; by now its workers have ended."""
    if _servers in config.stash:
        config.stash[_servers].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling | None:
    """Distribute by group with ``--dist loadgroup``."""
    return GroupScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start the longest groups first where tests are distributed; with published weights, leave
    out what does not use them, and leave time for the models."""
    if config.getoption(REAL_WEIGHTS):
        others = [item for item in items if not _uses_weights(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _uses_weights(item)]
        for item in items:
            item.add_marker(pytest.mark.timeout(PULL_SECONDS), append=False)
    if hasattr(config, "workerinput"):
        distribution.sort(items)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the stack that a group has shared, after its last test.

    Published weights are used by other groups, too.
    """
    if hasattr(item.config, "workerinput") and not item.config.getoption(REAL_WEIGHTS):
        distribution.end_group(item, nextitem)


def _uses_weights(item: pytest.Item) -> bool:
    return not {"model_weights", "real_weights"}.isdisjoint(getattr(item, "fixturenames", ()))
