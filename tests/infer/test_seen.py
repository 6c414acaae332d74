"""Who watches a run: what they are shown, in which order, and what they may ask and remember."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from vaelint import ir
from vaelint.infer import run as analysis
from vaelint.infer.evaluate.interpreter import Interpreter
from vaelint.infer.events import Summed
from vaelint.infer.laws import catalogue
from vaelint.infer.observers import REFINING, WATCHING
from vaelint.infer.run import infer
from vaelint.infer.seen import ExpressionStated, Observer, Observers, View, observes, own, refines
from vaelint.infer.values import Number, Quantity, Value
from vaelint.knowledge import load as knowledge
from vaelint.source.file import load
from vaelint.source.project import Project


class Rang(NamedTuple):
    """A moment of these tests."""

    times: int


class Silent(NamedTuple):
    """Another one."""


class Remembered:
    def __init__(self) -> None:
        self.times: list[int] = []


@observes(Rang)
def first(view: View, seen: Rang) -> None:
    view.memory(Remembered).times.append(seen.times)


@observes(Rang)
def second(view: View, seen: Rang) -> None:
    view.memory(Remembered).times.append(-seen.times)


@refines(Rang)
def doubled(view: View, seen: Rang, value: Value) -> Value:
    return Number(2 * value.value) if isinstance(value, Number) else value


@refines(Rang)
def added(view: View, seen: Rang, value: Value) -> Value:
    return Number(value.value + seen.times) if isinstance(value, Number) else value


def run(*registered: object) -> Interpreter:
    return Interpreter(knowledge(()), Observers(registered))  # type: ignore[arg-type]


def test_where_nobody_watches_nothing_changes() -> None:
    it, value = Interpreter(knowledge(())), Number(3.0)
    it.see(Rang(1))
    assert it.refined(Rang(1), value) is value


def test_a_moment_that_nobody_asked_for_is_shown_to_nobody() -> None:
    it = run(first, doubled)
    it.see(Silent())
    assert it.view.memory(Remembered).times == []
    assert it.refined(Silent(), Number(3.0)) == Number(3.0)


def test_who_watches_is_asked_in_the_order_of_the_table() -> None:
    for registered, times in (((first, second), [1, -1]), ((second, first), [-1, 1])):
        it = run(*registered)
        it.see(Rang(1))
        assert it.view.memory(Remembered).times == times


def test_who_refines_a_value_is_given_what_the_one_before_made_of_it() -> None:
    assert run(doubled, added).refined(Rang(1), Number(3.0)) == Number(7.0)
    assert run(added, doubled).refined(Rang(1), Number(3.0)) == Number(8.0)


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    view.memory(Remembered).times.append(len(seen.names))


@pytest.mark.parametrize(("entered", "times"), [(True, [2, 2]), (False, [2])])
def test_who_watches_the_own_file_alone_is_not_shown_what_happens_in_another(entered: bool, times: list[int]) -> None:
    scope: Any = SimpleNamespace(module=SimpleNamespace(entered=entered))
    it = run(stated, *own(stated))
    it.see(ExpressionStated(ir.Const(-1, 2), Number(2.0), ("a", "b"), scope))
    assert it.view.memory(Remembered).times == times


def test_who_watches_the_own_file_alone_is_shown_a_moment_that_does_not_know_where_it_is() -> None:
    it = run(*own(first))
    it.see(Rang(1))
    assert it.view.memory(Remembered).times == [1]


def test_nobody_who_is_asked_about_the_own_file_alone_tells_of_what_counts_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everybody watching everywhere, the observations of a file that calls another one are the same."""
    files = {
        "lib.py": (
            "import torch\n\n\n"
            "def td_error(reward, gamma, next_value, value):\n"
            "    delta = reward + gamma * next_value + value\n"
            "    return delta\n\n\n"
            "def fitted(model, x, y):\n"
            "    loss = -torch.nn.functional.mse_loss(model(x), y)\n"
            "    loss.backward()\n"
            "    return loss\n"
        ),
        "main.py": (
            "from lib import fitted, td_error\n\n\n"
            "def train(model, optimizer, x, y, reward, value, next_value):\n"
            "    advantage = td_error(reward, 0.9, next_value, value)\n"
            "    loss = fitted(model, x, y)\n"
            "    optimizer.step()\n"
            "    return loss + advantage\n"
        ),
    }
    everywhere: list[Any] = [
        Observer(x.moment, x.see) if isinstance(x, Observer) else x
        for x in (*REFINING, *WATCHING, *catalogue.watching(preview=False))
    ]
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    for name in files:
        source = load(tmp_path / name, name, None)
        project = Project()
        found = infer(source, knowledge(()), project).events
        monkeypatch.setattr(analysis, "observers", lambda preview: Observers(everywhere))
        assert infer(source, knowledge(()), project).events == found != [], name
        monkeypatch.undo()


def test_what_is_remembered_lives_as_long_as_the_run() -> None:
    it = run(first)
    it.see(Rang(1))
    it.begin()
    it.see(Rang(2))
    assert it.view.memory(Remembered).times == [1, 2]
    assert run(first).view.memory(Remembered).times == []


def test_what_is_told_reaches_the_observations_with_its_context() -> None:
    @observes(Rang)
    def telling(view: View, seen: Rang) -> None:
        view.emit(Summed(Quantity(), -1))

    it = run(telling)
    it.route.append((7, 9))
    it.see(Rang(1))
    (event,) = it.observed.events
    assert event.context == ((7, 9),)


def test_a_value_is_asked_for_within_the_budget_of_the_run() -> None:
    it = run()
    it.begin()
    left = it.steps
    frame = None
    assert it.view.value(ir.Const(-1, 2), frame) == Number(2.0)  # type: ignore[arg-type]
    assert it.steps < left
