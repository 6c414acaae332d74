"""Work done by other processes: one that dies costs the piece of work that it had, and none outlives the run."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection, process
from typing import Any, Generic, TypeVar

from vaelint.records import record

Item = TypeVar("Item")
Made = TypeVar("Made")
# Seconds after which a wait begins anew. A signal that comes just before the wait does not end it: Python would act on
# it only once a process has answered.
PATIENCE = 0.5
# Of what an analysis makes, nearly all lives until its file is done, and most of the rest goes without being looked
# for. To look for circles after each 700 things made, as is done otherwise, takes a tenth of the time.
_MANY = 500_000  # things made, after which circles are looked for whatever is going on
_SOME = 30_000  # likewise, between two items
_OFTEN = 10  # times that this was done, after which what is older is looked at as well
_ENDING = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}


@record(frozen=True, slots=True)
class Died:
    """Instead of a result: the process ended before it had one; ``how`` in words."""

    how: str


@dataclass(slots=True)
class _Worker:
    process: process.BaseProcess
    items: connection.Connection
    answers: connection.Connection
    item: int = -1  # which one it has; -1: none


def are_cheap() -> bool:
    """Whether a process can begin as a copy of this one, in milliseconds: elsewhere it has to import everything."""
    return sys.platform == "linux" and threading.active_count() == 1


class Pool(Generic[Item, Made]):
    """Up to ``most`` processes that run ``task``, begun when they are needed. Use it in a ``with`` statement.

    ``task``, items and results are pickled. Where no process can be begun, the task runs here.
    """

    def __init__(self, task: Callable[[Item], Made], most: int) -> None:
        self._task, self._allowed, self._most = task, most, most
        self._workers: list[_Worker] = []
        self._context: Any = multiprocessing.get_context("fork" if are_cheap() else "spawn")

    def __enter__(self) -> Pool[Item, Made]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            self._end(worker)
        self._workers.clear()

    def map(
        self, items: Sequence[Item], costs: Sequence[int] = (), worth: int = 1, told: Callable[[], object] | None = None
    ) -> Iterator[Made | Died]:
        """The results, in the order of the items. What the task raises is raised here.

        ``costs``: of what each item takes, in any unit; the costliest are begun first, so that none is left over at the
        end with one process alone. A process is begun only where ``worth`` of that is left for it. ``told`` is called
        as each is done.
        """
        done: dict[int, Made | Died] = {}
        costs = costs or [1] * len(items)
        waiting = deque(sorted(range(len(items)), key=lambda i: -costs[i]))
        self._most = min(self._allowed, max(1, sum(costs) // worth))
        for number in range(len(items)):
            while number not in done:
                self._give(items, waiting)
                busy = [w.answers for w in self._workers if w.item >= 0]
                if not busy:  # no process is to be had
                    done[number] = self._task(items[number])
                    waiting.remove(number)
                for pipe in connection.wait(busy, PATIENCE) if busy else ():
                    self._take(next(w for w in self._workers if w.answers is pipe), done)
                    if told is not None:
                        told()
            yield done.pop(number)

    def _give(self, items: Sequence[Item], waiting: deque[int]) -> None:
        """An item to each process that has none, and to new ones."""
        while waiting:
            worker = next((w for w in self._workers if w.item < 0), None) or self._begun()
            if worker is None:
                return
            try:
                worker.items.send(items[waiting[0]])
            except OSError:  # it has died while it had nothing to do
                self._workers.remove(worker)
                self._end(worker)
                continue
            worker.item = waiting.popleft()

    def _begun(self) -> _Worker | None:
        if len(self._workers) >= self._most:
            return None
        read_items, items = self._context.Pipe(duplex=False)  # two plain pipes: no socket, in whatever disguise
        answers, write_answers = self._context.Pipe(duplex=False)
        begun = self._context.Process(target=_serve, args=(self._task, read_items, write_answers), daemon=True)
        try:
            with _signals_wait():
                begun.start()
        except OSError:
            items.close()
            answers.close()
            return None
        finally:
            read_items.close()
            write_answers.close()
        worker = _Worker(begun, items, answers)
        self._workers.append(worker)
        return worker

    def _take(self, worker: _Worker, done: dict[int, Made | Died]) -> None:
        try:
            result, error = worker.answers.recv()
        except (EOFError, OSError):
            self._workers.remove(worker)
            self._end(worker)
            done[worker.item] = Died(_ending(worker.process.exitcode))
            return
        if error is not None:
            raise error
        done[worker.item], worker.item = result, -1

    @staticmethod
    def _end(worker: _Worker) -> None:
        worker.items.close()
        worker.answers.close()
        worker.process.join(5)
        if worker.process.exitcode is None:
            worker.process.kill()
            worker.process.join()


def _ending(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


@contextlib.contextmanager
def _signals_wait() -> Iterator[None]:
    """No signal comes between the begin of a process and what it does about signals (`_serve`)."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(task: Callable[[Any], Any], items: connection.Connection, answers: connection.Connection) -> None:
    """What a process of the pool does: one item after the other, until the pool is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted as well, and ends its processes
    for number in _ENDING - {signal.SIGINT}:
        if signal.getsignal(number) is not signal.SIG_IGN:  # under `nohup` a hangup is to be ignored
            signal.signal(number, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # what is there by now lives as long as the process
    gc.set_threshold(_MANY, _OFTEN, _OFTEN)
    while True:
        try:
            item = items.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[object, Exception | None] = (task(item), None)
        except Exception as error:
            answer = (None, error)
        try:
            answers.send(answer)
        except OSError:
            return
        except Exception as error:  # what cannot be pickled
            answers.send((Died(f"{type(error).__name__}: {error}"), None))
        del item, answer
        _tidy()


def _tidy() -> None:
    """What an item has left that hangs together in circles goes, once that is worth it."""
    made, young, old = gc.get_count()
    if made > _SOME:
        gc.collect(2 if old > _OFTEN else 1 if young > _OFTEN else 0)


def _end_with_parent() -> None:
    """However the parent ended: by a signal it may have had no chance to end its processes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
