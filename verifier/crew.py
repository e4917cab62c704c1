"""Several worker processes at once: each takes any check that has its sys.path."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from .cache import Cache
from .process import Death, Process, start
from .specification import CheckSpec
from .worker import Job, Reply

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class Crew:
    """The worker processes of one run; at most as many as threads that call `do`.

    With a `cache`, an answer that still holds is given without any work.
    """

    cache: Cache | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    idle: list[Process] = field(default_factory=list)
    busy: list[Process] = field(default_factory=list)
    stopped: bool = False

    def do(self, job: Job) -> Reply | Death | None:
        """Have a worker do the job; None where the crew was stopped meanwhile."""
        if self.cache is None:
            return self._done(job)
        if kept := self.cache.answer(job):
            return kept
        begun = time.monotonic()
        answer = self._done(msgspec.structs.replace(job, traced=True))
        if isinstance(answer, Reply):
            self.cache.keep(job, answer, round(time.monotonic() - begun, 3))
        return answer

    def _done(self, job: Job) -> Reply | Death | None:
        process = self._taken(search_path(job.spec))
        if process is None:
            return None
        answer = process.do(job)
        with self.lock:
            self.busy.remove(process)
            if isinstance(answer, Death):
                return None if self.stopped else answer
            self.idle.append(process)
        return answer

    def stop(self) -> None:
        """End every worker, in the middle of its job if need be."""
        with self.lock:
            self.stopped = True
            for process in self.busy:
                process.kill()
            while self.idle:
                self.idle.pop().close()

    def _taken(self, path: tuple[str, ...]) -> Process | None:
        with self.lock:
            if self.stopped:
                return None
            found = next((process for process in self.idle if process.path == path), None)
            leaving = found or (self.idle[0] if self.idle else None)
            if leaving:
                self.idle.remove(leaving)
        if leaving and not found:
            leaving.close()
        process = found or start(path)
        return process if self._joined(process) else None

    def _joined(self, process: Process) -> bool:
        with self.lock:
            if not self.stopped:
                self.busy.append(process)
                return True
        process.close()
        return False


def search_path(spec: CheckSpec) -> tuple[str, ...]:
    """Return the sys.path of a check: pythonpath, its root, the working folder, then Python's."""
    return tuple(dict.fromkeys((*spec.pythonpath, spec.root, os.getcwd(), *filter(None, sys.path))))


def in_parallel(
    work: Callable[[Item], Result], items: Sequence[Item], jobs: int, crew: Crew
) -> Iterator[tuple[int, Result]]:
    """Yield (position, result) as each is ready; whatever interrupts it stops the crew."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = {pool.submit(work, item): position for position, item in enumerate(items)}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            crew.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
