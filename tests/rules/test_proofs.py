"""What an entry's own proof shows on the real library; and that a wrong entry of every sort is found by its proof."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench import proofs, proved
from vaelint.knowledge import Library, load
from vaelint.knowledge.library import RuleError, read

PROVED = [library for library in load().libraries() if library.proofs]


@pytest.mark.parametrize("library", PROVED, ids=lambda library: library.name)
def test_the_library_does_what_its_entries_say(library: Library) -> None:
    if not proofs.installed(library):
        pytest.skip(f"{library.name} is not installed")
    found = proofs.outcomes(library)
    wrong = [f"{o.name}: {o.why}" for o in found if o.status in (proofs.REFUTED, proofs.BROKEN)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", PROVED, ids=lambda library: library.name)
def test_what_is_proved_says_on_which_release(library: Library) -> None:
    assert library.trials.packages


def test_the_page_of_libraries_is_current() -> None:
    assert proved.page(check=True) == 0, "python -m bench libraries writes it"


# --- a library of which everything is known ---

toy = ModuleType("toy")
exec(
    '''
class Loss:
    def __call__(self, prediction, target): return (prediction - target) ** 2
class Best:
    """Keeps the least of what it is told, or the greatest with mode="max"."""
    def __init__(self, mode="min"): self.mode, self.best = mode, None
    def step(self, value):
        if self.best is None or (value < self.best if self.mode == "min" else value > self.best): self.best = value
        return self
class Ascent:
    def __init__(self, up=True): self.sign = 1 if up else -1
def error(prediction, target): return abs(prediction - target)
def accuracy(prediction, target): return 1 - abs(prediction - target)
def rising(x): return 2 * x
def falling(x): return -2 * x
def least(f): return min(range(7), key=f)
def greatest(f): return max(range(7), key=f)
def stepped(f, down=False): return (least if down else greatest)(f)
''',
    toy.__dict__,
)

RIGHT = """
library = "toy"
roots = ["toy"]

[proof]
packages = ["toy==1.0"]

[[function]]
names = ["toy.error"]
sense = "cost"
proof = { better = "f(1.0, 1.1)", worse = "f(1.0, 3.0)" }

[[function]]
names = ["toy.accuracy"]
sense = "gain"
proof = { better = "f(1.0, 1.1)", worse = "f(1.0, 3.0)" }

[[function]]
names = ["toy.Loss"]
makes = "loss"
sense = "cost"
proof = { better = "call(1.0, 1.1)", worse = "call(1.0, 3.0)" }

[[function]]
names = ["toy.rising"]
params = ["x"]
passes = { x = "keep" }
proof = { low = "f(1.0)", high = "f(2.0)" }

[[function]]
names = ["toy.falling"]
params = ["x"]
passes = { x = "flip" }
proof = { low = "f(1.0)", high = "f(2.0)" }

[[function]]
names = ["toy.least"]
params = ["f"]
minimizes = "f"
proof = { run = "f(goal)" }

[[function]]
names = ["toy.greatest"]
params = ["f"]
needs = { f = "gain" }
proof = { run = "f(goal)" }

[[function]]
names = ["toy.stepped"]
params = ["f"]
makes = "optimizer"
direction = "maximize"
direction_flag = "down"
proof = { run = "f(goal, **options)" }

[[selector]]
names = ["toy.Best"]
mode = "mode"
minimize = ["min"]
maximize = ["max"]
default = "minimize"
takes = { step = 0 }
proof = { picks = "f(**options).step(2.0).step(1.0).step(3.0).best" }
"""


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "toy", toy)
    proofs.module.cache_clear()
    proofs.resolve.cache_clear()


def outcomes(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "toy.toml"
    path.write_text(text, encoding="utf-8")
    return {o.name.removeprefix("toy."): o.status for o in proofs.outcomes(read(path))}


def test_right_entries_are_proved(tmp_path: Path) -> None:
    assert set(outcomes(tmp_path, RIGHT).values()) == {proofs.PROVED}


MODES = 'minimize = ["min"]\nmaximize = ["max"]'
SWAPPED = 'minimize = ["max"]\nmaximize = ["min"]'
WRONG = {
    "a cost said to be a gain": ("error", 'sense = "cost"', 'sense = "gain"'),
    "a gain said to be a cost": ("accuracy", 'sense = "gain"', 'sense = "cost"'),
    "an object's loss said to be a gain": ("Loss", 'makes = "loss"\nsense = "cost"', 'makes = "loss"\nsense = "gain"'),
    "an increasing function said to turn round": ("rising", 'x = "keep"', 'x = "flip"'),
    "a decreasing function said to keep": ("falling", 'x = "flip"', 'x = "keep"'),
    "a minimiser said to maximise": ("least", "minimizes", "maximizes"),
    "a need that is the opposite": ("greatest", 'f = "gain"', 'f = "cost"'),
    "an optimiser that goes the other way": ("stepped", 'direction = "maximize"', 'direction = "minimize"'),
    "a flag that is none": ("stepped", 'direction_flag = "down"', 'direction_flag = "up"'),
    "a default that is the opposite": ("Best", 'default = "minimize"', 'default = "maximize"'),
    "modes the wrong way round": ("Best", MODES, SWAPPED),
    "a name that is not there": ("wrong", "toy.accuracy", "toy.wrong"),
    "a name of a version that has it, and has not": ("lost", '["toy.accuracy"]', '["toy.lost"]\nversions = ">=0.1"'),
    "a call that makes no difference": ("error", "f(1.0, 3.0)", "f(1.0, 1.1)"),
    "a proof that shows nothing": ("rising", '{ low = "f(1.0)", high = "f(2.0)" }', '{ setup = "pass" }'),
}  # fmt: skip


@pytest.mark.parametrize("planted", WRONG)
def test_a_wrong_entry_is_found(planted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy, "__version__", "1.0", raising=False)
    name, right, wrong = WRONG[planted]
    assert right in RIGHT
    found = outcomes(tmp_path, RIGHT.replace(right, wrong, 1))
    assert found.pop(name) in (proofs.REFUTED, proofs.BROKEN)
    assert set(found.values()) == {proofs.PROVED}, "the others are as before"


def test_what_other_versions_have_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy, "__version__", "1.0", raising=False)
    text = RIGHT.replace('["toy.accuracy"]', '["toy.lost"]\nversions = "<0.5"')
    assert outcomes(tmp_path, text)["lost"] == proofs.ABSENT


def test_what_says_why_it_is_not_proved_is_declared(tmp_path: Path) -> None:
    text = RIGHT.replace('proof = { better = "f(1.0, 1.1)", worse = "f(1.0, 3.0)" }', 'unproved = "needs a GPU"', 1)
    assert outcomes(tmp_path, text)["error"] == proofs.DECLARED


@pytest.mark.parametrize(
    "wrong",
    ['proof = { beter = "f(1)" }', 'proof = "nowhere"', "proof = 3", "versions = 3", "proof = { better = 1 }"],
)
def test_a_proof_that_cannot_be_meant_is_told(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "toy.toml"
    path.write_text(f'library = "toy"\nroots = ["toy"]\n[[function]]\nnames = ["toy.x"]\nsense = "cost"\n{wrong}\n')
    with pytest.raises(RuleError):
        read(path)


@pytest.mark.parametrize(
    "version, wanted, inside",
    [("1.2.3", ">=1,<2", True), ("2.0", ">=1,<2", False), ("0.9.7.post1", "==0.9.7", True), ("0.1", "<0.1", False)],
)
def test_ranges_of_versions(version: str, wanted: str, inside: bool) -> None:
    assert proofs.within(version, wanted) is inside


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        proofs.within("1.0", "recent")


def test_of_what_a_function_gives_the_first_counts() -> None:
    np: Any = pytest.importorskip("numpy")
    assert proofs.number((np.array([1.0, 3.0]), "more")) == 2
    assert proofs.number([np.array(4.0)]) == 4
