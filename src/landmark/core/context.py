"""What surrounds a step and is none of its data: seed, budget, progress, executor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from landmark.core.seeds import generator, seed_for

Item = TypeVar("Item")
Result = TypeVar("Result")


class Progress(Protocol):
    """Where long work says how far it is."""

    def __call__(self, what: str, done: float) -> None:
        """Say that the share `done` (0..1) of the task `what` is finished."""


class Executor(Protocol):
    """How independent work is carried out: threads by default, many machines later."""

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return work(item) of every item, in the order of items."""

    def tree_reduce(self, merge: Callable[[Result, Result], Result], states: Iterable[Result]) -> Result:
        """Return the states merged pairwise, in an order that depends on their number only."""

    def gang(self, work: Callable[[int, int], Result], size: int) -> list[Result]:
        """Return work(rank, size) of `size` workers that run at the same time."""


class Serial:
    """The executor of one thread; the order of work is the order of items."""

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return work(item) of every item."""
        return [work(item) for item in items]

    def tree_reduce(self, merge: Callable[[Result, Result], Result], states: Iterable[Result]) -> Result:
        """Return the states merged pairwise. Raises ValueError when there is none."""
        level = list(states)
        if not level:
            raise ValueError("tree_reduce needs at least one state")
        while len(level) > 1:
            pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
            level = [merge(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
        return level[0]

    def gang(self, work: Callable[[int, int], Result], size: int) -> list[Result]:
        """Return the work of each rank; a gang of one is all that one thread can do."""
        assert size == 1, "a gang needs an executor with several workers"
        return [work(0, 1)]


def silent(what: str, done: float) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Context:
    """The surroundings of one step. None of it changes what a step returns, except the seed."""

    seed: int = 0
    threads: int = 1
    progress: Progress = silent
    executor: Executor = field(default_factory=Serial)

    def seed_for(self, *purpose: str | int) -> int:
        """Return the seed of one purpose in this run."""
        return seed_for(self.seed, *purpose)

    def generator(self, *purpose: str | int) -> Any:
        """Return numpy's generator for one purpose in this run."""
        return generator(self.seed, *purpose)


@dataclass
class Clock:
    """CPU seconds spent inside `with` blocks, all threads of this process together."""

    cpu_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the CPU seconds of the block."""
        start = time.process_time()
        try:
            yield
        finally:
            self.cpu_s += time.process_time() - start
