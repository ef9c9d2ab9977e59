"""Items that are made on another thread while earlier ones are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")


def made_ahead(items: Iterator[_Item], count: int) -> Generator[_Item, None, None]:
    """Yield items; up to ``count`` of those that follow are made meanwhile, one after another.

    No item is None. What making an item raises is raised in its place.
    """
    waiting: deque[Future[_Item | None]] = deque()
    with ThreadPoolExecutor(1, "ahead") as thread:
        waiting.extend(thread.submit(next, items, None) for _ in range(count))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(thread.submit(next, items, None))
            yield item
