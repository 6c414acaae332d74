"""A setting of the project's own chooses between two comparisons: it is judged by the value that it has in a call."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config

pytestmark = pytest.mark.usefixtures("elsewhere")
HEAD = """\
import operator

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score

"""
BRANCHES = """\
class Stopper:
    def __init__(self, mode="min", patience=3):
        self.mode, self.patience, self.bad = mode, patience, 0
        self.best = float("inf") if mode == "min" else float("-inf")

    def step(self, value):
        if self.mode == "min":
            better = value < self.best
        else:
            better = value > self.best
        if better:
            self.best, self.bad = value, 0
        else:
            self.bad += 1
        return self.bad > self.patience

def train(model, loader, val):
    stop = Stopper({setting})
    for x, y in loader:
        if stop.step(F.cross_entropy(model(val[0]), val[1]).item()):
            break
"""
TABLE = """\
class Keeper:
    OPS = {{"smaller": operator.lt, "larger": operator.gt}}

    def __init__(self, which="smaller"):
        self.op = self.OPS[which]
        self.best = None

    def offer(self, score, state):
        if self.best is None or self.op(score, self.best):
            self.best = score
            self.state = state

def search(models, x, y):
    keeper = Keeper({setting})
    for m in models:
        keeper.offer(accuracy_score(y, m.predict(x)), m)
    return keeper.state
"""
METHOD = """\
class Best:
    def __init__(self, higher_is_better=True):
        self.higher_is_better = higher_is_better
        self.value = None

    def is_better(self, new, best):
        if self.higher_is_better:
            return new > best
        return new < best

    def update(self, new, model):
        if self.value is None or self.is_better(new, self.value):
            self.value = new
            self.best_state = model.state_dict()

def fit(model, data):
    best = Best({setting})
    for x, y in data:
        best.update(F.mse_loss(model(x), y).item(), model)
"""
FUNCTION = """\
def improved(value, best, maximize):
    return value > best if maximize else value < best

def select(candidates, x, y):
    best, chosen = None, None
    for c in candidates:
        accuracy = accuracy_score(y, c.predict(x))
        if best is None or improved(accuracy, best, {setting}):
            best, chosen = accuracy, c
    return chosen
"""
JOINED = """\
class Checkpoint:
    def __init__(self, metric):
        self.minimise = metric.endswith(("loss", "rmse"))
        self.best = np.inf if self.minimise else -np.inf

    def save_if_better(self, value, model):
        if (self.minimise and value < self.best) or (not self.minimise and value > self.best):
            self.best = value
            model.save("best")

def run(model, data):
    keep = Checkpoint({setting})
    for x, y in data:
        keep.save_if_better((model(x).argmax(-1) == y).float().mean().item(), model)
"""
LAMBDAS = """\
class Monitor:
    def __init__(self, sense):
        self.is_improvement = {{"down": lambda a, best: a < best, "up": lambda a, best: a > best}}[sense]
        self.best_score = {{"down": np.inf, "up": -np.inf}}[sense]

    def __call__(self, value):
        if self.is_improvement(value, self.best_score):
            self.best_score = value
            return True
        return False

def run(model, data):
    monitor = Monitor({setting})
    for x, y in data:
        if monitor(F.nll_loss(model(x), y).item()):
            model.save("best")
"""
SIGN = """\
class Tracker:
    def __init__(self, direction="minimize"):
        self._sign = 1.0 if direction == "minimize" else -1.0
        self.best = np.inf

    def report(self, value):
        v = self._sign * value
        if v < self.best:
            self.best = v
            return True
        return False

def run(model, data):
    tracker = Tracker({setting})
    for x, y in data:
        if tracker.report(F.l1_loss(model(x), y).item()):
            model.save("best")
"""
START = """\
class EarlyStop:
    def __init__(self, mode="min"):
        self.monitor_op = np.less if mode == "min" else np.greater
        self.best = {setting}

    def check(self, current):
        if self.monitor_op(current, self.best):
            self.best = current
            return False
        return True

def run(model, data):
    stop = EarlyStop("min")
    for x, y in data:
        if stop.check(F.l1_loss(model(x), y).item()):
            break
"""


def found(text: str, setting: str) -> list[tuple[str, str]]:
    """The codes of the findings, each with the row that it stands in."""
    code = HEAD + text.format(setting=setting)
    rows = code.splitlines()
    return [(f.code, rows[f.location.row - 1]) for f in analyse([], Config(), stdin=("m.py", code)).findings]


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (BRANCHES, '"min"', '"max"'),
        (BRANCHES, "", 'mode="max"'),
        (TABLE, '"larger"', '"smaller"'),
        (TABLE, 'which="larger"', ""),
        (METHOD, "False", "True"),
        (METHOD, "higher_is_better=False", ""),
        (FUNCTION, "maximize=True", "maximize=False"),
        (JOINED, '"val_acc"', '"val_loss"'),
        (LAMBDAS, '"down"', '"up"'),
        (SIGN, 'direction="minimize"', 'direction="maximize"'),
        (SIGN, "", '"maximize"'),
    ],
)
def test_a_setting_is_told_where_it_is_written_if_it_keeps_the_worse_of_two(text: str, right: str, wrong: str) -> None:
    assert found(text, right) == []
    (code, row), *others = found(text, wrong)
    assert code == "VL501" and not others
    assert f"({wrong})" in row or f", {wrong})" in row or "self.minimise" in row


def test_nothing_is_told_where_nobody_says_what_a_setting_is() -> None:
    for text in (BRANCHES, TABLE, METHOD, JOINED, LAMBDAS, SIGN):
        assert found(text, "*settings") == []


def test_a_start_is_told_where_it_is_written_if_it_fits_neither_value_of_the_setting() -> None:
    assert found(START, "np.inf if mode == 'min' else -np.inf") == []
    assert found(START, "np.inf") == []
    assert found(START, "-np.inf") == [("VL502", "        self.best = -np.inf")]


NAMED = """\
class EarlyStopping:
    def __init__(self, monitor, mode="min", patience=3):
        self.monitor, self.mode, self.patience = monitor, mode, patience
        self.best, self.wait = None, 0

    def on_epoch_end(self, trainer, logs):
        current = logs[self.monitor]
        if self.best is None:
            self.best = current
        elif (self.mode == "min" and current < self.best) or (self.mode == "max" and current > self.best):
            self.best, self.wait = current, 0
        else:
            self.wait += 1
            trainer.stop = self.wait >= self.patience

def build(trainer):
    trainer.callbacks.append(EarlyStopping({setting}))
"""
PICKED = """\
class Stopper:
    def __init__(self, entry, patience=1, criterion="min"):
        self.entry, self.patience, self.criterion = entry, patience, criterion

    def __call__(self, epoch, logs):
        values = logs[self.entry]
        best = np.argmin(values) if self.criterion == "min" else np.argmax(values)
        if len(values) > best + self.patience:
            raise StopIteration

def build(trainer):
    trainer.add_hook(Stopper({setting}))
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (NAMED, '"val_loss"', '"val_acc"'),
        (NAMED, '"val_acc", "max"', '"val_acc"'),
        (NAMED, '"val_loss", mode="min"', '"val_loss", mode="max"'),
        (PICKED, '"accuracy", criterion="max"', '"accuracy"'),
        (PICKED, '"rmse"', '"rmse", criterion="max"'),
    ],
)
def test_what_is_looked_up_under_a_name_is_the_metric_of_that_name(text: str, right: str, wrong: str) -> None:
    assert found(text, right) == []
    assert [code for code, _ in found(text, wrong)] == ["VL501"]
    assert found(text, wrong.split(",")[0] + ", **trainer.options") == []


TABLED = """\
def pick(metric):
    {setting}
"""


@pytest.mark.parametrize(
    ("setting", "right", "wrong"),
    [
        ('mode = "max" if metric in ("acc", "f1", "NAME") else "min"', "auc", "rmse"),
        ('op = np.less if metric in ["mse", "mae", "NAME"] else np.greater', "wer", "bleu"),
        ('best = np.inf if metric.endswith(("loss", "mae", "NAME")) else -np.inf', "rmse", "acc"),
        ('lower_is_better = metric in {"loss", "mae", "NAME"}', "wer", "iou"),
    ],
)
def test_a_list_of_names_that_chooses_a_direction_is_a_table_of_metrics(setting: str, right: str, wrong: str) -> None:
    assert found(TABLED, setting.replace("NAME", right)) == []
    assert [code for code, _ in found(TABLED, setting.replace("NAME", wrong))] == ["VL501"]


def test_a_list_of_names_that_chooses_no_direction_is_no_such_table() -> None:
    assert found(TABLED, 'shown = metric in ["loss", "mae", "r2"]') == []
