"""Tries what ``rules/*.toml`` say on the real libraries, by the ``proof`` that stands beside each entry.

What a proof says is neutral: what a function yields for a better and for a worse prediction, where an optimiser ends
that is given a goal, which of three values a selector takes. Whether that is what the entry claims is decided here, so
that an entry which claims the opposite fails by the same proof. The Python in a proof is run here alone, never by
vaelint.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
import inspect
import io
import os
import platform
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaelint.knowledge import Library
from vaelint.knowledge.schema import Entry, Selector
from vaelint.sense import Pass, Sense

BEST = 3.0  # where every goal has its best
NEAR = 1.0  # how far from it an optimiser or sampler may end

PROVED, REFUTED, BROKEN, DECLARED, ABSENT = "proved", "refuted", "broken", "declared", "absent"


@dataclass(frozen=True)
class Outcome:
    """What became of one entry: ``PROVED``, ``REFUTED`` (it is wrong), ``BROKEN`` (its proof does not run),
    ``DECLARED`` (it has no proof; ``why`` may say for what reason), ``ABSENT`` (this version does not have it)."""

    name: str
    status: str
    why: str = ""


class Refuted(Exception):
    """The library does not do what the entry says."""


@functools.cache
def module(name: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except Exception:  # a library may fail to import in its own ways beside others
        return None


def _attribute(of: Any, name: str) -> Any:
    try:
        return getattr(of, name, None)
    except Exception:  # lazy packages import on access
        return None


@functools.cache
def resolve(name: str) -> Any:
    """What a qualified name names: the longest prefix that is a module, then attributes; None if there is no such."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        found = module(".".join(parts[:end]))
        if found is None:
            continue
        for part in parts[end:]:
            found = _attribute(found, part)
        if found is not None:
            # `hyperopt.fmin` is a function and a module of that name.
            return getattr(found, parts[-1], found) if inspect.ismodule(found) else found
    return None


def installed(library: Library) -> bool:
    return any(module(root) is not None for root in library.roots)


def release(library: Library) -> str:
    """The version of the first of its packages, or of its module; of Python's own modules, that of Python."""
    if any(root in sys.stdlib_module_names for root in library.roots):
        return platform.python_version()
    names = [re.split(r"[\[=<>! ]", package)[0] for package in library.trials.packages] or list(library.roots)
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    return next((str(v) for root in library.roots if (v := getattr(module(root), "__version__", ""))), "")


def within(version: str, wanted: str) -> bool:
    """Whether a release is in a range such as ``">=0.2,<1"``."""
    ours = _numbers(version)
    for part in wanted.split(","):
        found = re.fullmatch(r"(>=|<=|==|<|>)([\d.]+)", part.strip())
        if found is None:
            raise ValueError(f"`{wanted}` is no range of versions")
        theirs = _numbers(found[2])
        compared = (ours > theirs) - (ours < theirs)
        if not {">=": compared >= 0, "<=": compared <= 0, "==": compared == 0, "<": compared < 0, ">": compared > 0}[
            found[1]
        ]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(x) for x in re.findall(r"\d+", version)[:3])


def number(x: Any) -> float:
    """The mean of whatever a function gave: the first of several."""
    import numpy as np

    while isinstance(x, tuple) or (isinstance(x, list) and x and not isinstance(x[0], (int, float))):
        x = x[0]
    x = x.detach().cpu() if hasattr(x, "detach") else x
    return float(np.mean(np.asarray(x, dtype=float)))


# --- what a proof shows ---


def _ordered(names: dict[str, Any], call: Mapping[str, str], sense: Sense | None) -> None:
    good, bad = number(eval(call["better"], names)), number(eval(call["worse"], names))
    if not (good == good and bad == bad):
        raise ValueError(f"not a number: {good}, {bad}")
    if good == bad:
        raise ValueError(f"makes no difference: both are {good}")
    found = Sense.GAIN if good > bad else Sense.COST
    if sense is not found:
        raise Refuted(f"it yields {good:.4g} for the better and {bad:.4g} for the worse: a {found.value}")


def _passed(names: dict[str, Any], call: Mapping[str, str], passes: Mapping[str, Pass]) -> None:
    low, high = number(eval(call["low"], names)), number(eval(call["high"], names))
    if low == high:
        raise ValueError(f"makes no difference: both are {low}")
    found = Pass.KEEP if high > low else Pass.FLIP
    said = {how for how in passes.values() if how in (Pass.KEEP, Pass.FLIP)}
    if said != {found}:
        raise Refuted(f"it goes from {low:.4g} to {high:.4g}: {found.value}")


def _wanted(entry: Entry) -> dict[str, Sense]:
    wanted = dict(entry.needs)
    if entry.minimizes:
        wanted[entry.minimizes] = Sense.COST
    if entry.maximizes:
        wanted[entry.maximizes] = Sense.GAIN
    if entry.makes == "optimizer":
        wanted[""] = Sense.COST if entry.direction == "minimize" else Sense.GAIN
    return wanted


def goal(sense: Sense) -> Callable[[Any], Any]:
    """A function, number by number, that is best at `BEST`: least as a cost, greatest as a gain."""
    sign = 1.0 if sense is Sense.COST else -1.0
    return lambda x: sign * (x - BEST) ** 2


def _ended(names: dict[str, Any], call: Mapping[str, str], wanted: dict[str, Sense], flag: str) -> None:
    if not wanted:
        raise ValueError("it says of nothing which way that goes, so that there is nothing to run")
    for turned in (False, True) if flag else (False,):
        goals = {param: goal(-sense if turned else sense) for param, sense in wanted.items()}
        first = next(iter(goals.values()))
        options = {flag: True} if turned else {}
        at = number(eval(call["run"], {**names, "goal": first, "goals": goals, "options": options}))
        if not abs(at - BEST) < NEAR:
            raise Refuted(f"with {options or 'its defaults'} it ends at {at:.4g}, away from the best at {BEST}")


_TYPED: dict[str, Any] = {"true": True, "false": False, "+": 1.0, "-": -1.0}


def _settings(selector: Selector) -> Iterator[tuple[dict[str, Any], str]]:
    """Each setting of its mode, with the direction that it is said to mean."""
    if not selector.mode:
        yield {}, selector.direction
        return
    for pattern, direction in selector.default:
        if pattern == "*":
            yield {}, direction
    yield {selector.mode: _TYPED.get(selector.minimize[0], selector.minimize[0])}, "minimize"
    yield {selector.mode: _TYPED.get(selector.maximize[0], selector.maximize[0])}, "maximize"


def _picked(names: dict[str, Any], call: Mapping[str, str], selector: Selector) -> None:
    for options, direction in _settings(selector):
        goals = {"goal": goal(Sense.COST if direction == "minimize" else Sense.GAIN)}
        if "run" in call:
            at = number(eval(call["run"], {**names, **goals, "options": options}))
            if not abs(at - BEST) < NEAR:
                raise Refuted(f"with {options or 'its defaults'} it ends at {at:.4g}, away from the best at {BEST}")
            continue
        taken = number(eval(call["picks"], {**names, **goals, "options": options}))
        if taken != (1 if direction == "minimize" else 3):
            raise Refuted(f"with {options or 'its defaults'} it takes {taken:g} of 1, 2 and 3")


def _held(names: dict[str, Any], call: Mapping[str, str]) -> None:
    if not eval(call["true"], names):
        raise Refuted(f"`{call['true']}` does not hold")


def _default(selector: Selector) -> str:
    """What is wrong with the default that it is said to have, by the signature."""
    said = dict(selector.default).get("*")
    try:
        given = inspect.signature(resolve(selector.name)).parameters[selector.mode].default
    except (TypeError, ValueError, KeyError):
        return ""
    word = ("+" if given > 0 else "-") if isinstance(given, (float, int)) and not isinstance(given, bool) else None
    word = word or str(given).rpartition(".")[2].lower()
    if said is None or given is inspect.Parameter.empty or word in selector.auto:
        return ""
    values = selector.minimize if said == "minimize" else selector.maximize
    return "" if word in values else f"its default is said to {said}, and is `{given}`"


# --- all of it ---


class Trial:
    """The proofs of one library; its ``setup`` is run once."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.names: dict[str, Any] | None = None

    def outcome(self, name: str) -> Outcome:
        library = self.library
        entry = library.entry(name)
        # What only an object has, an attribute that a fit sets, is shown to be there by its proof.
        thing = resolve(name) or (resolve(name.rpartition(".")[0]) if entry is not None and entry.field else None)
        wanted = library.ranges.get(name)
        if thing is None:
            here = wanted is None or within(release(library), wanted)
            if name in library.optional and not (wanted and here):
                return Outcome(name, ABSENT, "this version does not have it")
            return Outcome(name, REFUTED, "there is no such name")
        proof = library.proofs.get(name)
        selector = library.selector(name)
        if selector is not None and selector.mode and (why := _default(selector)):
            return Outcome(name, REFUTED, why)
        if proof is None or not proof.calls:
            return Outcome(name, DECLARED, proof.unproved if proof is not None else "")
        failed = ""
        for call in proof.calls:
            try:
                with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                    warnings.simplefilter("ignore")
                    self._run(name, thing, call)
            except Refuted as e:
                return Outcome(name, REFUTED, str(e))
            except Exception as e:  # the next call may be the one for it: libraries raise all sorts
                failed = failed or f"{type(e).__name__}: {e}"[:300]
                continue
            return Outcome(name, PROVED)
        return Outcome(name, BROKEN, failed)

    def _run(self, name: str, thing: Any, call: Mapping[str, str]) -> None:
        library = self.library
        if self.names is None:
            self.names = {"__name__": library.name}
            exec(library.trials.setup, self.names)
        entry, selector = library.entry(name), library.selector(name)
        made = entry is not None and entry.makes == "loss"
        names = {
            **self.names,
            "f": thing,
            "name": name,
            "number": number,
            "call": (lambda *a, **k: thing()(*a, **k)) if made else thing,
        }
        if "setup" in call:
            exec(call["setup"], names)
        shown = 0
        if entry is not None and "better" in call:
            _ordered(names, call, entry.sense)
            shown += 1
        if entry is not None and "low" in call:
            _passed(names, call, entry.passes)
            shown += 1
        if entry is not None and "run" in call and (selector is None or _wanted(entry)):
            _ended(names, call, _wanted(entry), entry.direction_flag)
            shown += 1
        if selector is not None and ("picks" in call or "run" in call):
            _picked(names, call, selector)
            shown += 1
        if "true" in call:
            _held(names, call)
            shown += 1
        if not shown:
            raise ValueError("its proof shows nothing of what it says")


def names_of(library: Library) -> list[str]:
    return [*library.functions, *(name for name in library.selectors if name not in library.functions)]


@contextlib.contextmanager
def _elsewhere() -> Iterator[None]:
    """A folder for what libraries leave behind."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)


def outcomes(library: Library) -> list[Outcome]:
    trial = Trial(library)
    with _elsewhere():
        return [trial.outcome(name) for name in names_of(library)]
