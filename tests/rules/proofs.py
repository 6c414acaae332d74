"""What the proofs share: names resolved, functions tried, samples held against each other."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench.proofs import module, resolve
from vaelint.knowledge import Entry, load
from vaelint.sense import Pass

np: Any = pytest.importorskip("numpy")
__all__ = ["entries", "flat", "module", "np", "number", "resolve", "short"]


def entries(library: str, **having: object) -> Iterator[Entry]:
    """The library's entries whose fields are as given, that this version has."""
    for entry in load().entries().values():
        if entry.library == library and all(getattr(entry, k) == v for k, v in having.items()) and resolve(entry.name):
            yield entry


def short(entry: Entry) -> str:
    return entry.name.rpartition(".")[2]


def number(x: Any) -> float:
    """The mean of whatever a loss gave."""
    if isinstance(x, (tuple, list)):
        x = x[0]
    return float(np.mean(np.asarray(x.detach() if hasattr(x, "detach") else x, dtype=float)))


# --- atoms: increasing or decreasing at sample points ---

LOW = np.array([[0.11, 0.52, 0.93], [0.34, 0.75, 0.16]])
HIGH = LOW + np.array([[0.21, 0.02, 0.33], [0.04, 0.45, 0.06]])


def attempts(array: Callable[[Any], Any]) -> list[Callable[[Any, Any], Any]]:
    """Ways to call an atom that may want more than its argument."""
    one, index, mask = array([0]), array([[0, 1, 0]]), array([[True, False, True]] * 2)

    def image(x: Any, *shape: int) -> Any:
        return array(np.resize(flat(x), shape))

    return [
        lambda f, x: f(x),
        lambda f, x: f(x, 0),
        lambda f, x: f(x, -1),
        lambda f, x: f([x, x]),
        lambda f, x: f((x, x)),
        lambda f, x: f(x, (3, 2)),
        lambda f, x: f(x, (2, 3)),
        lambda f, x: f(x, 0, 1),
        lambda f, x: f(x, 0.3, 0.8),
        lambda f, x: f(x, (1, 0)),
        lambda f, x: f(x, (1, 1)),
        lambda f, x: f(x, 0.5),
        lambda f, x: f(x, 0, one),
        lambda f, x: f(x, index, 0),
        lambda f, x: f(x, 0, index),
        lambda f, x: f(x, mask),
        lambda f, x: f(x, mask, 0.0),
        lambda f, x: f(x, [2, 1], 1),
        lambda f, x: f(x, 0, 0, 1),
        lambda f, x: f(x, x),
        lambda f, x: f(x, 1, 0),
        lambda f, x: f(x, ((0, 0), (1, 1))),
        lambda f, x: f(x, 3, 1),
        lambda f, x: f(x, 2, 3),
        lambda f, x: f(x, 2),
        lambda f, x: f(x, one),
        lambda f, x: f(image(x, 1, 4, 4, 4), 2),
        lambda f, x: f(image(x, 1, 1, 4, 4, 4), 2),
        lambda f, x: f(image(x, 1, 4, 4, 1), (2, 2)),
        lambda f, x: f(x, 1, (3, 1)),
        lambda f, x: f(x, (2, 2), (1, 1)),
        lambda f, x: f(flat(x)),
        lambda f, x: f((flat(x) * 4).astype(int).tolist()),
        lambda f, x: f((flat(x) > 0.5).tolist()),
        lambda f, x: f(float(flat(x)[0])),
        lambda f, x: f(-0.8 * x),
    ]


def flat(x: Any) -> Any:
    if type(x).__module__.startswith("torch.return_types"):
        x = x[0]
    if isinstance(x, (tuple, list)):
        return np.concatenate([flat(y) for y in x]) if x else np.zeros(0)
    x = x.detach() if hasattr(x, "detach") else x
    return np.asarray(x, dtype=float).ravel()


def passes_as_said(f: Any, how: Pass, array: Callable[[Any], Any]) -> bool | None:
    """Whether it is, at the sample points; None if no way was found to call it."""
    low, high = array(LOW), array(HIGH)
    for attempt in attempts(array):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                before, after = flat(attempt(f, low)), flat(attempt(f, high))
        except Exception:  # a wrong guess at the arguments: libraries raise all sorts
            continue
        if before.shape != after.shape or not before.size or np.isnan(before).any():
            continue
        steps = after - before if how is Pass.KEEP else before - after
        steps = steps[~np.isnan(after)]  # some have no value out there
        if steps.size:
            return bool((steps >= -1e-9).all())
    return None


SHOWN: set[str] = set()  # what a test that tries several found to be as it is said


def atoms(library: str, array: Callable[[Any], Any]) -> tuple[list[str], list[str], int]:
    """The names of the unsound, of those nobody could call, and how many are proved."""
    wrong, unproved, proved = [], [], 0
    for entry in entries(library):
        for param, how in entry.passes.items():
            if how not in (Pass.KEEP, Pass.FLIP):
                continue
            f = resolve(entry.name)
            verdict = _other(f, entry, param, how, array)
            if verdict is None:
                unproved.append(entry.name)
            elif verdict:
                proved += 1
                SHOWN.add(entry.name)
            else:
                wrong.append(f"{entry.name}: {param}")
    return wrong, unproved, proved


def _other(f: Any, entry: Entry, param: str, how: Pass, array: Callable[[Any], Any]) -> bool | None:
    if len(entry.passes) == 1:
        return passes_as_said(f, how, array)
    fixed = array(LOW[::-1].copy())
    if entry.params[0] == "condition":
        mask = array(LOW > 0.4)
        last = param == entry.params[-1]
        return passes_as_said((lambda x: f(mask, fixed, x)) if last else (lambda x: f(mask, x, fixed)), how, array)
    first = param == entry.params[0]
    return passes_as_said((lambda x: f(x, fixed)) if first else (lambda x: f(fixed, x)), how, array)
