"""What is followed once for all calls that find the same, and what is followed again since something is not the same.

Bodies of functions are counted (`Journal.followed`), as they are run and as a summary stands for them; a clock would
measure the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from vaelint.infer import run
from vaelint.infer.evaluate import summaries
from vaelint.infer.evaluate.interpreter import FILE_STEPS, Interpreter
from vaelint.infer.evaluate.renaming import Renaming
from vaelint.infer.events import Event, Named, Optimised
from vaelint.infer.journal import Journal, Recording, Remembered
from vaelint.infer.values import Class, Frame, Instance, Number, Quantity, Sequence
from vaelint.knowledge import load as knowledge
from vaelint.sense import Sense
from vaelint.source.file import load


class Run(NamedTuple):
    events: list[Event]
    followed: int  # bodies that were run
    replayed: int  # bodies that a summary stood for
    steps: int

    @property
    def optimised(self) -> list[tuple[Sense, ...]]:
        """The senses of what reaches an optimiser, term by term."""
        return [tuple(t.value_sense for t in e.quantity.terms) for e in self.events if isinstance(e, Optimised)]


@pytest.fixture
def infer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Run]:
    made: list[Interpreter] = []

    class Kept(Interpreter):
        def begin(self) -> None:
            if self not in made:
                made.append(self)
            super().begin()

    monkeypatch.setattr(run, "Interpreter", Kept)

    def of(text: str) -> Run:
        made.clear()
        events = run.infer(
            load(Path("m.py"), text="import torch\nimport torch.nn.functional as F\n\n\n" + text), knowledge(())
        ).events
        (it,) = made
        it.begin()  # charges the last entry point
        return Run(events, it.journal.followed, it.journal.replayed, FILE_STEPS - it._left)

    return of


LOSS = """\
def loss_of(x, y):
    loss = F.mse_loss(x, y)
    return loss


"""
STEP = "    loss.backward()\n    optimizer.step()\n"


# --- what is not followed again ------------------------------------------------------------------


def test_what_is_called_once_is_followed_once(infer: Callable[[str], Run]) -> None:
    assert infer(LOSS + f"def train(x, y, optimizer):\n    loss = loss_of(x, y)\n{STEP}").replayed == 0


def test_a_call_in_a_loop_is_followed_once(infer: Callable[[str], Run]) -> None:
    """Once alone, and once from the loop, which is gone through twice."""
    text = """\
def train(batches, x, y, optimizer):
    loss = 0.0
    for _ in batches:
        loss = loss + loss_of(x, y)
    loss.backward()
    optimizer.step()
"""
    found = infer(LOSS + text)
    assert (found.followed, found.replayed) == (3, 1)
    assert found.optimised


def test_each_of_thirty_functions_that_calls_the_next_one_twice_is_followed_a_few_times(
    infer: Callable[[str], Run],
) -> None:
    """2 to the power of 30 calls, and budgets that nobody needs."""

    def chain(levels: int) -> str:
        calls = (f"def loss{i}(x, y):\n    return loss{i + 1}(x, y) + loss{i + 1}(x, y)\n\n\n" for i in range(levels))
        return "".join(calls) + LOSS.replace("loss_of", f"loss{levels}")

    ten, twenty, thirty = (infer(chain(levels)).followed for levels in (10, 20, 30))
    assert twenty - ten < 1_000
    assert thirty < 3_000


def test_what_a_summary_stands_for_is_observed_where_it_is_called_from(infer: Callable[[str], Run]) -> None:
    text = """\
def inner_loss(x, y):
    loss = F.mse_loss(x, y)
    return loss


def outer_loss(x, y):
    return inner_loss(x, y)


def train(batches, x, y):
    loss = 0.0
    for _ in batches:
        loss = loss + outer_loss(x, y)
    loss = outer_loss(x, y)
    return loss
"""
    found = infer(text)
    assert found.replayed > 0
    routes = [e.context for e in found.events if isinstance(e, Named) and e.how == "variable" and len(e.context) == 3]
    assert len(routes) == 3  # twice from the loop, and once from behind it
    assert len(set(routes)) == 2
    assert len({route[0] for route in routes}) == 1


# --- what is -------------------------------------------------------------------------------------


def test_another_sense_of_an_argument_is_followed_again(infer: Callable[[str], Run]) -> None:
    text = """\
def scaled(value):
    return value * 2.0


def whole(value):
    return scaled(value)


def train(x, y, optimizer, optimizer2):
    for value in (F.mse_loss(x, y), -F.mse_loss(x, y)):
        loss = whole(value)
    up = whole(F.mse_loss(x, y))
    up.backward()
    optimizer.step()
    down = whole(-F.mse_loss(x, y))
    down.backward()
    optimizer2.step()
"""
    assert infer(text).optimised == [(Sense.COST,), (Sense.GAIN,)]


def test_an_attribute_that_was_set_in_between_is_asked_for_again(infer: Callable[[str], Run]) -> None:
    text = """\
class Model:
    def __init__(self):
        self.part = 0.0

    def current(self):
        return self.part

    def read(self):
        return self.current()

    def fit(self, x, y, optimizer):
        self.part = F.mse_loss(x, y)
        first = self.read()
        self.part = -F.mse_loss(x, y)
        second = self.read()
        first.backward()
        optimizer.step()
        second.backward()
        optimizer.step()
"""
    assert infer(text).optimised == [(Sense.COST,), (Sense.GAIN,)]


def test_an_attribute_that_is_set_by_the_call_is_set_by_each(infer: Callable[[str], Run]) -> None:
    text = """\
class Model:
    def __init__(self):
        self.part = 0.0

    def put(self, value):
        self.part = value

    def fit(self, x, y, optimizer):
        good, bad = F.mse_loss(x, y), -F.mse_loss(x, y)
        for value in (good, bad, good):
            self.put(value)
        self.put(bad)
        self.put(good)
        self.put(bad)
        loss = self.part
        loss.backward()
        optimizer.step()
"""
    assert infer(text).optimised == [(Sense.GAIN,)]


def test_what_is_backpropagated_by_a_call_is_by_each(infer: Callable[[str], Run]) -> None:
    text = """\
def back(value):
    value.backward()


def train(x, y, optimizer):
    loss = F.mse_loss(x, y)
    back(loss)
    optimizer.step()
    back(loss)
    optimizer.step()
"""
    found = infer(text)
    assert len([e for e in found.events if isinstance(e, Optimised) and e.via == "step"]) == 2


def test_a_variable_of_the_function_around_that_was_bound_again_is_read_again(infer: Callable[[str], Run]) -> None:
    text = """\
def outer(x, y, optimizer, optimizer2):
    value = F.mse_loss(x, y)

    def current():
        return value

    first = through(current)
    value = -F.mse_loss(x, y)
    second = through(current)
    first.backward()
    optimizer.step()
    second.backward()
    optimizer2.step()


def through(what):
    return called(what)


def called(what):
    return what()
"""
    assert infer(text).optimised == [(Sense.COST,), (Sense.GAIN,)]


def test_a_function_that_is_running_is_not_followed_inside_itself_by_a_summary_from_outside(
    infer: Callable[[str], Run],
) -> None:
    """Within `even`, `odd` does not come back to `even`; from elsewhere it does."""
    text = """\
def even(x, y):
    if x.ready():
        return F.mse_loss(x, y)
    return odd(x, y)


def odd(x, y):
    return even(x, y)


def train(x, y, optimizer):
    a = even(x, y)
    b = odd(x, y)
    b.backward()
    optimizer.step()
"""
    senses = infer(text).optimised
    assert senses and all(Sense.GAIN not in terms for terms in senses)
    assert senses == infer(text.replace("    a = even(x, y)\n", "")).optimised


@pytest.mark.parametrize("calls", [0, 3])
def test_what_was_not_followed_for_want_of_budget_is_by_who_has_more(calls: int) -> None:
    it = Interpreter(knowledge(()))
    found = summaries.Found(None, {}, {}, ())
    known = summaries.Summary(
        found, [], {}, {}, (), (), False, frozenset(), frozenset(), frozenset(), (), None, 1, None, budget=100
    )
    it.stack[:] = range(calls + 1)
    it.steps, it.floor = 1_000, 900
    assert summaries._Again(it).holds(known, found)
    it.floor = 899
    assert not summaries._Again(it).holds(known, found)


# --- whichever objects it is ---------------------------------------------------------------------

LAYER = """\
class Layer:
    def __init__(self, x, y):
        self.x = x
        self.part = F.mse_loss(x, y)

    def weighed(self):
        return self.current()

    def current(self):
        return self.part

    def again(self):
        return Layer(self.x, self.part)

    def negate(self):
        self.part = -self.part


def through(layer):
    return layer.weighed()


def made(layer):
    return layer.again()


def changed(layer):
    layer.negate()
    return layer


"""


def following(infer: Callable[[str], Run], body: str) -> Run:
    return infer(f"{LAYER}def train(x, y, optimizer):\n{indented(body)}")


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


def test_a_call_with_another_object_that_holds_the_same_is_not_followed_again(infer: Callable[[str], Run]) -> None:
    once = following(infer, "loss = through(Layer(x, y))")
    twice = following(infer, "for _ in y:\n    loss = through(Layer(x, y))\n    loss = through(Layer(x, y))")
    assert once.replayed == 0
    assert twice.replayed > 0


def test_a_call_with_an_object_that_holds_something_else_is(infer: Callable[[str], Run]) -> None:
    body = f"loss = through(Layer(x, y))\nother = through(Layer(y, x))\nother = -other\n{STEP[4:]}"
    assert following(infer, body.replace("    ", "")).optimised == [(Sense.COST,)]
    swapped = body.replace("loss.backward", "other.backward").replace("    ", "")
    assert following(infer, swapped).optimised == [(Sense.GAIN,)]


def test_what_objects_a_call_makes_are_made_again_and_are_others(infer: Callable[[str], Run]) -> None:
    """What is done to one of them leaves the other as it is."""
    body = """\
for _ in y:
    layer = Layer(x, y)
    one, other = made(layer), made(layer)
one.part = -F.mse_loss(x, y)
one.weighed().backward()
optimizer.step()
other.weighed().backward()
optimizer.step()
"""
    found = following(infer, body)
    assert found.replayed > 0
    assert found.optimised == [(Sense.GAIN,), (Sense.COST,)]


def test_what_a_call_does_to_an_object_is_done_to_the_one_that_is_passed_now(infer: Callable[[str], Run]) -> None:
    body = """\
one, two, three = Layer(x, y), Layer(x, y), Layer(x, y)
changed(one)
changed(two)
one.weighed().backward()
optimizer.step()
two.weighed().backward()
optimizer.step()
three.weighed().backward()
optimizer.step()
"""
    found = following(infer, body)
    assert found.replayed > 0
    assert found.optimised == [(Sense.GAIN,), (Sense.GAIN,), (Sense.COST,)]


def test_two_parameters_that_hold_one_object_are_not_two_that_hold_two(infer: Callable[[str], Run]) -> None:
    text = f"""\
{LAYER}def put(a, b, x, y):
    return put_in(a, b, x, y)


def put_in(a, b, x, y):
    a.part = -F.mse_loss(x, y)
    return b.part


def train(x, y, optimizer):
    a, b = Layer(x, y), Layer(x, y)
    first = put(a, b, x, y)
    a, b = Layer(x, y), Layer(x, y)
    second = put(a, a, x, y)
    first.backward()
    optimizer.step()
    second.backward()
    optimizer.step()
"""
    assert infer(text).optimised == [(Sense.COST,), (Sense.GAIN,)]


def test_an_object_of_the_module_stands_for_itself_alone(infer: Callable[[str], Run]) -> None:
    text = f"""\
{LAYER}SHARED = Layer(torch.ones(1), torch.zeros(1))


def read(layer, x, y):
    return read_in(layer, x, y)


def read_in(layer, x, y):
    layer.part = -F.mse_loss(x, y)
    return SHARED.part


def train(x, y, optimizer):
    own = Layer(torch.ones(1), torch.zeros(1))
    first = read(own, x, y)
    first.backward()
    optimizer.step()
    second = read(SHARED, x, y)
    second.backward()
    optimizer.step()
"""
    assert infer(text).optimised == [(Sense.COST,), (Sense.GAIN,)]


# --- what is noted -------------------------------------------------------------------------------


def journal() -> tuple[Journal, Recording]:
    noted = Journal()
    recording = Recording(Frame(None, "f"), 0, -1, -1)  # type: ignore[arg-type]
    noted.begin(recording)
    return noted, recording


def test_a_call_that_only_asks_holds() -> None:
    noted, recording = journal()
    known = {"a": 1}
    assert noted.asked(known.get, "a", known.get("a")) == 1
    noted.end()
    assert recording.holds
    assert recording.answers == {(known.get, "a"): 1}


def test_a_call_within_which_something_was_changed_does_not() -> None:
    noted, recording = journal()
    noted.changed()
    noted.end()
    assert not recording.holds


def test_what_a_call_inside_asks_the_one_around_it_asks() -> None:
    noted, outer = journal()
    noted.begin(Recording(Frame(None, "g"), 1, -1, -1))  # type: ignore[arg-type]
    noted.asked(len, "abc", 3)
    noted.wants(7)
    noted.end()
    noted.end()
    assert outer.answers == {(len, "abc"): 3}
    assert outer.wanted == {7}


def test_what_does_not_say_what_is_asked_of_it_counts_as_changed() -> None:
    class Silent:
        pass

    class Telling(Remembered):
        pass

    it = Interpreter(knowledge(()))
    for kind, holds in ((Telling, True), (Silent, False)):
        recording = Recording(Frame(None, "f"), 0, -1, -1)  # type: ignore[arg-type]
        it.journal.begin(recording)
        it.view.memory(kind)
        it.journal.end()
        assert recording.holds is holds


def test_values_are_the_same_only_with_what_does_not_make_them_unequal() -> None:
    one = Quantity(key=1)
    alike = Renaming().alike
    assert alike(one, Quantity(key=1))
    assert alike((one, Number(1.0)), (Quantity(key=1), Number(1.0)))
    assert not alike({"a": one, "b": one}, {"b": one, "a": one})
    assert not alike(Number(1.0), one)


def test_an_object_stands_for_one_other_everywhere() -> None:
    a, b, c = (Instance(Class(1, "Layer", None), oid) for oid in (1, 2, 3))  # type: ignore[arg-type]
    assert not Renaming().alike(Sequence((a, a)), Sequence((b, c)))
    assert not Renaming().alike(Sequence((a, b)), Sequence((c, c)))
    renaming = Renaming()
    assert renaming.alike(Sequence((a, a)), Sequence((b, b)))
    assert renaming.of(Sequence((a, c))) == Sequence((b, c))
    kept = Sequence((c,))
    assert renaming.of(kept) is kept
    assert not Renaming({1}).alike(a, b)


def test_what_is_done_aside_is_no_part_of_a_call_but_of_the_one_that_made_the_object() -> None:
    noted, outer = journal()
    noted.makes(5)
    inner = Recording(Frame(None, "g"), 1, -1, -1)  # type: ignore[arg-type]
    noted.begin(inner)
    with noted.aside(5):
        noted.wants(7)
        noted.changed()
    noted.end()
    assert (inner.wanted, inner.holds) == (set(), True)
    assert (outer.wanted, outer.holds) == ({7}, False)
